"""The run's raw lines as the messages that they were."""

from dataclasses import dataclass
from typing import Any, TypeVar

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from ratchet.demo.run_folder import RunFolder
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import Preference
from ratchet.v1.prompt_pb2 import PURPOSE_TRAIN
from ratchet.v1.weights_pb2 import (
    ROLE_POLICY,
    GetProgressResponse,
    Manifest,
    Pointer,
    Role,
    WeightsRecord,
)

M = TypeVar("M", bound=Message)


@dataclass(frozen=True)
class Records:
    """What the report is made from."""

    events: dict[str, float]
    """Event -> Unix time, seconds"""
    progress: list[tuple[float, GetProgressResponse]]
    groups: list[JudgedGroup]
    preferences: list[Preference]
    manifests: list[Manifest]
    """As announced, in order: a version comes again with each change of its status."""
    pointers: list[Pointer]
    traffic: list[dict[str, Any]]
    metrics: list[dict[str, Any]]

    @property
    def training_groups(self) -> list[JudgedGroup]:
        """Judged groups that the policy could learn from."""
        return [
            judged
            for judged in self.groups
            if judged.judge_version and judged.group.prompt.purpose == PURPOSE_TRAIN
        ]

    def served(self, role: Role) -> list[int]:
        """Versions that were served, in order."""
        return list(dict.fromkeys(p.version for p in self.pointers if p.role == role))

    def status(self, version: int) -> Manifest:
        """What was said last of a policy version."""
        return [m for m in self.manifests if (m.role, m.version) == (ROLE_POLICY, version)][-1]

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that have these labels."""
        return sum(
            row["value"]
            for row in self.metrics
            if row["name"] == name and labels.items() <= row["labels"].items()
        )


def read_records(folder: RunFolder) -> Records:
    """Reads a run's folder."""
    weights = [_parse(row["value"], WeightsRecord()) for row in folder.read("weights")]
    return Records(
        events={row["event"]: row["at"] for row in folder.read("events")},
        progress=[
            (row.pop("at"), _parse(row, GetProgressResponse())) for row in folder.read("progress")
        ],
        groups=[_parse(row["value"], JudgedGroup()) for row in folder.read("judgements")],
        preferences=[_parse(row["value"], Preference()) for row in folder.read("preferences")],
        manifests=[record.manifest for record in weights if record.HasField("manifest")],
        pointers=[record.pointer for record in weights if record.HasField("pointer")],
        traffic=list(folder.read("traffic")),
        metrics=list(folder.read("metrics")),
    )


def _parse(row: dict[str, Any], message: M) -> M:
    return ParseDict(row, message)
