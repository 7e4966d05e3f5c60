"""What the command's `--help` must not have to import."""

import subprocess
import sys

HEAVY = ("vllm", "torch", "transformers", "kafka")


def test_parsing_the_settings_needs_nothing_heavy() -> None:
    program = (
        "import ratchet.policy.config, ratchet.policy.environment, ratchet.process.entry, sys; "
        f"sys.exit(', '.join(m for m in {HEAVY} if m in sys.modules) or None)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_service_can_be_imported_without_vllm() -> None:
    program = "import ratchet.policy.service, sys; sys.exit('vllm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
