import asyncio
import subprocess
import sys
from pathlib import Path

from ratchet.process.lease import ComputeLease

HOLDER = """
import sys
from pathlib import Path
from ratchet.process.lease import ComputeLease
with ComputeLease(Path(sys.argv[1])).held():
    print("held", flush=True)
    sys.stdin.read()
"""


async def test_only_one_holds_it_at_a_time(tmp_path: Path):
    inside = 0
    most = 0

    async def work() -> None:
        nonlocal inside, most
        async with ComputeLease(tmp_path / "lease").held_async():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(work() for _ in range(5)))
    assert most == 1


async def test_who_gives_it_back_cannot_overtake_who_waits(tmp_path: Path):
    lease = ComputeLease(tmp_path / "lease")
    turns: list[str] = []

    async def take(name: str) -> None:
        async with lease.held_async():
            turns.append(name)

    async with lease.held_async():
        other = asyncio.create_task(take("other"))
        await asyncio.sleep(0)
    await take("greedy")
    await other
    assert turns == ["other", "greedy"]
    assert lease.waited_seconds > 0


async def test_a_cancelled_waiter_stands_in_nobodys_way(tmp_path: Path):
    lease = ComputeLease(tmp_path / "lease")
    async with lease.held_async():
        waiter = asyncio.create_task(lease.held_async().__aenter__())
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.wait([waiter])
    with lease.held():
        pass


def test_it_falls_free_when_its_holder_is_killed(tmp_path: Path):
    path = tmp_path / "lease"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        env={"PYTHONPATH": str(Path(__file__).parents[3] / "services")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
        with ComputeLease(path).held():
            pass


def test_no_path_means_no_waiting():
    with ComputeLease(None).held(), ComputeLease(None).held():
        pass
