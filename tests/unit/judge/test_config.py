import subprocess
import sys
from pathlib import Path

import pytest

from ratchet.judge.config import JudgeSettings
from ratchet.process.config import ConfigError, load_settings

NEEDED = {"RATCHET_JUDGE__TRUNK": "trunk", "RATCHET_JUDGE__REGISTRY": "registry"}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("RATCHET_JUDGE__VERSION_FOLDER", "somewhere", "rollouts = false"),
        ("RATCHET_JUDGE__MAX_QUEUE_TOKENS", "1025", "max_batch_tokens"),
        ("RATCHET_JUDGE__MAX_ITEMS", "0", "max_items"),
    ],
)
def test_settings_that_contradict_each_other_are_told(name: str, value: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load_settings(JudgeSettings, "judge", None, {**NEEDED, name: value})


def test_without_a_trunk_there_must_be_something_else_to_serve() -> None:
    alone = {"RATCHET_JUDGE__ROLLOUTS": "false"}
    checks = (
        '{"kind": "program", "checks": [{"id": "a", "check": {"kind": "max_words", "words": 3}}]}'
    )
    panel = '{"kind": "panel", "members": [{"judge": "serving"}]}'
    assert load_settings(
        JudgeSettings, "judge", None, {**alone, "RATCHET_JUDGE__JUDGES": f'{{"short": {checks}}}'}
    ).judges
    for environ, told in (
        ({}, "rollouts"),
        (alone, "nothing to serve"),
        ({**alone, "RATCHET_JUDGE__VERSION_FOLDER": "somewhere"}, "version_folder"),
        ({**alone, "RATCHET_JUDGE__JUDGES": f'{{"all": {panel}}}'}, "serving needs a trunk"),
    ):
        with pytest.raises(ConfigError, match=told):
            load_settings(JudgeSettings, "judge", None, environ)


def test_one_folder_is_served_without_kafka() -> None:
    environ = {
        **NEEDED,
        "RATCHET_JUDGE__ROLLOUTS": "false",
        "RATCHET_JUDGE__VERSION_FOLDER": "registry/judge/000003",
    }
    settings = load_settings(JudgeSettings, "judge", None, environ)
    assert settings.version_folder == Path("registry/judge/000003")


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("ratchet.judge.config, ratchet.process.entry", "torch transformers kafka vllm numpy"),
        ("ratchet.judge.service", "kafka vllm"),
    ],
)
def test_imports_stay_lazy(module: str, absent: str) -> None:
    # transformers alone takes six seconds to import.
    heavy = "" if "transformers" in absent else "sys.modules['transformers'] = MagicMock()"
    program = f"""
import sys
from unittest.mock import MagicMock
{heavy}
import {module}
print(*sorted(set(sys.modules) & set({absent.split()!r})))
"""
    found = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    assert found.stdout.decode().split() == []
