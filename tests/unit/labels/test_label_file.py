import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ratchet.labels.label_file import LabelFile
from ratchet.process.config import ConfigError

ROWS: list[dict[str, Any]] = [{"a": 1}, {"b": "é\u2028"}]


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], []])
@pytest.mark.parametrize("name", ["x.json", "x.jsonl.gz"])
def test_an_array_and_lines_come_back(tmp_path: Path, rows: Any, name: str) -> None:
    for one_array, unit in ((True, "item"), (False, "line")):
        LabelFile(tmp_path / name).write(rows, one_array)
        found, read = LabelFile(tmp_path / name).rows()
        assert found == unit
        assert [row.fields for row in read] == rows
        assert os.listdir(tmp_path) == [name]


def test_an_array_is_one_json_value(tmp_path: Path) -> None:
    LabelFile(tmp_path / "x.json").write(ROWS, one_array=True)
    assert json.loads((tmp_path / "x.json").read_text()) == ROWS


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, Any]]:
        yield {"a": 1}
        raise RuntimeError

    (tmp_path / "x.jsonl").write_text("before")
    with pytest.raises(RuntimeError):
        LabelFile(tmp_path / "x.jsonl").write(broken(), one_array=False)
    assert (tmp_path / "x.jsonl").read_text() == "before"
    assert os.listdir(tmp_path) == ["x.jsonl"]


def test_items_that_are_no_objects_have_a_reason(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('\n [{"a": 1}, 7]')
    unit, rows = LabelFile(tmp_path / "x.json").rows()
    assert [(unit, row.number, row.reason) for row in rows] == [
        ("item", 1, ""),
        ("item", 2, "is no JSON object"),
    ]


def test_half_an_array_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"a": 1},')
    with pytest.raises(ConfigError, match=r"x\.json: is no JSON array: "):
        LabelFile(tmp_path / "x.json").rows()
