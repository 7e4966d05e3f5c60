"""What readers are shown: nothing, an answer's own critique, or, as a placebo, another answer's."""

from pathlib import Path

import pytest
from benchmarks.recursion.arm import Helper
from benchmarks.recursion.help import Help
from benchmarks.recursion.reading import Readers
from benchmarks.recursion.spending import first_pairs
from tests.unit.benchmarks.recursion.groups import judged
from tests.unit.reward.tiny_chat import save_tiny_chat_model

from ratchet.demo.prompts import TRAIN, CustomerPrompt
from ratchet.learner.model import PolicyTrainer
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.reward.marks import MarkedAnswer, is_held_out, prompt_key
from ratchet.reward.packing import TokenGroup
from ratchet.reward.tokens import ChatTokenizer
from ratchet.v1.preference_pb2 import Comparison

COPIES = ((0.5, 0.5), (0.5, 0.5))


def pairs_of(prompts: list[CustomerPrompt]) -> list[Comparison]:
    groups = [judged(prompt, COPIES, (False, False)) for prompt in prompts]
    return first_pairs(groups, len(prompts))


PAIRS = pairs_of([p for p in TRAIN if not is_held_out(prompt_key(p.messages))][:5])
PROVING = pairs_of([p for p in TRAIN if is_held_out(prompt_key(p.messages))][:5])


class NamingCritic:
    """Points at something else in every answer: its number."""

    def flags(self, groups: list[TokenGroup]) -> list[list[frozenset[str]]]:
        return [[frozenset({f"{i}a"}), frozenset({f"{i}b"})] for i in range(len(groups))]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_chat_model(tmp_path_factory.mktemp("model"))


def shown(model: Path, helper: Helper) -> list[tuple[frozenset[str], frozenset[str]]]:
    help_ = Help(helper, model, ChatTokenizer(model), newest=10)
    help_.critic = NamingCritic()  # pyright: ignore[reportAttributeAccessIssue]
    flags = help_.flags(PAIRS)
    return [flags[pair.pair_id] for pair in PAIRS]


@pytest.mark.parametrize("helper", [Helper.CURRENT, Helper.FIRST])
def test_a_reader_sees_the_critiques_of_both_answers(model: Path, helper: Helper) -> None:
    assert shown(model, helper) == [({f"{i}a"}, {f"{i}b"}) for i in range(5)]


def test_a_placebo_is_as_much_pointing_at_none_of_the_pairs_own_answers(model: Path) -> None:
    own, placebo = shown(model, Helper.CURRENT), shown(model, Helper.SHUFFLED)
    assert {*own} == {*placebo}
    assert all(not {*mine} & {*theirs} for mine, theirs in zip(own, placebo, strict=True))


def test_readings_that_prove_a_judge_are_helped_by_none(model: Path) -> None:
    help_ = Help(Helper.SHUFFLED, model, ChatTokenizer(model), newest=10)
    help_.critic = NamingCritic()  # pyright: ignore[reportAttributeAccessIssue]
    assert help_.flags([*PROVING[:2], *PAIRS, *PROVING[2:]]) == help_.flags(PAIRS)


@pytest.mark.parametrize("follows", [True, False])
def test_a_critic_learns_nothing_of_marks_that_prove_a_judge(
    model: Path, monkeypatch: pytest.MonkeyPatch, follows: bool
) -> None:
    learned: list[str] = []

    def fit(trunk: object, marked: list[MarkedAnswer], *_: object) -> None:
        learned.extend(mark.prompt_key for mark in marked)
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmarks.recursion.help.fit_critic", fit)
    help_ = Help(Helper.CURRENT, model, ChatTokenizer(model), newest=6)
    readers = Readers(seed=0, caught=0.9, misled=0.15, repeat_share=0)
    marks = readers.read([*PAIRS, *PROVING], {}, 10).preferences
    trainer = PolicyTrainer(model, TrainerSettings(lora_rank=4))
    with pytest.raises(KeyboardInterrupt):
        if follows:
            help_.follow(trainer, marks, seed=0)
        else:
            help_.follow(trainer, [], seed=0)
            help_.learn(marks, seed=0)
    assert len(learned) == (6 if follows else 10)
    assert not any(map(is_held_out, learned))


def test_before_the_first_marks_nobody_is_helped(model: Path) -> None:
    help_ = Help(Helper.CURRENT, model, ChatTokenizer(model), newest=10)
    assert help_.flags(PAIRS) == {}
    assert help_.aucs([]) == {}
