"""What the judge's service says before it begins."""

import asyncio
import re
from pathlib import Path

import pytest

from ratchet.judge.config import JudgeSettings
from ratchet.judge.service import serve
from ratchet.process.config import ConfigError


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
    settings = JudgeSettings.model_validate(
        {
            "port": 0,
            "metrics_port": 0,
            "rollouts": False,
            "trunk": tmp_path / "no-model",
            "judges": {"reward": {"kind": "model", "folder": tmp_path / "no-model"}},
            **tables[wrong],
        }
    )
    with pytest.raises(ConfigError, match=re.escape(str(spoiled))):
        await serve(settings, asyncio.Event())
