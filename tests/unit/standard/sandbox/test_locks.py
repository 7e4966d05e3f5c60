"""Each lock alone, for together one hides what the other lets through."""

import subprocess
import sys
from pathlib import Path

import pytest

import ratchet

ROOT = Path(ratchet.__file__).parents[1]
BEGIN = "import ctypes, os; ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)\n"
SECCOMP = (
    "from ratchet.standard.sandbox.seccomp import only_allowed_calls as lock\nimport sys\nlock()\n"
)
LANDLOCK = "from ratchet.standard.sandbox.landlock import only_read_beneath as lock\nlock([{!r}])\n"
END = "\nexcept PermissionError: print('refused')\nelse: print('done')"


def tried(lock: str, attempt: str) -> str:
    code = f"{BEGIN}{lock}try: {attempt}{END}"
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.append({str(ROOT)!r})\n{code}",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("flags", ["O_WRONLY", "O_RDWR", "O_RDONLY | os.O_TRUNC", "O_CREAT"])
def test_seccomp_opens_files_for_reading_alone(flags: str, tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("kept")
    assert tried(SECCOMP, f"os.open({str(file)!r}, os.{flags})") == "refused"
    assert tried(SECCOMP, f"os.open({str(file)!r}, os.O_RDONLY)") == "done"
    assert file.read_text() == "kept"


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        ("open('{0}/inside/a').read()", "done"),
        ("os.listdir('{0}/inside')", "done"),
        ("open('{0}/a').read()", "refused"),
        ("open('{0}/inside/../a').read()", "refused"),
        ("open('{0}/inside/link').read()", "refused"),
        ("open('{0}/inside/a', 'w')", "refused"),
        ("open('{0}/inside/new', 'w')", "refused"),
        ("os.unlink('{0}/inside/a')", "refused"),
        ("os.rename('{0}/inside/a', '{0}/inside/b')", "refused"),
        ("os.mkdir('{0}/inside/new')", "refused"),
        ("os.truncate('{0}/inside/a', 0)", "refused"),
    ],
)
def test_landlock_shows_one_folder_and_changes_nothing(
    attempt: str, outcome: str, tmp_path: Path
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    for file in (tmp_path / "a", inside / "a"):
        file.write_text("kept")
    (inside / "link").symlink_to(tmp_path / "a")
    assert tried(LANDLOCK.format(str(inside)), attempt.format(tmp_path)) == outcome
    assert (inside / "a").read_text() == "kept"
