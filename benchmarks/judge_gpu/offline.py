"""Rows of the engine alone: each size at each length, in groups, and one at a time."""

from collections.abc import Iterator
from dataclasses import replace

from benchmarks.judge.workload import COMPLETIONS, PROMPT_TOKENS, Workload
from benchmarks.judge_gpu.engine import Engine
from benchmarks.judge_gpu.setting import Setting
from benchmarks.judge_gpu.size import Size
from benchmarks.row import Row, rates
from ratchet.reward.classifier import Classifier

ANSWER_TOKENS = 113
ALONE = 20


def offline_rows(setting: Setting) -> Iterator[Row]:
    """All rows of all sizes."""
    for size in setting.sizes:
        model = size.build(setting.device, setting.dtype)
        engine = Engine(
            Classifier(model, compiled=True, graph_tokens=setting.batch_tokens),
            setting.batch_tokens,
        )
        for length in setting.lengths:
            yield from _lengths(setting, size, engine, length)
        yield _groups(setting, size, engine)


def _lengths(setting: Setting, size: Size, engine: Engine, length: int) -> Iterator[Row]:
    """Sequences and tokens a second, as shares of what the matrix rate allows; and one by one."""
    work = list(setting.work(size, "single", length, length))
    seconds = [engine.seconds(workload) for workload in work][1:]
    counts = [float(workload.count) for workload in work[1:]]
    at_best = [count * size.flops(length) / setting.rate for count in counts]
    allowed = "the matrix rate allows"
    name = f"{size.name} {length}"
    yield rates(f"{name} sequences", allowed, "sequences/s", counts, seconds, at_best)
    tokens = [count * length for count in counts]
    yield rates(f"{name} tokens", allowed, "tokens/s", tokens, seconds, at_best)
    first = work[-1].first + work[-1].count
    alone = [engine.seconds(Workload("single", first + i, 1, length)) for i in range(ALONE + 3)][3:]
    together = sum(seconds) / sum(counts)
    yield rates(
        f"{name} one at a time",
        "in full batches",
        "sequences/s",
        [1.0] * ALONE,
        alone,
        [together] * ALONE,
    )


def _groups(setting: Setting, size: Size, engine: Engine) -> Row:
    """Answers that share their prompt, against the same with a prompt each."""
    tokens = COMPLETIONS * (PROMPT_TOKENS + ANSWER_TOKENS)
    work = list(setting.work(size, "group", tokens, ANSWER_TOKENS))
    seconds = [
        (engine.seconds(workload), engine.seconds(replace(workload, kind="alone")))
        for workload in work
    ][1:]
    ours, theirs = zip(*seconds, strict=True)
    answers = [float(COMPLETIONS * workload.count) for workload in work[1:]]
    name = f"{size.name} groups of {COMPLETIONS}"
    return rates(name, "the same unshared", "answers/s", answers, ours, theirs)
