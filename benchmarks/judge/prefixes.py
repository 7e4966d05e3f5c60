"""Rows of the prefix cache: our engine with it against itself without."""

from contextlib import ExitStack

from benchmarks.judge.offline import race
from benchmarks.judge.setting import Setting
from benchmarks.row import Row

OFF = "without a cache"


def prefix_rows(setting: Setting) -> list[Row]:
    """Where prompts come again, each answer in a call of its own, and where none does."""
    with ExitStack() as stack:
        alone = [stack.enter_context(setting.ours(tokens, True)) for tokens in (None, 0)]
        again = race("prefix cache prompts again", OFF, *alone, setting.group())
    with ExitStack() as stack:
        together = [stack.enter_context(setting.ours(tokens)) for tokens in (None, 0)]
        never = race("prefix cache prompts never again", OFF, *together, setting.single())
    return [again, never]
