"""The generator against ghz, an independent one: the same calls, rate and server, by turns.

    go install github.com/bojand/ghz/cmd/ghz@v0.93.0
    python -m load_tests.check_against_ghz --ghz ~/go/bin/ghz

ghz counts a call's latency from its real send; ours counts from the scheduled one.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator as Generating
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.json_format import MessageToDict

from load_tests.content import Content
from load_tests.program_judge import NAME
from load_tests.result import StepResult
from load_tests.run import Generator, run
from load_tests.schedule import Step
from load_tests.target import NotReady
from load_tests.target_grpc import GrpcSettings
from load_tests.trace import Lengths
from ratchet.client.connection import Connection
from ratchet.client.retries import Retries
from ratchet.v1.judge_service_pb2 import DESCRIPTOR

WARM_UP_SECONDS = 2.0
DEADLINE = 5.0
MESSAGES = 64
"""Different calls that ghz goes through again and again."""
PERCENTILES = ("50", "90", "99")
WITHIN = 0.1
"""How far the p50s may lie apart."""


def main(argv: Sequence[str] | None = None) -> int:
    """0 where the p50s agree, 1 where they do not, 2 where ghz is missing or fails."""
    parser = argparse.ArgumentParser(description="Compares the generator with ghz.")
    parser.add_argument("--ghz", default=shutil.which("ghz"), help="the program (default: on PATH)")
    parser.add_argument("--rate", type=float, default=200.0, help="calls per second")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each run")
    parser.add_argument("--runs", type=int, default=3, help="of each generator")
    parser.add_argument("--answers", type=int, default=1, help="in each call, of 48 words")
    parser.add_argument(
        "--phrases", type=int, default=0, help="that the judge looks for: a call takes longer"
    )
    parser.add_argument("--out", type=Path, help="JSON file for the figures")
    a = parser.parse_args(argv)
    if not a.ghz or not shutil.which(a.ghz):
        print("check_against_ghz: ghz: there is no such program", file=sys.stderr)
        return 2
    try:
        rows = _compare(a)
    except subprocess.CalledProcessError as error:
        print(f"check_against_ghz: ghz: {error.stderr}", file=sys.stderr)
        return 2
    except (NotReady, RuntimeError) as error:
        print(f"check_against_ghz: {error}", file=sys.stderr)
        return 2
    for row in rows:
        print(json.dumps(row))
    if a.out:
        from ratchet.demo.report.machine import commit, machine

        asked = {"rate": a.rate, "answers": a.answers, "phrases": a.phrases}
        found = {"machine": machine(), "commit": commit(), "asked": asked, "rows": rows}
        a.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0 if abs(rows[0]["ratio"] - 1) <= WITHIN else 1


def _compare(a: argparse.Namespace) -> list[dict[str, Any]]:
    """Rows of both generators, who take turns on one server."""
    content = Content([Lengths(96, (48,) * a.answers)], seed=0, low=100, high=30000)
    with program_judge(a.phrases) as target, tempfile.TemporaryDirectory() as folder:
        connection = Connection(target, deadline=DEADLINE, retries=Retries(attempts=1))
        settings = GrpcSettings(connection, content, judge=NAME)
        files = _files(settings, Path(folder))
        theirs: list[dict[str, float]] = []
        ours: list[dict[str, float]] = []
        late: list[float] = []
        for _ in range(a.runs):
            theirs.append(_ghz(a.ghz, target, files, a.rate, a.seconds))
            step = _generator(settings, a.rate, a.seconds)
            ours.append({p: step.latency_ms[p] or 0.0 for p in PERCENTILES})
            late.append(step.lateness_ms["50"] or 0.0)
            print(f"ghz {theirs[-1]}, ours {ours[-1]}, late {late[-1]} ms", flush=True)
    rows = [
        _row(f"p{p} latency", [o[p] for o in ours], [t[p] for t in theirs]) for p in PERCENTILES
    ]
    return [*rows, _row("p50 lateness of ours", late, [])]


@contextmanager
def program_judge(phrases: int) -> Generating[str]:
    """A judge of checks in a process of its own: the address."""
    command = [sys.executable, "-m", "load_tests.program_judge", "--phrases", str(phrases)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _files(settings: GrpcSettings, folder: Path) -> list[str]:
    """Options that tell ghz the service and the same calls that the generator makes."""
    # ghz's own reader of .proto files, and its reflection client, are older than `optional`.
    service = folder / "service.protoset"
    service.write_bytes(FileDescriptorSet(file=_descriptors(DESCRIPTOR)).SerializeToString())
    target = settings.open()
    calls = [
        MessageToDict(target.prepare(number), preserving_proto_field_name=True)
        for number in range(MESSAGES)
    ]
    data = folder / "calls.json"
    data.write_text(json.dumps(calls), encoding="utf-8")
    return ["--protoset", str(service), "--data-file", str(data)]


def _descriptors(file: FileDescriptor) -> list[FileDescriptorProto]:
    """A file and, before it, all that it imports."""
    found: dict[str, FileDescriptorProto] = {}

    def visit(each: FileDescriptor) -> None:
        for dependency in each.dependencies:
            visit(dependency)
        if each.name not in found:
            found[each.name] = FileDescriptorProto()
            each.CopyToProto(found[each.name])

    visit(file)
    return list(found.values())


def _ghz(
    program: str, target: str, files: Sequence[str], rate: float, seconds: float
) -> dict[str, float]:
    """Its percentiles in ms."""
    skipped = round(rate * WARM_UP_SECONDS)
    command = [program, "--insecure", *files, "--call", "ratchet.v1.JudgeService.Score"]
    # Asynchronous: calls leave at the rate, whether or not earlier ones are back.
    command += ["--async", "--concurrency", "1", "--connections", "1", "--rps", f"{rate:g}"]
    command += ["--total", str(skipped + round(rate * seconds)), "--skipFirst", str(skipped)]
    command += ["--timeout", f"{DEADLINE:g}s", "--format", "json", target]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    if set(found["statusCodeDistribution"]) != {"OK"}:
        raise RuntimeError(f"ghz: calls failed: {found['statusCodeDistribution']}")
    latencies = {f"{row['percentage']}": row["latency"] for row in found["latencyDistribution"]}
    return {p: round(latencies[p] / 1e6, 3) for p in PERCENTILES}


def _generator(settings: GrpcSettings, rate: float, seconds: float) -> StepResult:
    warm_up = (Step(rate, rate, WARM_UP_SECONDS),)
    with Generator(settings, 1, slo=DEADLINE) as generator:
        [step] = run(generator, [(Step(rate, rate, seconds),)], DEADLINE, None, warm_up)
    if set(step.codes) != {"OK"}:
        raise RuntimeError(f"calls failed: {step.codes}")
    return step


def _row(name: str, values: Sequence[float], peers: Sequence[float]) -> dict[str, Any]:
    """In the form that all benchmarks share, but that less than 1 is faster here."""
    value, peer = median(values), median(peers) if peers else None
    return {
        "name": name,
        "value": value,
        "unit": "ms",
        "peer": "ghz" if peers else None,
        "peer_value": peer,
        "ratio": value / peer if peer else None,
        "runs": len(values),
        "low": min(values),
        "high": max(values),
    }


if __name__ == "__main__":
    sys.exit(main())
