import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ratchet.process.config import Settings
from ratchet.process.entry import main

FOLDER = Path(__file__).parent
TARGET = "echo_service:serve"
CODE = f"""
import sys
from ratchet.process.entry import main
from echo_service import EchoSettings
sys.exit(main("echo", EchoSettings, "{TARGET}"))
"""


@pytest.fixture
def echo_settings(monkeypatch: pytest.MonkeyPatch) -> type[Settings]:
    monkeypatch.syspath_prepend(FOLDER)
    from echo_service import EchoSettings

    return EchoSettings


def spawn(**environ: str) -> subprocess.Popen[str]:
    python_path = os.pathsep.join([str(FOLDER), str(FOLDER.parents[2] / "services")])
    return subprocess.Popen(
        [sys.executable, "-c", CODE],
        env={**os.environ, "PYTHONPATH": python_path, "RATCHET_ECHO__DEPTH": "1", **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_exits_0(number: signal.Signals):
    process = spawn()
    assert process.stdout is not None
    assert process.stdout.readline() == "running\n"
    process.send_signal(number)
    out, _ = process.communicate()
    assert out == "drained\n"
    assert process.returncode == 0


def test_only_a_new_process_can_go_on_after_75():
    process = spawn(RATCHET_ECHO__FAILURE="restart")
    _, err = process.communicate()
    assert process.returncode == 75
    assert "fenced" in err


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({}, "ratchet-echo: settings: depth: Field required\n"),
        ({"DEPTH": "1", "FAILURE": "config"}, "ratchet-echo: port: taken\n"),
    ],
)
def test_a_wrong_configuration_is_one_line_and_exit_code_2(
    echo_settings: type[Settings],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environ: dict[str, str],
    told: str,
):
    for key, value in environ.items():
        monkeypatch.setenv(f"RATCHET_ECHO__{key}", value)
    assert main("echo", echo_settings, TARGET, []) == 2
    assert capsys.readouterr().err == told


def test_a_failure_is_logged_and_exit_code_1(
    echo_settings: type[Settings],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setenv("RATCHET_ECHO__DEPTH", "1")
    monkeypatch.setenv("RATCHET_ECHO__FAILURE", "boom")
    assert main("echo", echo_settings, TARGET, []) == 1
    assert "RuntimeError: boom" in caplog.text


def test_help_lists_every_setting_with_its_default(
    echo_settings: type[Settings], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as caught:
        main("echo", echo_settings, TARGET, ["--help"])
    assert caught.value.code == 0
    told = capsys.readouterr().out
    assert "failure (default ''): what goes wrong" in told
    assert "depth (required): how deep" in told


def test_check_starts_nothing(
    echo_settings: type[Settings], capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    path = tmp_path / "echo.toml"
    path.write_text("depth = 1\n")
    assert main("echo", echo_settings, TARGET, ["--check", "--config", str(path)]) == 0
    assert capsys.readouterr().out == "ratchet-echo: the settings are good\n"


def test_the_log_holds_no_url_of_a_request(
    echo_settings: type[Settings],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setenv("RATCHET_ECHO__DEPTH", "1")
    monkeypatch.setenv("RATCHET_ECHO__FAILURE", "boom")
    caplog.set_level("DEBUG")
    main("echo", echo_settings, TARGET, [])
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(204))) as http:
        http.post("https://hooks.test/secret")
    assert "secret" not in caplog.text
