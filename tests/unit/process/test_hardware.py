from pathlib import Path

import pytest

from ratchet.process.hardware import cpu_has_bfloat16


@pytest.mark.parametrize(
    ("flags", "fast"),
    [("fpu avx2", False), ("fpu avx512_bf16 x", True), ("amx_bf16 amx_tile", True)],
)
def test_bfloat16_is_fast_where_the_cpu_has_a_unit_for_it(tmp_path: Path, flags: str, fast: bool):
    path = tmp_path / "cpuinfo"
    path.write_text(f"processor\t: 0\nbugs\t\t: amx_bf16\nflags\t\t: {flags}\n")
    assert cpu_has_bfloat16(path) is fast


def test_a_machine_without_cpuinfo_has_none(tmp_path: Path):
    assert not cpu_has_bfloat16(tmp_path / "gone")
