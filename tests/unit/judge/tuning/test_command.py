"""`ratchet judge tune`, with engines whose speed is ours to say."""

from functools import partial
from pathlib import Path

import pytest
from tests.unit.judge.tuning.timed_engine import Clock, TimedEngine

from ratchet.cli import main
from ratchet.judge.config import JudgeSettings
from ratchet.judge.engines.engine_process import EngineFailed
from ratchet.judge.judges.settings import EngineName, ModelSettings
from ratchet.judge.tuning import command
from ratchet.judge.tuning.race import race
from ratchet.process.config import load_settings

TEXT = """\
rollouts = false
[judges.one]
kind = "model"
folder = "models/one"
[judges.two]
kind = "model"
folder = "models/two"
[judges.short]
kind = "program"
checks = [{ id = "short", check = { kind = "max_words", words = 60 } }]
"""


class Engines:
    """Stands for processes with engines: seconds a batch, or why they do not load."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.speeds: dict[str, dict[EngineName, float | str]] = {
            "one": {"torch": 2, "vllm": 1},
            "two": {"torch": 1, "vllm": "no head"},
        }
        self.loaded: list[TimedEngine] = []

    def load(self, engine: EngineName, settings: ModelSettings, context: int) -> TimedEngine:
        assert context == 512
        speed = self.speeds[settings.folder.name][engine]
        if isinstance(speed, str):
            raise EngineFailed(speed)
        self.loaded.append(TimedEngine(self.clock, speed))
        return self.loaded[-1]


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    engines = Engines()
    monkeypatch.setattr(command, "engine_in_process", engines.load)
    monkeypatch.setattr(command, "race", partial(race, clock=engines.clock))
    return engines


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "judge.toml"
    file.write_text(TEXT)
    return file


def chosen(file: Path) -> dict[str, str]:
    judges = load_settings(JudgeSettings, "judge", file, {}).judges
    return {
        name: table.engine
        for name, table in judges.items()
        if isinstance(table, ModelSettings) and "engine" in table.model_fields_set
    }


def tune(file: Path, *options: str) -> int:
    return main(["judge", "tune", str(file), *options])


def test_every_model_gets_the_engine_that_is_faster_for_it(
    file: Path, engines: Engines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(file) == 0
    assert chosen(file) == {"one": "vllm", "two": "torch"}
    assert "no head" in capsys.readouterr().out
    assert all(engine.closed for engine in engines.loaded)


def test_only_the_named_judge_is_tuned(file: Path, engines: Engines) -> None:
    assert tune(file, "--judge", "two") == 0
    assert chosen(file) == {"two": "torch"}


def test_a_dry_run_writes_nothing(
    file: Path, engines: Engines, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(file, "--dry-run") == 0
    assert file.read_text() == TEXT
    assert "judges.one" in capsys.readouterr().out


def test_a_model_that_runs_in_no_engine_fails_and_keeps_the_others(
    file: Path, engines: Engines
) -> None:
    engines.speeds["one"] = {"torch": "no such folder", "vllm": "no such folder"}
    assert tune(file) == 1
    assert chosen(file) == {"two": "torch"}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--judge", "short"], "--judge: there is no judge 'short' of kind \"model\""),
        (["--runs", "0"], "--runs: must be at least 1"),
        (["--prompt-tokens", "0"], "--prompt-tokens: must be at least 1"),
        (["--singles", "1", "--groups", "0"], "--singles, --groups: a run needs two answers"),
    ],
)
def test_a_wrong_option_is_named(
    file: Path,
    engines: Engines,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    reason: str,
) -> None:
    assert tune(file, *options) == 2
    assert reason in capsys.readouterr().err
    assert not engines.loaded


def test_a_table_of_the_environment_is_not_written_to_the_file(
    file: Path,
    engines: Engines,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file.write_text("rollouts = false\n")
    monkeypatch.setenv("RATCHET_JUDGE__JUDGES", '{"one": {"kind": "model", "folder": "one"}}')
    assert tune(file) == 2
    assert "judges.one is not in the file" in capsys.readouterr().err
