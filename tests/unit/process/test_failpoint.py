import signal
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
from ratchet.process.failpoint import failpoint
for turn in range(3):
    failpoint("other")
    failpoint("here")
    print(turn, flush=True)
"""


@pytest.mark.parametrize(
    ("failpoint", "printed", "code"),
    [
        ("here", "", -signal.SIGKILL),
        ("here@3", "0\n1\n", -signal.SIGKILL),
        ("there", "0\n1\n2\n", 0),
        ("", "0\n1\n2\n", 0),
    ],
)
def test_it_kills_on_the_pass_asked_for(failpoint: str, printed: str, code: int):
    services = Path(__file__).parents[3] / "services"
    done = subprocess.run(
        [sys.executable, "-c", CODE],
        env={"PYTHONPATH": str(services), "RATCHET_FAILPOINT": failpoint},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert (done.stdout, done.returncode) == (printed, code)
