"""`ratchet weights` on a registry's files."""

from pathlib import Path

import pytest
from tests.unit.weights.versions import publish

from ratchet.cli import main
from ratchet.local.state import StateDirectory
from ratchet.v1.weights_pb2 import GateFigure, GateReport, VersionStatus
from ratchet.weights.registry import Registry


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    """Two policy versions; the second was tested."""
    state = StateDirectory(tmp_path)
    state.create(needed_bytes=0)
    registry = Registry(state.registry)
    publish(registry, 1)
    tested = publish(registry, 2)
    tested.status = VersionStatus.VERSION_STATUS_REJECTED
    figure = GateFigure(name="kl", value=2.5, threshold=1.5)
    tested.gate_report.CopyFrom(GateReport(reason="too far away", figures=[figure]))
    registry.record_status(tested)
    return state


def test_a_version_is_shown_with_its_gate_report_and_digests(
    state: StateDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "show", "--state", str(state.root), "policy", "2"]) == 0
    told = capsys.readouterr().out
    for expected in ("rejected", "too far away", "kl", "2.5000", "1.5000", "model.safetensors"):
        assert expected in told


def test_a_damaged_version_is_found(
    state: StateDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "verify", "--state", str(state.root)]) == 0
    weights = state.registry / "policy/000002/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    assert main(["weights", "verify", "--state", str(state.root)]) == 1
    told = capsys.readouterr().out
    assert "policy 1: sound" in told
    assert "policy 2: model.safetensors" in told
    assert main(["weights", "verify", "--state", str(state.root), "policy", "1"]) == 0


def test_a_version_that_was_never_published(
    state: StateDirectory, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "show", "--state", str(state.root), "judge", "4"]) == 2
    assert "there is no judge version 4" in capsys.readouterr().err
