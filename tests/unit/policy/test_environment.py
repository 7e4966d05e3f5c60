"""The environment that the service is started with."""

from pathlib import Path

import pytest

from ratchet.policy.environment import policy_environment

without_gpu = pytest.mark.skipif(
    Path("/dev/nvidiactl").exists(), reason="the CPU's variables are not set beside a GPU"
)


def test_once_set_nothing_is_missing() -> None:
    first = policy_environment({"PATH": "/bin"})
    assert first
    assert policy_environment({"PATH": "/bin", **first}) == {}, (
        "else it would start itself for ever"
    )


@pytest.mark.parametrize("preloaded", ["", "/lib/mine.so"])
def test_what_is_preloaded_stays_so(preloaded: str) -> None:
    first = policy_environment({"LD_PRELOAD": preloaded})
    merged = {"LD_PRELOAD": preloaded, **first}
    assert preloaded in merged["LD_PRELOAD"]
    assert policy_environment(merged) == {}


def test_the_users_own_values_win() -> None:
    assert "OMP_NUM_THREADS" not in policy_environment({"OMP_NUM_THREADS": "7"})
    assert "VLLM_LOGGING_LEVEL" not in policy_environment({"VLLM_LOGGING_LEVEL": "DEBUG"})
