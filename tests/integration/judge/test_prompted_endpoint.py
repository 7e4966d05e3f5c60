"""A prompted judge before vLLM's own OpenAI server, from the client to the token probabilities."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from benchmarks.judge.server import HttpServer
from tests.chaos.judge_process import listening
from tests.chaos.service import Service

from ratchet.client import Comparison, JudgeCallError, JudgeClient, Retries
from ratchet.local.ports import HOST, free_ports
from ratchet.policy.environment import policy_environment

PROMPT = "My kettle leaks water. What can I do?"
KIND = "I am sorry. Please send me the order number."
RUDE = "Not my problem."

# A model this small replies with a sentence to whatever it is asked: its reply is begun for it.
TEMPLATE = """\
{% for message in messages %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}<|im_start|>assistant
("""


@pytest.fixture(scope="module")
def endpoint(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpServer]:
    folder = tmp_path_factory.mktemp("endpoint")
    (folder / "template.jinja").write_text(TEMPLATE)
    port = free_ports()["judge"]
    options = {
        "model": model_folder,
        "served-model-name": "small",
        "chat-template": folder / "template.jinja",
        "dtype": "float32",  # bfloat16 makes ties of what is near.
        "max-model-len": 1024,
        "max-num-batched-tokens": 1024,
        "max-num-seqs": 8,
        "kv-cache-memory-bytes": 256 * 2**20,
        "host": HOST,
        "port": port,
    }
    command = ["vllm.entrypoints.openai.api_server", "--enforce-eager"]
    command += [f"--{name}={value}" for name, value in options.items()]
    # A forked engine has vLLM imported already.
    forked = {"VLLM_WORKER_MULTIPROC_METHOD": "fork"}
    environment = {**os.environ, **policy_environment(), **forked}
    with HttpServer(command, environment, port, folder / "vllm.log") as server:
        yield server


@pytest.fixture(scope="module")
def client(endpoint: HttpServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JudgeClient]:
    asked = {
        "kind": "prompted",
        "base_url": f"http://{endpoint.address}/v1",
        "model": "small",
        "rubric": "A good answer is polite and helps.",
        "min_mass": 0.01,
    }
    settings = {**listening(), "rollouts": False}
    service = Service("judge", tmp_path_factory.mktemp("service"), settings)
    service.start(RATCHET_JUDGE__JUDGES=json.dumps({"asked": asked}))
    try:
        service.until_serving().close()
        once = Retries(attempts=1)
        with JudgeClient(service.address, deadline=60, retries=once) as client:
            yield client
    finally:
        service.stop()


def compare(client: JudgeClient, a: str, b: str) -> Comparison:
    return client.compare(PROMPT, a, b, judge="asked")


def test_a_score_is_the_mean_of_the_grades_by_their_probabilities(client: JudgeClient) -> None:
    for found in client.score(PROMPT, [KIND, RUDE], judge="asked"):
        assert found.error is None
        assert found.score is not None and 0 < found.score < 1
        assert found.spread is not None and 0 < found.spread <= 0.5
        # The one grade that is written would be a quarter, or two or three.
        assert abs(found.score - round(4 * found.score) / 4) > 1e-4


def test_a_comparison_asks_in_both_orders_so_that_a_liking_for_a_place_cancels_out(
    client: JudgeClient,
) -> None:
    found = compare(client, KIND, KIND)
    assert 0.6 < found.a_preferred_shown_first < 1, "this model likes what is shown first"
    assert 0 < found.a_preferred_shown_second < 0.4
    # The tags around the texts are new in each call, which moves a model this small.
    assert found.a_preferred == pytest.approx(0.5, abs=0.15)


def test_an_endpoint_that_has_gone_is_an_error_and_no_score(
    client: JudgeClient, endpoint: HttpServer
) -> None:
    endpoint.stop()
    for found in client.score(PROMPT, [KIND, RUDE], judge="asked"):
        assert found.score is None
        assert found.error is not None
        assert found.error.code is grpc.StatusCode.UNAVAILABLE
        assert "endpoint" in found.error.message
    with pytest.raises(JudgeCallError) as caught:
        compare(client, KIND, RUDE)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE
