"""The judge versions that can be asked for: the served one and the one before."""

from collections.abc import Callable
from dataclasses import dataclass

from ratchet.process.errors import FieldNotFound, Unavailable
from ratchet.reward.heads import Heads


@dataclass(frozen=True, eq=False)
class JudgeVersion:
    """A loaded version. Work in the queue holds on to the one that it was admitted with."""

    number: int
    heads: Heads


class Versions:
    """Which version answers. `serve` may be called from any thread: it swaps one reference."""

    def __init__(self, standard_known: Callable[[str], bool]) -> None:
        self._standard_known = standard_known
        self._loaded: tuple[JudgeVersion, ...] = ()

    @property
    def serving(self) -> JudgeVersion | None:
        """The version in force; None before any was proven."""
        loaded = self._loaded
        return loaded[0] if loaded else None

    def serve(self, version: JudgeVersion) -> None:
        """Puts a version in force; the one before it can still be asked for by its number."""
        self._loaded = (version, *self._loaded[:1])

    def find(self, standard_id: str, number: int) -> JudgeVersion:
        """The version for a request; an empty id and 0 mean whatever is in force.

        Raises FieldNotFound for a standard or version unknown here, Unavailable where no judge has
        been proven yet.
        """
        loaded = self._loaded
        judged = any(version.heads.standard_id == standard_id for version in loaded)
        if standard_id and not judged and not self._standard_known(standard_id):
            raise FieldNotFound("standard_id", f"no standard {standard_id!r}")
        if number and all(version.number != number for version in loaded):
            numbers = ", ".join(str(version.number) for version in loaded) or "none"
            raise FieldNotFound("judge_version", f"version {number} is not loaded (are: {numbers})")
        for version in loaded:
            if number in (0, version.number) and standard_id in ("", version.heads.standard_id):
                return version
        raise Unavailable(f"no judge has been proven yet for {standard_id or 'any standard'}")
