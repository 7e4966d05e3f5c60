"""The load test against an HTTP server that takes what vLLM's own request model takes."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from load_tests.content import Content
from load_tests.result import StepResult
from load_tests.run import Generator, run
from load_tests.schedule import constant
from load_tests.target import NotReady
from load_tests.target_vllm import VllmSettings
from load_tests.trace import Lengths
from pydantic import ValidationError
from vllm.entrypoints.pooling.classify.protocol import ClassificationCompletionRequest

CONTENT = Content([Lengths(5, (3, 4))], seed=0, low=100, high=200)


class Server(ThreadingHTTPServer):
    """Refuses every third call, and leaves every fifth without an answer."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bodies: list[ClassificationCompletionRequest] = []
        self.keys: set[str | None] = set()
        self.lock = threading.Lock()
        self.healthy = True
        self.ended = threading.Event()

    def code(self, path: str, body: object) -> int:
        if path != "/classify":
            return 404
        try:
            asked = ClassificationCompletionRequest.model_validate(body)
        except ValidationError:
            return 400
        with self.lock:
            self.bodies.append(asked)
            number = len(self.bodies)
        if number % 5 == 0:
            self.ended.wait()
        return 429 if number % 3 == 0 else 200


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.answer(200 if self.server.healthy else 503)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.keys.add(self.headers["authorization"])
        self.answer(self.server.code(self.path, body))

    def answer(self, code: int) -> None:
        try:
            self.send_response(code)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")
        except OSError:
            pass  # Whoever asked has left.

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[tuple[Server, str]]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server, f"http://127.0.0.1:{server.server_port}"
        finally:
            server.ended.set()
            server.shutdown()
            thread.join()


def offer(settings: VllmSettings) -> StepResult:
    with Generator(settings, 1, slo=1.0) as generator:
        [step] = run(generator, constant(60, 0.5), 1.0, None)
    return step


def test_vllm_gets_token_ids_and_its_refusals_and_silences_are_told_apart() -> None:
    with serving() as (server, url):
        found = offer(VllmSettings(url, CONTENT, model="m", deadline=4.0, api_key="key"))
    assert found.codes == {"DEADLINE_EXCEEDED": 6, "HTTP_429": 8, "OK": 16}
    assert server.keys == {"Bearer key"}
    prompt, completions = CONTENT.ids(0)
    asked = [body.input for body in server.bodies]
    assert [prompt + completion for completion in completions] in asked
    assert {body.model for body in server.bodies} == {"m"}
    assert len(asked) == 30


def test_another_path_is_asked_where_it_is_given() -> None:
    with serving() as (server, url):
        found = offer(VllmSettings(url, CONTENT, path="/pooling"))
    assert found.codes == {"HTTP_404": 30}
    assert server.bodies == []


def test_a_server_that_is_not_healthy_is_not_put_under_load() -> None:
    with serving() as (server, url):
        server.healthy = False
        with (
            pytest.raises(NotReady, match="503"),
            Generator(VllmSettings(url, CONTENT, ready=1.0), 1, 1.0),
        ):
            pass
        assert server.bodies == []
