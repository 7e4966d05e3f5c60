"""A judge of checks alone, on the servers' own gRPC server: a target without a model or Kafka.

    python -m load_tests.program_judge --port 50061

It prints its address and serves until SIGTERM or Ctrl-C.
"""

import argparse
import asyncio
import signal
from collections.abc import Sequence

from ratchet.judge.grpc_servicer import JudgeServicer, RequestLimits
from ratchet.judge.judges.program import ProgramJudge
from ratchet.judge.judges.settings import ProgramSettings, WeightedCheck
from ratchet.process.grpc_server import GrpcServer
from ratchet.standard.checks.length import MaxWords
from ratchet.standard.checks.phrases import SaysNoneOf
from ratchet.v1.judge_service_pb2 import DESCRIPTOR
from ratchet.v1.judge_service_pb2_grpc import add_JudgeServiceServicer_to_server

NAME = "short"
HOST = "127.0.0.1"
DRAIN_SECONDS = 5.0


async def serve(port: int, phrases: int) -> None:
    """Serves until a signal. Raises ConfigError where the port is taken."""
    checks = [WeightedCheck(id="short", check=MaxWords(kind="max_words", words=60))]
    if phrases:
        unsaid = tuple(f"never said {number}" for number in range(phrases))
        check = SaysNoneOf(kind="says_none_of", phrases=unsaid)
        checks.append(WeightedCheck(id="unsaid", check=check))
    judge = ProgramJudge(NAME, ProgramSettings(kind="program", checks=tuple(checks)))
    limits = RequestLimits(max_items=256, max_text_bytes=65536)
    name = DESCRIPTOR.services_by_name["JudgeService"].full_name
    server = GrpcServer(HOST, port, [name])
    add_JudgeServiceServicer_to_server(JudgeServicer({NAME: judge}, limits), server.server)
    print(f"{HOST}:{await server.start()}", flush=True)
    server.set_serving(True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await server.drain(DRAIN_SECONDS)


def main(argv: Sequence[str] | None = None) -> None:
    """Parses the port and serves."""
    parser = argparse.ArgumentParser(description="A judge of checks, without a model.")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--phrases", type=int, default=0, help="to look for in each answer: work")
    a = parser.parse_args(argv)
    asyncio.run(serve(a.port, a.phrases))


if __name__ == "__main__":
    main()
