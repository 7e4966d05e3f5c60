"""Where the machine or a setting is not as it must be: one line, exit code 2."""

import json
import shutil
import socket
import threading
import tomllib
from pathlib import Path

import pytest

from ratchet.cli import main
from ratchet.feedback.config import FeedbackSettings
from ratchet.local import up
from ratchet.local.ports import default_ports
from ratchet.local.state import StateDirectory
from ratchet.local.supervisor import Supervised, Supervisor
from ratchet.process.config import load_settings


@pytest.fixture
def options(tmp_path: Path) -> list[str]:
    """Of an `up` that would get as far as the broker."""
    model, libs = tmp_path / "model", tmp_path / "libs"
    model.mkdir()
    libs.mkdir()
    (model / "config.json").write_text("{}")
    (libs / "kafka_2.13-0.jar").touch()
    state = tmp_path / "state"
    return [
        "up",
        *("--state", str(state), "--model", str(model), "--kafka-libs", str(libs)),
        *("--ports", "auto"),
    ]


def complaint(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert told.err.startswith("ratchet: ")
    assert told.err.count("\n") == 1
    return told.err


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("judge.no_such_key=1", "no_such_key"),
        ("learner.trainer.lora_rank=0", "lora_rank"),
        ("policy.temperature=hot", "temperature"),
        ("printer.port=1", "no service 'printer'"),
        ("judge", "must be SERVICE.KEY=VALUE"),
        ("feedback.host=0.0.0.0", "not loopback"),
        ("feedback.page_port=0", "--set feedback.page_port: nobody would know"),
    ],
)
def test_a_wrong_setting_is_named(
    options: list[str], capsys: pytest.CaptureFixture[str], setting: str, told: str
) -> None:
    assert told in complaint([*options, "--set", setting], capsys)


def test_tls_is_for_a_service_alone(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    keys = ("--set", "judge.tls.certificate=c.pem", "--set", "judge.tls.private_key=k.pem")
    assert "judge.tls: only for a service that is started alone" in complaint(
        [*options, *keys], capsys
    )


def test_a_second_one_on_the_same_state_says_that_one_is_running(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    state = StateDirectory(Path(options[2]))
    with state.locked():
        assert "ratchet is running there already" in complaint(options, capsys)


def test_a_taken_port_is_named(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(up, "default_ports", lambda: default_ports({"judge": port}))
        options[-1] = "fixed"
        assert f"port {port} of judge is taken" in complaint(options, capsys)


def test_no_java(
    options: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no Java found: Kafka needs a JDK 17" in complaint(options, capsys)


def test_no_room_on_the_disk(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=10**9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert "1.0 GB of disk are free, 6.4 GB are needed" in complaint(options, capsys)


def test_no_model(options: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "model/config.json").unlink()
    assert "no model in Hugging Face layout is there" in complaint(options, capsys)


def test_settings_are_kept_for_the_next_start(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")  # so that each start ends before the broker
    complaint([*options, "--set", "learner.gate_every=7"], capsys)
    complaint([*options, "--set", "learner.judge.refit_marks=50"], capsys)
    config = (Path(options[2]) / "config/learner.toml").read_text()
    assert "gate_every = 7" in config
    assert "refit_marks = 50" in config


def test_the_page_knows_its_key_the_learner_and_how_many_labels_it_waits_for(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    set_ = ["--set", "learner.judge.first_marks=70", "--set", "learner.port=50099"]
    complaint([*options, *set_], capsys)
    state = StateDirectory(Path(options[2]))
    settings = load_settings(FeedbackSettings, "feedback", state.config / "feedback.toml", {})
    assert settings.marks_wanted == 70
    assert settings.page_key_file == state.page_key
    assert settings.learner.address == "127.0.0.1:50099"


def test_addresses_are_those_of_the_settings(
    options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found: dict[str, Supervised] = {}

    class Recorded(Supervisor):
        def run(self, stop: threading.Event) -> None:
            found.update(self._services)

    monkeypatch.setattr(up, "Broker", lambda *_: None)
    monkeypatch.setattr(up, "Supervisor", Recorded)
    changed = ("feedback.page_port=9000", "judge.port=9001", "judge.metrics_port=9002")
    assert main([*options, *(each for text in changed for each in ("--set", text))]) == 0
    assert found["feedback"].page == "http://127.0.0.1:9000/"
    assert (found["judge"].address, found["judge"].metrics) == ("127.0.0.1:9001", "127.0.0.1:9002")
    assert found["judge"].page == ""


def test_a_command_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 2
    assert "there is no command 'dance'" in capsys.readouterr().err
    assert main(["--help"]) == 0
    assert "backup" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["pause", "resume", "weights list"])
def test_operating_what_does_not_run(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    told = complaint([*command.split(), "--state", str(tmp_path)], capsys)
    assert "nothing runs there; start it with `ratchet up`" in told


def test_endpoints_of_a_system_that_was_killed_are_not_believed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    learner = {"address": "127.0.0.1:9", "metrics": "", "pid": 1, "ready": True}
    (tmp_path / "endpoints.json").write_text(json.dumps({"learner": learner}))
    assert "nothing runs there" in complaint(["pause", "--state", str(tmp_path)], capsys)


def test_a_setting_of_a_table_leaves_the_others_of_it_alone(
    options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")  # so that it ends before the broker
    keys = ("--set", "feedback.learner.key_file=k", "--set", "feedback.kafka.topic_prefix=a.")
    complaint([*options, *keys], capsys)
    config = Path(options[2]) / "config"
    feedback, learner = (
        tomllib.loads((config / f"{name}.toml").read_text()) for name in ("feedback", "learner")
    )
    assert feedback["learner"] == {
        "address": f"127.0.0.1:{learner['port']}",
        "key_file": "k",
    }
    assert feedback["kafka"] == {**learner["kafka"], "topic_prefix": "a."}
