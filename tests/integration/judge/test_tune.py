"""`ratchet judge tune` with the real engines, on a model that is tiny."""

import re
from pathlib import Path

import pytest
from tests.chaos.rollouts import tiny_trunk
from tests.unit.reward.tiny import save_tiny_reward_model

from ratchet.cli import main
from ratchet.judge.config import JudgeSettings
from ratchet.judge.judges.settings import ModelSettings
from ratchet.local.toml_text import toml_text
from ratchet.process.config import load_settings

SIZES = {
    "runs": 1,
    "singles": 4,
    "groups": 2,
    "completions": 3,
    "prompt-tokens": 30,
    "completion-tokens": 20,
}


@pytest.mark.slow
def test_both_engines_are_measured_and_the_faster_one_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trunk = tiny_trunk(tmp_path / "trunk")
    model = save_tiny_reward_model(tmp_path / "reward", trunk, head_dim=32)
    reward = {"kind": "model", "folder": model, "compiled": False, "kv_cache_gib": 0.1}
    file = tmp_path / "judge.toml"
    file.write_text(
        toml_text({"context_tokens": 128, "rollouts": False, "judges": {"reward": reward}})
    )
    monkeypatch.setenv("COLUMNS", "200")
    options = [f"--{name}={value}" for name, value in SIZES.items()]
    assert main(["judge", "tune", str(file), *options]) == 0
    told = capsys.readouterr().out

    # Two rates and the seconds of a run: neither failed, nor says something else than the other.
    rows = re.findall(r"^\s*(torch|vllm)\s+(\d+)\s+(\d+)\s+(\d+\.\d+)\s*(faster)?\s*$", told, re.M)
    assert {row[0] for row in rows} == {"torch", "vllm"}, told
    assert all(int(rate) > 0 for row in rows for rate in row[1:3])
    [faster] = [row for row in rows if row[4]]
    assert float(faster[3]) == min(float(row[3]) for row in rows)
    written = load_settings(JudgeSettings, "judge", file, {}).judges["reward"]
    assert isinstance(written, ModelSettings)
    assert "engine" in written.model_fields_set
    assert written.engine == faster[0]
