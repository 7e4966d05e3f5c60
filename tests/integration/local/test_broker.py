"""The real broker as a child."""

import os
import select
import subprocess
import sys
from pathlib import Path

from ratchet.local.broker import Broker

SUPERVISOR = """
import signal, sys
from pathlib import Path
from ratchet.local.broker import Broker
broker = Broker(Path(sys.argv[1]), Path(sys.argv[2]))
broker.start()
print(broker.pid, flush=True)
signal.pause()
"""


def test_it_ends_with_a_supervisor_that_is_killed_and_can_be_started_again(
    kafka_libs: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", SUPERVISOR, str(kafka_libs), str(tmp_path)]
    supervisor = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    java = os.pidfd_open(int(supervisor.stdout.readline()))
    supervisor.kill()
    supervisor.wait()
    ended, _, _ = select.select([java], [], [], 60)
    os.close(java)
    assert ended, "the broker outlived its supervisor"
    again = Broker(kafka_libs, tmp_path)
    again.start()
    again.stop()
