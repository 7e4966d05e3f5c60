"""Once loaded, vLLM and all, the services have nothing of the demo in their process."""

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys

class NoDemo:
    def find_spec(self, name, path=None, target=None):
        if name == "ratchet.demo" or name.startswith("ratchet.demo."):
            raise AssertionError(f"{name} was imported")

sys.meta_path.insert(0, NoDemo())
for name in ("policy", "judge", "learner", "feedback"):
    service = importlib.import_module(f"ratchet.{name}")
    for module in pkgutil.walk_packages(service.__path__, service.__name__ + "."):
        importlib.import_module(module.name)
    assert f"ratchet.{name}.service" in sys.modules
assert not [name for name in sys.modules if name.startswith("ratchet.demo")]
"""


def test_the_services_load_nothing_of_the_demo() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
