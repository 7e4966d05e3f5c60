"""Settings of the judges that requests can name: the tables `[judges.NAME]`."""

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from ratchet.process.config import Settings
from ratchet.standard.checks.any_check import AnyCheck, check_of
from ratchet.standard.standard_file import parse_standard, standard_text

SERVING = "serving"
"""Name of the loop's own judge, which answers where a request names none."""

CANDIDATE = "candidate"
"""Name of its newest version that is not in force yet, where one waits to be proven."""

RESERVED = (SERVING, CANDIDATE)
_NAME = re.compile(r"[a-z0-9_-]+")
_Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=64)]
_Weight = Annotated[float, Field(gt=0, allow_inf_nan=False)]

EngineName = Literal["torch", "vllm"]


class WeightedCheck(Settings):
    """A check and its share in the score."""

    id: _Id
    """name of the criterion in the judgement"""
    weight: _Weight = 1.0
    """relative to the other checks"""
    check: AnyCheck
    """what is asked of the answer"""


class ProgramSettings(Settings):
    """A judge of checks, without a model."""

    kind: Literal["program"]
    checks: tuple[WeightedCheck, ...] = ()
    """each with an id of its own"""
    standard: str | None = None
    """in place of checks: a standard's file, or the name of one that `ratchet standard list` has"""

    @model_validator(mode="after")
    def _either(self) -> Self:
        if bool(self.checks) == (self.standard is not None):
            raise ValueError("needs either checks or a standard")
        _check_distinct("checks", [check.id for check in self.checks])
        return self

    def weighted_checks(self) -> tuple[WeightedCheck, ...]:
        """Its checks, or those of the standard's criteria that have one.

        Raises:
            ValueError, OSError: the standard cannot be read, or is wrong, or has no check.
        """
        if self.standard is None:
            return self.checks
        try:
            standard = parse_standard(standard_text(self.standard))
        except ValueError as error:
            raise ValueError(f"standard {self.standard}: {error}") from None
        found = tuple(
            WeightedCheck(id=each.criterion_id, weight=each.weight, check=check_of(each.check))
            for each in standard.criteria
            if each.HasField("check")
        )
        if not found:
            raise ValueError(f"standard {self.standard}: no criterion has a check")
        return found


class Member(Settings):
    """A judge of a panel."""

    judge: str
    """its name, or serving for the loop's own"""
    weight: _Weight = 1.0
    """in the sum; an exponent in the product; the minimum ignores it"""


class PanelSettings(Settings):
    """A judge of other judges."""

    kind: Literal["panel"]
    members: tuple[Member, ...] = Field(min_length=1)
    """judges, each named once"""
    combine: Literal["sum", "minimum", "product"] = "sum"
    """weighted mean, lowest, or weighted geometric mean of the members' scores"""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _check_distinct("members", [member.judge for member in self.members])
        return self


class PromptedCriterion(Settings):
    """What a critique gives a verdict on."""

    id: _Id
    """name of the criterion in the critique"""
    sentence: str = Field(min_length=1)
    """what is asked of every answer"""


class PromptedSettings(Settings):
    """A judge that asks a model behind an OpenAI-compatible endpoint."""

    kind: Literal["prompted"]
    base_url: str = Field(pattern=r"^https?://")
    """such as http://127.0.0.1:8000/v1"""
    model: str = Field(min_length=1)
    """as the endpoint names it"""
    api_key_env: str | None = None
    """environment variable that holds the key; unset: no key is sent"""
    rubric: str = Field(min_length=1)
    """what a good answer is, in sentences"""
    criteria: tuple[PromptedCriterion, ...] = ()
    """what Critique gives verdicts on"""
    critique_tokens: PositiveInt = 1024
    """at most, of a critique"""
    scale: int = Field(default=5, ge=2, le=9)
    """grades from 1 to this; each is one token"""
    min_mass: float = Field(default=0.5, gt=0, le=1)
    """least probability of all grades together, below which there is no score"""
    timeout_seconds: PositiveFloat = 30.0
    """of one request to the endpoint"""
    concurrency: PositiveInt = 8
    """requests to the endpoint at a time"""
    retries: NonNegativeInt = 2
    """further tries after a 429 or 503"""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        _check_distinct("criteria", [criterion.id for criterion in self.criteria])
        return self


class ModelSettings(Settings):
    """A judge that is a reward model of its own."""

    kind: Literal["model"]
    folder: Path
    """in Hugging Face layout, with a chat template"""
    output: NonNegativeInt = 0
    """label that is the score"""
    engine: EngineName = "torch"
    """what computes: our own, or vLLM in a process of its own, which takes decoders alone; `ratchet
    judge tune` measures which is faster"""
    compiled: bool = True
    """let the engine compile the layers, on the CPU where there is a C++ compiler: half a minute at
    the first start, two with vllm"""
    prefix_cache_tokens: NonNegativeInt = 8192
    """with torch on the CPU, prompts' tokens whose keys and values are kept, the second time they
    come, for prompts that come again or begin the same; of SmolLM2-135M in float32 46 KB each,
    taken as they are used; 0: none"""
    cuda_graph_tokens: NonNegativeInt = 16384
    """with torch on CUDA, batches of up to so many tokens are one launch each; 0: none"""
    kv_cache_gib: PositiveFloat = 2.0
    """with vllm, memory for keys and values"""


AnyJudgeSettings = Annotated[
    ProgramSettings | PanelSettings | PromptedSettings | ModelSettings,
    Field(discriminator="kind"),
]


def members_first(table: dict[str, AnyJudgeSettings]) -> list[str]:
    """The names in an order in which a panel follows its members.

    Raises:
        ValueError: a panel names an unknown judge, or panels name each other in a circle.
    """
    waiting = dict(table)
    ordered: list[str] = []
    built = {SERVING}
    while waiting:
        ready = [name for name, found in waiting.items() if members(found) <= built]
        if not ready:
            raise ValueError(f"panels name each other in a circle: {', '.join(waiting)}")
        for name in ready:
            del waiting[name]
        ordered += ready
        built.update(ready)
    return ordered


def members(settings: AnyJudgeSettings) -> set[str]:
    """Names of the judges that a panel asks; none for any other."""
    if not isinstance(settings, PanelSettings):
        return set()
    return {member.judge for member in settings.members}


def _checked(table: dict[str, AnyJudgeSettings]) -> dict[str, AnyJudgeSettings]:
    for name, settings in table.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name}: lowercase letters, digits, - and _ make a name")
        if name in RESERVED:
            raise ValueError(f"{name}: is a reserved name")
        if unknown := members(settings) - {SERVING, *table}:
            raise ValueError(f"{name}.members: there is no judge {', '.join(sorted(unknown))}")
    members_first(table)
    return table


def _check_distinct(field: str, names: list[str]) -> None:
    if len(set(names)) < len(names):
        raise ValueError(f"{field}: a name is used twice")


JudgeTable = Annotated[dict[str, AnyJudgeSettings], AfterValidator(_checked)]
