"""The command `ratchet`. What a command needs is imported once it is known which one is meant."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Command:
    """A command's help, and where its options and its work are: "module:function" each."""

    help: str
    add_arguments: str
    run: str


COMMANDS = {
    "up": Command(
        "run Kafka, policy, judge, learner and feedback on this machine",
        "ratchet.local.arguments:add_up_arguments",
        "ratchet.local.up:command",
    ),
    "demo": Command(
        "teach a shop's assistant by a simulated labeler's marks, and report how it went",
        "ratchet.demo.arguments:add_demo_arguments",
        "ratchet.demo.command:command",
    ),
    "bench": Command(
        "measure: `ratchet bench demo` runs the demo over seeds",
        "ratchet.demo.arguments:add_bench_arguments",
        "ratchet.demo.bench:command",
    ),
    "score": Command(
        "score a file of prompts and answers by a judge that runs",
        "ratchet.jsonl.arguments:add_score_arguments",
        "ratchet.jsonl.score_command:command",
    ),
    "compare": Command(
        "compare the two answers of each line of a file by a judge that runs",
        "ratchet.jsonl.arguments:add_compare_arguments",
        "ratchet.jsonl.compare_command:command",
    ),
    "agree": Command(
        "measure how often a judge agrees with a file of preferences",
        "ratchet.jsonl.arguments:add_agree_arguments",
        "ratchet.jsonl.agree_command:command",
    ),
    "standard": Command(
        "show standards to start from, and try one on a file of answers",
        "ratchet.jsonl.arguments:add_standard_arguments",
        "ratchet.jsonl.standard_command:command",
    ),
    "judge": Command(
        "`ratchet judge tune` measures which engine is faster for a judge's reward models",
        "ratchet.judge.tuning.arguments:add_judge_arguments",
        "ratchet.judge.tuning.command:command",
    ),
    "label": Command(
        "compare answers in this terminal",
        "ratchet.demo.console_labeler:add_arguments",
        "ratchet.demo.console_labeler:command",
    ),
    "labels": Command(
        "preference data in and out: TRL, RewardBench, Label Studio, Argilla and our own form",
        "ratchet.labels.arguments:add_labels_arguments",
        "ratchet.labels.command:command",
    ),
    "weights": Command(
        "list, show, verify, promote and roll back versions of policy and judge",
        "ratchet.local.arguments:add_weights_arguments",
        "ratchet.local.weights_command:command",
    ),
    "lineage": Command(
        "draw who helped to judge: from a judge by its helpers down to people alone",
        "ratchet.local.lineage_command:add_arguments",
        "ratchet.local.lineage_command:command",
    ),
    "pause": Command(
        "stop learning while serving goes on",
        "ratchet.local.arguments:add_learner_arguments",
        "ratchet.local.learning_command:pause",
    ),
    "resume": Command(
        "go on learning",
        "ratchet.local.arguments:add_learner_arguments",
        "ratchet.local.learning_command:resume",
    ),
    "key": Command(
        "make an API key for a tenant of a service",
        "ratchet.local.arguments:add_key_arguments",
        "ratchet.local.key_command:command",
    ),
    "audit": Command(
        "print who did what: on the page, by gRPC, and the gates",
        "ratchet.local.audit_command:add_arguments",
        "ratchet.local.audit_command:command",
    ),
    "erase": Command(
        "erase a person's labels, or a prompt, from Kafka",
        "ratchet.local.erase_command:add_arguments",
        "ratchet.local.erase_command:command",
    ),
    "backup": Command(
        "pack a stopped system's state directory into a file",
        "ratchet.local.arguments:add_backup_arguments",
        "ratchet.local.backup:backup",
    ),
    "restore": Command(
        "unpack such a file into a new state directory",
        "ratchet.local.arguments:add_backup_arguments",
        "ratchet.local.backup:restore",
    ),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code: 2 where the machine or a setting is wrong."""
    name, *rest = (sys.argv[1:] if argv is None else argv) or ["--help"]
    command = COMMANDS.get(name)
    if command is None:
        return _help(name)
    parser = argparse.ArgumentParser(prog=f"ratchet {name}", description=f"{command.help}.")
    _load(command.add_arguments)(parser)
    arguments = parser.parse_args(rest)
    return _load(command.run)(arguments)


def _help(name: str) -> int:
    asked = name in ("--help", "-h", "help")
    out = sys.stdout if asked else sys.stderr
    if not asked:
        print(f"ratchet: there is no command {name!r}", file=out)
    print("usage: ratchet COMMAND [OPTION...]; ratchet COMMAND --help tells more\n", file=out)
    for each, command in COMMANDS.items():
        print(f"  {each:<9}{command.help}", file=out)
    return 0 if asked else 2


def _load(target: str) -> Any:
    module, function = target.split(":")
    return getattr(importlib.import_module(module), function)


if __name__ == "__main__":
    sys.exit(main())
