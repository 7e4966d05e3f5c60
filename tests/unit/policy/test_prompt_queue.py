"""Who is answered next."""

from hypothesis import given
from hypothesis import strategies as st

from ratchet.policy.prompt_queue import PRIORITY, PromptQueue, WaitingPrompt
from ratchet.v1.prompt_pb2 import Prompt, Purpose

GATE, LABEL, TRAIN = PRIORITY


def waiting(
    offset: int, purpose: Purpose = TRAIN, samples: int = 8, version: int = 0
) -> WaitingPrompt:
    prompt = Prompt(purpose=purpose, samples=samples, policy_version=version)
    return WaitingPrompt(0, offset, prompt, (1, 2))


def queue_of(*prompts: WaitingPrompt) -> PromptQueue:
    queue = PromptQueue()
    for prompt in prompts:
        queue.add(prompt)
    return queue


def offsets(batch: list[WaitingPrompt]) -> list[int]:
    return [prompt.offset for prompt in batch]


def test_a_group_is_named_after_its_prompt() -> None:
    assert WaitingPrompt(3, 41, Prompt(), ()).group_id == "p3-41"
    assert WaitingPrompt(3, 41, Prompt(), (), urgent=True).group_id == "u3-41"


def test_the_gate_goes_first_then_people_then_training() -> None:
    queue = queue_of(waiting(0, TRAIN), waiting(1, LABEL), waiting(2, GATE), waiting(3, TRAIN))
    batch = queue.take(served_version=1, training_groups=8, room=64, oversize=True)
    assert offsets(batch) == [2, 1, 0, 3]
    assert len(queue) == 0


def test_a_gate_prompt_waits_for_its_version_and_holds_up_nobody() -> None:
    queue = queue_of(waiting(0, GATE, version=7), waiting(1, GATE, version=6), waiting(2, TRAIN))
    assert offsets(queue.take(6, 8, 64, True)) == [1, 2]
    assert offsets(queue.take(6, 8, 64, True)) == []
    assert offsets(queue.take(8, 8, 64, True)) == [0], "a newer version may answer it"


def test_the_training_budget_bounds_training_alone() -> None:
    queue = queue_of(waiting(0), waiting(1), waiting(2, LABEL))
    assert offsets(queue.take(1, training_groups=1, room=64, oversize=True)) == [2, 0]
    assert offsets(queue.take(1, training_groups=0, room=64, oversize=True)) == []
    assert queue.waiting(TRAIN) == 1


def test_a_prompt_larger_than_the_engine_waits_until_it_can_be_alone() -> None:
    queue = queue_of(waiting(0, samples=32), waiting(1, samples=8))
    assert queue.take(1, 8, room=16, oversize=False) == []
    assert offsets(queue.take(1, 8, room=16, oversize=True)) == [0]
    assert offsets(queue.take(1, 8, room=16, oversize=True)) == [1]


def test_it_tells_whether_something_could_be_taken() -> None:
    queue = queue_of(waiting(0), waiting(1, GATE, version=3))
    assert queue.has_next(served_version=3, training_groups=0)
    assert not queue.has_next(served_version=2, training_groups=0)
    assert queue.has_next(served_version=2, training_groups=1)


@given(
    prompts=st.lists(
        st.tuples(st.sampled_from(PRIORITY), st.integers(1, 16), st.integers(0, 3)), max_size=40
    ),
    max_sequences=st.integers(16, 64),
)
def test_every_prompt_is_answered_once_and_in_its_order(
    prompts: list[tuple[Purpose, int, int]], max_sequences: int
) -> None:
    queue = queue_of(*(waiting(i, *prompt) for i, prompt in enumerate(prompts)))
    answered: list[WaitingPrompt] = []
    while batch := queue.take(3, 8, max_sequences, oversize=True):
        assert sum(p.prompt.samples for p in batch) <= max_sequences
        answered += batch
    assert sorted(offsets(answered)) == list(range(len(prompts)))
    for purpose in PRIORITY:
        of_purpose = [p.offset for p in answered if p.prompt.purpose == purpose]
        assert of_purpose == sorted(of_purpose)
