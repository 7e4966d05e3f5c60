"""A stopped system's state as one file, and back."""

import tarfile
from pathlib import Path

import pytest

from ratchet.cli import main
from ratchet.local.state import StateDirectory


@pytest.fixture
def state(tmp_path: Path) -> StateDirectory:
    state = StateDirectory(tmp_path / "state")
    state.create(needed_bytes=0)
    (state.registry / "policy/000001").mkdir(parents=True)
    (state.registry / "policy/000001/model.safetensors").write_bytes(b"weights")
    (state.kafka / "log").mkdir()
    (state.kafka / "log/00000.log").write_bytes(b"records")
    (state.learner / "state.json").write_text("{}")
    (state.logs / "judge.log").write_text("noise")
    state.overrides.write_text("[judge]\nport = 1\n")
    return state


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != "lock" and path.parent.name != "logs"
    }


def test_what_is_restored_is_what_was_kept(state: StateDirectory, tmp_path: Path) -> None:
    file, copy = tmp_path / "backup.tar", tmp_path / "copy"
    assert main(["backup", "--state", str(state.root), str(file)]) == 0
    assert main(["restore", "--state", str(copy), str(file)]) == 0
    assert files(copy) == files(state.root)
    assert not (copy / "logs").exists()


def test_a_running_system_is_not_packed(
    state: StateDirectory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with state.locked():
        assert main(["backup", "--state", str(state.root), str(tmp_path / "b.tar")]) == 2
    assert "is running there already" in capsys.readouterr().err
    assert not (tmp_path / "b.tar").exists()


def test_nothing_is_overwritten(
    state: StateDirectory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.tar"
    assert main(["backup", "--state", str(state.root), str(file)]) == 0
    before = file.read_bytes()
    assert main(["backup", "--state", str(state.root), str(file)]) == 2
    assert file.read_bytes() == before
    assert main(["restore", "--state", str(state.root), str(file)]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_another_archive_and_one_that_escapes_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, escaping = tmp_path / "other.tar", tmp_path / "escaping.tar"
    with tarfile.open(other, "w") as archive:
        archive.addfile(tarfile.TarInfo("holiday.jpg"))
    with tarfile.open(escaping, "w") as archive:
        archive.addfile(tarfile.TarInfo("ratchet-backup"))
        archive.addfile(tarfile.TarInfo("../outside"))
    assert main(["restore", "--state", str(tmp_path / "a"), str(other)]) == 2
    assert "is no backup of ratchet's" in capsys.readouterr().err
    assert main(["restore", "--state", str(tmp_path / "b"), str(escaping)]) == 2
    assert "cannot be unpacked" in capsys.readouterr().err
    assert not (tmp_path / "outside").exists()
