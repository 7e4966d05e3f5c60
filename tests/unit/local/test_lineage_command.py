"""`ratchet lineage` on a registry's files."""

from pathlib import Path

import pytest
from tests.unit.weights.ancestors import judge, policy

from ratchet.cli import main
from ratchet.local.state import StateDirectory
from ratchet.v1.weights_pb2 import VERSION_STATUS_CANDIDATE, Manifest
from ratchet.weights.registry import Registry


def publish(registry: Registry, manifest: Manifest) -> None:
    staged = registry.stage(manifest.role)
    (staged / "file").write_text(f"{manifest.version}")
    registry.publish(staged, manifest)


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    state = StateDirectory(tmp_path)
    state.create(needed_bytes=0)
    registry = Registry(state.registry)
    candidate = judge(3)
    candidate.status = VERSION_STATUS_CANDIDATE
    for manifest in (
        policy(1, updates=0),
        judge(1, helper=(1, 80)),
        policy(2, parent=1, updates=1, judge_version=1),
        judge(2, helper=(2, 120)),
        candidate,
    ):
        publish(registry, manifest)
    # What was pruned is named all the same.
    registry.prune(candidate.role, {2, 3})
    return state


def test_the_newest_proven_judge_is_drawn_down_to_people(
    state: StateDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lineage", "--state", str(state.root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.lstrip(" └─") for line in lines] == [
        "level 2: judge 2",
        "people helped by the helper on policy 2, which was fitted on 120 marked answers",
        "policy 2, trained by the scores of judge 1",
        "level 1: judge 1",
        "people helped by the helper on policy 1, which was fitted on 80 marked answers",
        "policy 1, untrained",
        "people alone",
    ]
    depths = [len(line) - len(line.lstrip(" └─")) for line in lines]
    assert depths == sorted(set(depths)), "each stands one deeper than the one before"


def test_a_judge_of_people_alone(state: StateDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lineage", "--state", str(state.root), "3"]) == 0
    assert capsys.readouterr().out.splitlines() == ["level 0: judge 3", "└── people alone"]


def test_a_judge_that_never_was(state: StateDirectory, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lineage", "--state", str(state.root), "9"]) == 2
    assert "there is no judge version 9" in capsys.readouterr().err
