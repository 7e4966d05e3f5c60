"""What can be asked of a judge."""

from dataclasses import dataclass
from typing import Self

from ratchet.v1 import judge_service_pb2 as pb


@dataclass(frozen=True, slots=True)
class JudgeInfo:
    """A judge that a call can name."""

    name: str
    kind: str
    """Such as "learned", "model", "program", "panel" or "prompted"."""
    versions: tuple[int, ...]
    """The serving one first; none for a judge without versions."""
    standard_id: str
    standard_version: int
    context_tokens: int
    """Longest prompt with its completion, in tokens; 0: no limit in tokens."""
    outputs: tuple[str, ...]
    """What `Score.outputs` holds, in order."""
    takes_token_ids: bool
    writes_critiques: bool

    @classmethod
    def of(cls, info: pb.JudgeInfo) -> Self:
        """The judge as it was listed."""
        return cls(
            name=info.name,
            kind=info.kind,
            versions=tuple(info.versions),
            standard_id=info.standard_id,
            standard_version=info.standard_version,
            context_tokens=info.context_tokens,
            outputs=tuple(info.outputs),
            takes_token_ids=info.takes_token_ids,
            writes_critiques=info.writes_critiques,
        )
