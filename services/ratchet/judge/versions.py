"""The judge versions that can be asked for: the served one and the one before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ratchet.process.errors import FieldNotFound, Unavailable
from ratchet.reward.heads import Heads


class Version(Protocol):
    """What is asked of a loaded version, whatever stands behind it."""

    @property
    def number(self) -> int:
        """As the registry counts."""
        ...

    @property
    def standard_id(self) -> str:
        """The standard that it learned; empty where it knows of none."""
        ...

    @property
    def standard_version(self) -> int:
        """Version of that standard, 0 likewise."""
        ...


V = TypeVar("V", bound=Version)


@dataclass(frozen=True, eq=False)
class JudgeVersion:
    """A loaded version of the loop's own judge.

    Work in the queue holds on to the one that it was admitted with.
    """

    number: int
    heads: Heads

    @property
    def standard_id(self) -> str:
        """The standard that the heads were marked by."""
        return self.heads.standard_id

    @property
    def standard_version(self) -> int:
        """Version of that standard."""
        return self.heads.standard_version


class Versions(Generic[V]):
    """Which version answers. `serve` may be called from any thread: it swaps one reference."""

    def __init__(self, standard_known: Callable[[str], bool]) -> None:
        self._standard_known = standard_known
        self._loaded: tuple[V, ...] = ()

    @property
    def serving(self) -> V | None:
        """The version in force; None before any was proven."""
        loaded = self._loaded
        return loaded[0] if loaded else None

    def serve(self, version: V) -> None:
        """Puts a version in force; the one before it can still be asked for by its number."""
        self._loaded = (version, *self._loaded[:1])

    @property
    def loaded(self) -> tuple[V, ...]:
        """All that can be asked for, the one in force first."""
        return self._loaded

    def find(self, standard_id: str, number: int) -> V:
        """The version for a request; an empty id and 0 mean whatever is in force.

        Raises FieldNotFound for a standard or version unknown here, Unavailable where no judge has
        been proven yet.
        """
        loaded = self._loaded
        judged = any(version.standard_id == standard_id for version in loaded)
        if standard_id and not judged and not self._standard_known(standard_id):
            raise FieldNotFound("standard_id", f"no standard {standard_id!r}")
        if number and all(version.number != number for version in loaded):
            numbers = ", ".join(str(version.number) for version in loaded) or "none"
            raise FieldNotFound("judge_version", f"no version {number} (are: {numbers})")
        for version in loaded:
            if number in (0, version.number) and standard_id in ("", version.standard_id):
                return version
        raise Unavailable(f"no judge has been proven yet for {standard_id or 'any standard'}")
