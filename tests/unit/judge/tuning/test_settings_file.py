"""One key of a file changes."""

import tomllib
from pathlib import Path

import pytest

from ratchet.judge.judges.settings import EngineName
from ratchet.judge.tuning.settings_file import write_engine

COMMENTED = """\
# the judge
rollouts = false  # no Kafka

[judges.mine]  # ours
kind = "model"
folder = "models/mine"   # from March

# the short ones
[judges.short]
kind = "program"
checks = [
    { id = "short", check = { kind = "max_words", words = 60 } },  # words
]
"""


def written(folder: Path, text: str, engine: EngineName) -> str:
    file = folder / "judge.toml"
    file.write_bytes(text.encode())
    write_engine(file, "mine", engine)
    return file.read_bytes().decode()


def test_a_new_key_stands_at_the_end_of_its_table_and_all_else_stays(tmp_path: Path) -> None:
    line = 'folder = "models/mine"   # from March\n'
    expected = COMMENTED.replace(line, f'{line}engine = "vllm"\n')
    assert written(tmp_path, COMMENTED, "vllm") == expected


def test_a_key_that_is_there_is_changed_in_its_place(tmp_path: Path) -> None:
    text = COMMENTED.replace('kind = "model"\n', 'kind = "model"\nengine = "vllm"  # tuned\n')
    expected = text.replace('engine = "vllm"', 'engine = "torch"')
    assert written(tmp_path, text, "torch") == expected


@pytest.mark.parametrize(
    "text",
    [
        'judges = { mine = { kind = "model", folder = "x" } }  # all\n',
        'judges.mine.kind = "model"\njudges.mine.folder = "x"\nport = 1\n',
        '[judges]\nmine = { kind = "model", folder = "x" }',
        '[judges.mine]\nkind = "model"\n[kafka]\n[judges.other]\nkind = "model"',
        '[judges.mine]\r\nkind = "model"\r\n\r\n# next\r\n[kafka]\r\n',
    ],
)
def test_every_way_to_write_a_table_is_understood(tmp_path: Path, text: str) -> None:
    expected = tomllib.loads(text)
    expected["judges"]["mine"]["engine"] = "vllm"
    assert tomllib.loads(written(tmp_path, text, "vllm")) == expected


def test_a_link_stays_one_and_the_mode_stays(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "judge.toml", tmp_path / "judge.toml"
    real.write_text(COMMENTED)
    real.chmod(0o640)
    link.symlink_to(real)
    write_engine(link, "mine", "vllm")
    assert link.is_symlink() and "vllm" in real.read_text()
    assert real.stat().st_mode & 0o777 == 0o640
    assert list(real.parent.iterdir()) == [real]
