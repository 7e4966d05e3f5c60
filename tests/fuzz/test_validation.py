"""Decoding and validation under atheris, in a process of its own, which libFuzzer ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
INPUTS = int(os.environ.get("RATCHET_FUZZ_INPUTS", "10000"))


@pytest.mark.timeout(3600)
def test_no_bytes_raise_anything_but_an_error_that_names_the_field(tmp_path: Path) -> None:
    seed = [] if "RATCHET_FUZZ_INPUTS" in os.environ else ["-seed=1"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.fuzz.validation_target"),
            *(f"-runs={INPUTS}", f"-artifact_prefix={tmp_path}/", *seed),
        ],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY / 'services'}:{REPOSITORY}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    assert f"Done {INPUTS} runs" in done.stderr
