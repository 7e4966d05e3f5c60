"""What readers are shown: nothing, an answer's own critique, or, as a placebo, another answer's."""

from pathlib import Path

import pytest
from benchmarks.recursion.arm import Helper
from benchmarks.recursion.help import Help
from benchmarks.recursion.spending import first_pairs
from tests.unit.benchmarks.recursion.groups import judged
from tests.unit.reward.tiny_chat import save_tiny_chat_model

from ratchet.demo.prompts import TRAIN
from ratchet.reward.packing import TokenGroup
from ratchet.reward.tokens import ChatTokenizer

COPIES = ((0.5, 0.5), (0.5, 0.5))
PAIRS = first_pairs([judged(prompt, COPIES, (False, False)) for prompt in TRAIN[:5]], 5)


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


def test_before_the_first_marks_nobody_is_helped(model: Path) -> None:
    help_ = Help(Helper.CURRENT, model, ChatTokenizer(model), newest=10)
    assert help_.flags(PAIRS) == {}
    assert help_.aucs([]) == {}
