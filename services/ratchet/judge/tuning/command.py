"""`ratchet judge tune`: which engine is faster for a reward model, on this machine."""

import argparse
import sys
from contextlib import ExitStack

from rich.console import Console

from ratchet.judge.config import JudgeSettings
from ratchet.judge.engines.engine_process import EngineDied, EngineFailed, EngineProcess
from ratchet.judge.engines.loading import LOADERS, engine_in_process
from ratchet.judge.judges.settings import EngineName, ModelSettings
from ratchet.judge.tuning.race import Result, Results, race, winner
from ratchet.judge.tuning.result_table import result_table
from ratchet.judge.tuning.settings_file import check_has_judge, write_engine
from ratchet.judge.tuning.workload import Bounds, Sizes, Workload
from ratchet.process.config import ConfigError, load_settings


def command(arguments: argparse.Namespace) -> int:
    """0 with an engine for each model, 1 where a model ran in none, 2 where a setting is wrong."""
    try:
        sizes = _sizes(arguments)
        settings = load_settings(JudgeSettings, "judge", arguments.config)
        failed = False
        for name, model in _models(arguments, settings).items():
            results = _measure(name, model, settings, sizes, arguments.runs)
            Console().print(result_table(name, results))
            fastest = winner(results)
            failed |= fastest is None
            if fastest and not arguments.dry_run:
                write_engine(arguments.config, name, fastest)
                print(f'{arguments.config}: judges.{name}.engine = "{fastest}"')
    except (ConfigError, OSError) as error:
        print(f"ratchet judge tune: {error}", file=sys.stderr)
        return 2
    return 1 if failed else 0


def _sizes(arguments: argparse.Namespace) -> Sizes:
    sizes = Sizes(
        arguments.singles,
        arguments.groups,
        arguments.completions,
        arguments.prompt_tokens,
        arguments.completion_tokens,
    )
    for option, least in (
        ("runs", 1),
        ("singles", 0),
        ("groups", 0),
        ("completions", 1),
        ("prompt_tokens", 1),
        ("completion_tokens", 1),
    ):
        if getattr(arguments, option) < least:
            raise ConfigError(f"--{option.replace('_', '-')}: must be at least {least}")
    if sizes.singles + sizes.groups * sizes.completions < 2:
        raise ConfigError("--singles, --groups: a run needs two answers at least")
    return sizes


def _models(arguments: argparse.Namespace, settings: JudgeSettings) -> dict[str, ModelSettings]:
    models = {
        name: table
        for name, table in settings.judges.items()
        if isinstance(table, ModelSettings) and arguments.judge in (None, name)
    }
    if not models and arguments.judge is not None:
        raise ConfigError(f'--judge: there is no judge {arguments.judge!r} of kind "model"')
    if not models:
        raise ConfigError(f'{arguments.config}: judges: there is none of kind "model"')
    for name in models:
        check_has_judge(arguments.config, name)
    return models


def _measure(
    name: str, model: ModelSettings, settings: JudgeSettings, sizes: Sizes, runs: int
) -> Results:
    engines: dict[EngineName, EngineProcess] = {}
    out: Results = {}
    with ExitStack() as opened:
        for engine in LOADERS:
            print(f"judges.{name}: {engine} loads", file=sys.stderr, flush=True)
            try:
                loaded = engine_in_process(engine, model, settings.context_tokens)
            except (EngineFailed, EngineDied) as error:
                out[engine] = Result(reason=str(error))
                continue
            engines[engine] = opened.enter_context(loaded)
        if not engines:
            return out
        print(f"judges.{name}: measures {', '.join(engines)}", file=sys.stderr, flush=True)
        bounds = Bounds(
            min(engine.vocabulary for engine in engines.values()),
            min(settings.context_tokens, *(each.context_tokens for each in engines.values())),
            settings.max_batch_tokens,
        )
        return {**race(engines, Workload(sizes, bounds), runs), **out}
