"""What the judge's service says before it begins."""

import asyncio
import re
import socket
from pathlib import Path
from typing import Any

import pytest

from ratchet.judge.config import JudgeSettings
from ratchet.judge.service import serve
from ratchet.process.config import ConfigError


def settings(folder: Path, **wrong: Any) -> JudgeSettings:
    """Of models that are not there."""
    return JudgeSettings.model_validate(
        {
            "port": 0,
            "metrics_port": 0,
            "rollouts": False,
            "trunk": folder / "no-model",
            "judges": {"reward": {"kind": "model", "folder": folder / "no-model"}},
            **wrong,
        }
    )


@pytest.mark.parametrize("wrong", ["keys_file", "certificate"])
async def test_keys_and_certificates_that_cannot_be_used_are_told_before_a_model_is_looked_for(
    wrong: str, tmp_path: Path
) -> None:
    spoiled = tmp_path / "spoiled"
    spoiled.write_text("neither TOML nor PEM")
    tables = {
        "keys_file": {"auth": {"keys_file": spoiled}},
        "certificate": {"tls": {"certificate": spoiled, "private_key": spoiled}},
    }
    with pytest.raises(ConfigError, match=re.escape(str(spoiled))):
        await serve(settings(tmp_path, **tables[wrong]), asyncio.Event())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_taken_port_is_told_before_a_model_is_looked_for(host: str, tmp_path: Path) -> None:
    with socket.create_server((host, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"^port: cannot listen on .*:{port}: it is taken$"):
            await serve(settings(tmp_path, host=host, port=port), asyncio.Event())
