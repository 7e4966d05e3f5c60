"""The report and its lines: all that was found, in one file, and back from the lines."""

from html.parser import HTMLParser
from pathlib import Path

import pytest
from load_tests.__main__ import main
from load_tests.report import report
from load_tests.result import read_result
from tests.unit.load_tests.results import run_result, step

STEPS = (step(10, 20), step(20, 40, share_ok=0.97), step(40, 300, share_ok=0.5, late_ms=12))


class Page(HTMLParser):
    """Headings, words, pictures, and what would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.pictures = 0
        self.fetched: list[str] = []
        self._words: list[str] = []
        self._tag = ""
        self.feed(text)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        for name, value in attrs:
            if name == "src" and (value or "").startswith("data:image/svg+xml;base64,"):
                self.pictures += 1
            elif name in ("src", "href"):
                self.fetched.append(value or "")

    def handle_data(self, data: str) -> None:
        if self._tag in ("h1", "h2", "h3") and data.strip():
            self.headings.append(data.strip())
        self._words.append(data)


def test_one_run_has_all_sections_and_needs_no_other_file() -> None:
    page = Page(report([run_result("judge", *STEPS)]))
    assert page.headings == [
        "Load: judge",
        "Goodput",
        "judge",
        "Latency against the offered rate",
        "Error mix",
        "Distribution",
    ]
    assert page.pictures == 4
    assert page.fetched == []
    for found in (
        "Saturation knee: not reached; above 20.0 calls/s (SLO 100 ms)",
        "p50, ms p90, ms p99, ms p99.9, ms max, ms",
        "OK 50, RESOURCE_EXHAUSTED 50",
        "97.0%",
        "12.0 not to be trusted",
        "at least 95% of all calls are accepted",
        "<a processor>",
    ):
        assert found in page.text


def test_several_runs_are_compared_under_their_names() -> None:
    page = Page(report([run_result("judge", *STEPS), run_result("vllm", *STEPS[:2])]))
    assert "All runs" in page.headings
    assert page.pictures == 2 + 2 * 3
    with pytest.raises(ValueError, match="names: judge, judge"):
        report([run_result("judge", *STEPS), run_result("judge", *STEPS)])


def test_a_run_in_which_nothing_was_accepted_still_has_a_report() -> None:
    page = Page(report([run_result("down", step(10, 5, share_ok=0))]))
    assert "RESOURCE_EXHAUSTED 100" in page.text
    assert "Saturation knee: none" in page.text


def test_lines_come_back_as_they_were_written_and_make_the_same_page(tmp_path: Path) -> None:
    run = run_result("judge", *STEPS)
    run.write(tmp_path / "deep" / "judge.jsonl")
    assert read_result(tmp_path / "deep" / "judge.jsonl") == run
    out = tmp_path / "pages" / "judge.html"
    assert main(["report", str(tmp_path / "deep" / "judge.jsonl"), "--out", str(out)]) == 0
    assert out.read_text() == report([run])


@pytest.mark.parametrize(
    ("line", "text", "reason"),
    [(1, "{", "2: is no JSON"), (1, "{}", "2: first_rate"), (0, '{"nam": 1}', "1: name")],
)
def test_a_line_that_is_wrong_is_named(
    tmp_path: Path, line: int, text: str, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    run_result("judge", *STEPS).write(path)
    lines = path.read_text().splitlines()
    lines[line] = text
    path.write_text("\n".join(lines))
    assert main(["report", str(path), "--out", str(tmp_path / "a.html")]) == 2
    assert f"a.jsonl:{reason}" in capsys.readouterr().err


def test_a_step_says_what_was_offered_and_what_was_good() -> None:
    found = step(20, 40, share_ok=0.97)
    assert found.calls == 100
    assert found.offered == pytest.approx(20)
    assert found.goodput == pytest.approx(19.4)
    assert found.latency_ms["99.9"] == pytest.approx(40, rel=0.001)
