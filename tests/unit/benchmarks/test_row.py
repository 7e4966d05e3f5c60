import json
from pathlib import Path

import pytest
from benchmarks.judge.workload import Workload
from benchmarks.page import PAGES, ROOT, with_tables
from benchmarks.row import rates, write


def test_a_ratio_is_the_median_of_runs_and_above_one_where_we_are_faster() -> None:
    row = rates("a", "peer", "tokens/s", [100, 100, 100], [1, 2, 1], [2, 2, 5])
    assert row.ratio == 2
    assert (row.low, row.high, row.runs) == (1, 5, 3)
    assert row.value == pytest.approx(75)
    assert row.peer_value == pytest.approx(300 / 9)


def test_a_result_says_where_it_was_measured(tmp_path: Path) -> None:
    row = rates("a", "peer", "tokens/s", [1], [1], [1])
    write([row], tmp_path / "new" / "judge.json", dtype="float32")
    result = json.loads((tmp_path / "new" / "judge.json").read_text())
    assert result["machine"]["cores"] > 0
    assert result["rows"][0]["name"] == "a"
    assert result["rows"][0]["commit"]


def test_what_was_measured_before_stays_until_it_is_measured_anew(tmp_path: Path) -> None:
    for name, seconds in (("a", 1), ("b", 2), ("a", 4)):
        write([rates(name, "peer", "tokens/s", [1], [seconds], [4])], tmp_path / "judge.json")
    found = json.loads((tmp_path / "judge.json").read_text())["rows"]
    assert [(row["name"], row["ratio"]) for row in found] == [("a", 1), ("b", 2)]


def test_the_same_unit_is_the_same_in_every_part_of_the_work() -> None:
    whole = Workload("single", 0, 8).sequences()
    assert whole[4:] == Workload("single", 4, 4).sequences()
    assert all(50 <= len(ids) <= 1000 for ids in whole)
    [group] = Workload("group", 3, 1).groups()
    assert len(group.prompt_ids) == 330
    assert [50 <= len(ids) <= 150 for ids in group.completion_ids] == [True] * 8


def test_the_pages_tables_are_those_of_the_results() -> None:
    for path in PAGES:
        page = path.read_text(encoding="utf-8")
        assert with_tables(page, ROOT / "docs" / "results") == page
