import subprocess
import sys
from pathlib import Path

import pytest

from ratchet.cli import main
from ratchet.process.keys_file import read_keys_file
from ratchet.process.tenant_book import TenantBook


def made(file: Path, tenant: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["key", str(file), "--tenant", tenant]) == 0
    return capsys.readouterr().out.strip()


def test_a_new_key_is_let_in_and_is_nowhere_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys.toml"
    acme, other, second = (made(file, name, capsys) for name in ("acme", "b-2", "acme"))
    book = TenantBook(file)
    for key, name in ((acme, "acme"), (other, "b-2"), (second, "acme")):
        assert key.startswith(f"rk_{name}_")
        assert len(key) >= len(f"rk_{name}_") + 43  # 256 random bits
        found = book.find(key)
        assert found is not None and found.name == name
        assert key not in file.read_text()
        assert key.rpartition("_")[2] not in file.read_text()
    assert len({acme, other, second}) == 3


def test_what_is_in_the_file_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "keys.toml"
    before = "# ours\n[tenants.acme]  # no newline at the end\nqueue_share = 0.25"
    file.write_text(before)
    made(file, "acme", capsys)
    assert file.read_text().startswith(before + "\n")
    assert read_keys_file(file).tenants["acme"].queue_share == 0.25


def test_a_role_is_that_of_the_tenants_people_and_is_not_changed_by_a_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "keys.toml"
    made(file, "crew", capsys)
    assert main(["key", str(file), "--tenant", "owner", "--role", "operator"]) == 0
    assert main(["key", str(file), "--tenant", "owner"]) == 0
    tenants = read_keys_file(file).tenants
    assert (tenants["crew"].role, tenants["owner"].role) == ("labeler", "operator")
    before = file.read_text()
    capsys.readouterr()
    assert main(["key", str(file), "--tenant", "crew", "--role", "operator"]) == 2
    assert "--role: crew has the role labeler in" in capsys.readouterr().err
    assert file.read_text() == before


@pytest.mark.parametrize("name", ["", "A", "a_b", "a b", "a.b", '"', "-a", "a\n"])
def test_a_name_that_would_break_the_key_or_the_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / "keys.toml"
    assert main(["key", str(file), f"--tenant={name}"]) == 2
    assert "--tenant" in capsys.readouterr().err
    assert not file.exists()


def test_a_file_of_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "judge.toml"
    file.write_text("port = 1\n")
    assert main(["key", str(file), "--tenant", "acme"]) == 2
    assert "judge.toml: port: unknown setting" in capsys.readouterr().err
    assert file.read_text() == "port = 1\n"


def test_the_command_starts_without_what_is_heavy() -> None:
    code = "import sys, ratchet.local.key_command; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
