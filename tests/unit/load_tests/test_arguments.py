"""Options that make no sense are told by name, before anything is sent."""

from pathlib import Path

import pytest
from load_tests.__main__ import main
from load_tests.arguments import parser, phases_of, settings_of
from load_tests.schedule import Step, ramp
from load_tests.target_grpc import GrpcSettings
from load_tests.target_vllm import VllmSettings


def test_each_kind_of_schedule_can_be_asked_for() -> None:
    def phases(*options: str) -> object:
        return phases_of(parser().parse_args(["run", *options]))

    assert phases("--rate", "5", "--seconds", "3") == [(Step(5, 5, 3),)]
    assert phases("--steps", "5,7.5", "--seconds", "3") == [(Step(5, 5, 3),), (Step(7.5, 7.5, 3),)]
    assert phases("--ramp", "1:9", "--seconds", "8", "--windows", "4") == ramp(1, 9, 8, 4)
    assert len(phases_of(parser().parse_args(["run"]))) == 5


def test_the_target_tells_which_server_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "secret")
    options = ["run", "--target", "a:1,b:2", "--api-key-env", "KEY"]
    judge = settings_of(parser().parse_args(options))
    assert isinstance(judge, GrpcSettings)
    assert judge.connection.api_key == "secret"
    assert judge.connection.retries.attempts == 1, "what is tried again is another load"
    peer = settings_of(parser().parse_args(["run", "--target", "http://a:1", "--path", "/pooling"]))
    assert isinstance(peer, VllmSettings)
    assert (peer.base_url, peer.path) == ("http://a:1", "/pooling")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--rate", "0"], "first_rate"),
        (["--steps", "5,x"], "steps: 'x' is no number"),
        (["--ramp", "5"], "ramp: '5' is no pair"),
        (["--ramp", "5:9", "--windows", "0"], "windows"),
        (["--seconds", "-1"], "seconds"),
        (["--token-ids", "9:5"], "token-ids"),
        (["--slo-ms", "6000"], "slo-ms"),
        (["--processes", "0"], "processes"),
        (["--name", "a/b"], "name"),
        (["--trace", "no-such-file"], "no-such-file"),
        (["--api-key-env", "NO_SUCH_KEY"], "api-key-env"),
        (["--target", "nowhere"], "nowhere"),
    ],
)
def test_what_makes_no_sense_is_named(
    options: list[str], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--out", str(tmp_path / "out"), *options]) == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
