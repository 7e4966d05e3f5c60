"""Rows of the prefix cache: our engine with it against itself without."""

from collections.abc import Sequence

from benchmarks.judge.offline import race
from benchmarks.judge.setting import Calls, Setting
from benchmarks.judge.workload import Workload
from benchmarks.row import Row

OFF = "without a cache"


def prefix_rows(setting: Setting) -> list[Row]:
    """Where prompts come again, each answer in a call of its own, and where none does."""
    return [
        _row("prefix cache prompts again", setting, "one by one", setting.group()),
        _row("prefix cache prompts known", setting, "prompts known", setting.group()),
        _row("prefix cache prompts never again", setting, "together", setting.single()),
    ]


def _row(name: str, setting: Setting, calls: Calls, work: Sequence[Workload]) -> Row:
    with setting.ours(None, calls) as keeps, setting.ours(0, calls) as plain:
        return race(name, OFF, keeps, plain, work)
