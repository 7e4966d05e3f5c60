"""The critic: it points where readers would mark, on states that move with the policy."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.judge.judge_versions import SENTENCES, STANDARD, groups
from tests.unit.learner.test_model import SETTINGS, judged
from tests.unit.reward.tiny import save_tiny_llama

from ratchet.critic.critic import Critic, critic_trunk
from ratchet.critic.fit import EVEN, fit_critic, threshold
from ratchet.critic.marked_answers import marked_answers, token_group
from ratchet.learner.model import PolicyTrainer
from ratchet.process.packed import pack_u32
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import Trunk
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import Comparison, Marks, Preference
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion

CAUGHT, WRONG = 0.6, 0.03


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_llama(tmp_path_factory.mktemp("policy"), layers=6)


def broken(trunk: Trunk, ids: tuple[int, ...]) -> set[str]:
    """By the standard; half of the answers break either criterion."""
    return {
        name
        for name, breaks in (("short", len(ids) > 5), ("low", ids[0] > trunk.vocabulary / 2))
        if breaks
    }


def asked(trunk: Trunk, count: int, seed: int) -> list[TokenGroup]:
    return [TokenGroup(g.prompt_ids, g.completion_ids[1:3]) for g in groups(count, 61, seed)]


def preferences(trunk: Trunk, count: int) -> list[Preference]:
    """What a reader says who misses 40% of what is broken and marks 3% of what is not."""
    draw = np.random.default_rng(0)

    def said(ids: tuple[int, ...]) -> Marks:
        truth = broken(trunk, ids)
        chances = {name: CAUGHT if name in truth else WRONG for name in ("short", "low")}
        return Marks(broken_criterion_ids=[n for n, c in chances.items() if draw.random() < c])

    return [
        Preference(
            submission_id=f"{i}",
            labeler="ann",
            marks_a=said(group.completion_ids[0]),
            marks_b=said(group.completion_ids[1]),
            comparison=Comparison(
                prompt=Prompt(messages=[Message(role="user", content=f"question {i}")]),
                prompt_token_ids=pack_u32(group.prompt_ids),
                answer_a=Completion(token_ids=pack_u32(group.completion_ids[0])),
                answer_b=Completion(token_ids=pack_u32(group.completion_ids[1])),
            ),
        )
        for i, group in enumerate(asked(trunk, count, seed=1))
    ]


@pytest.fixture(scope="module")
def critic(policy: Path) -> Critic:
    trunk = critic_trunk(policy)
    marked = marked_answers(preferences(trunk, 120), trunk, SENTENCES)
    return fit_critic(trunk, marked, STANDARD, SENTENCES, seed=0)


def test_it_points_at_what_is_broken_although_readers_miss_much_of_that(
    critic: Critic, policy: Path
) -> None:
    trunk = critic_trunk(policy)
    fresh = asked(trunk, 100, seed=2)
    pointed = {True: 0, False: 0}
    counts = {True: 0, False: 0}
    for group, flags in zip(fresh, critic.flags(fresh), strict=True):
        for ids, flagged in zip(group.completion_ids, flags, strict=True):
            is_broken = "short" in broken(trunk, ids)
            counts[is_broken] += 1
            pointed[is_broken] += "short" in flagged
    assert pointed[True] / counts[True] > 0.7
    assert pointed[False] / counts[False] < 0.2


def test_an_answer_that_nobody_marked_teaches_nothing(policy: Path) -> None:
    trunk = critic_trunk(policy)
    both, first, none = preferences(trunk, 3)
    first.ClearField("marks_b")
    none.ClearField("marks_a")
    none.ClearField("marks_b")
    assert len(marked_answers([both, first, none], trunk, SENTENCES)) == 3


def test_what_it_keeps_says_the_same(critic: Critic, policy: Path, tmp_path: Path) -> None:
    critic.save(tmp_path)
    trunk = critic_trunk(policy)
    loaded = Critic.load(tmp_path, trunk)
    fresh = asked(trunk, 20, seed=3)
    assert loaded.flags(fresh) == critic.flags(fresh)
    for ours, theirs in zip(loaded.broken(fresh), critic.broken(fresh), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_criterion_that_nobody_marks_is_never_pointed_at(policy: Path) -> None:
    trunk = critic_trunk(policy)
    said = preferences(trunk, 60)
    for preference in said:
        for marks in (preference.marks_a, preference.marks_b):
            kept = [name for name in marks.broken_criterion_ids if name != "low"]
            marks.broken_criterion_ids[:] = kept
    marked = marked_answers(said, trunk, SENTENCES)
    alone = fit_critic(trunk, marked, STANDARD, SENTENCES, seed=0)
    flags = alone.flags([token_group(preference.comparison) for preference in said])
    assert {name for pair in flags for found in pair for name in found} == {"short"}


def test_it_reads_layers_that_training_changes_and_the_judge_does_not(
    policy: Path, tmp_path: Path
) -> None:
    trainer = PolicyTrainer(policy, SETTINGS)
    for _ in range(3):
        trainer.update([judged(trainer)])
    trainer.export(tmp_path)
    fresh = asked(Trunk(policy), 1, seed=4)
    [before], [after] = (Trunk(folder).features(fresh) for folder in (policy, tmp_path))
    np.testing.assert_array_equal(before, after)
    [before], [after] = (critic_trunk(folder).features(fresh) for folder in (policy, tmp_path))
    assert np.abs(before - after).max() > 1e-2
    assert critic_trunk(policy).sha256 != Trunk(policy).sha256


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=30))
def test_no_other_threshold_has_a_higher_balanced_accuracy(rows: list[tuple[float, bool]]) -> None:
    chance_n, marked_n = (np.array(column) for column in zip(*rows, strict=True))

    def gain(at: float) -> float:
        flagged_n = chance_n >= at
        return flagged_n[marked_n].mean() - flagged_n[~marked_n].mean()

    found = threshold(chance_n, marked_n)
    if marked_n.all() or not marked_n.any():
        assert found == EVEN
    elif found != EVEN:
        assert gain(found) >= max(0.0, *map(gain, chance_n)) - 1e-12


def test_a_criterion_that_the_heads_cannot_tell_has_no_threshold_of_its_own() -> None:
    draw = np.random.default_rng(0)
    told = [threshold(draw.random(200), draw.random(200) < 0.05) != EVEN for _ in range(300)]
    assert np.mean(told) < 0.08
    marked_n = draw.random(200) < 0.3
    assert threshold(draw.normal(size=200) + marked_n, marked_n) != EVEN


def test_thresholds_that_do_not_fit_are_refused(critic: Critic, policy: Path) -> None:
    with pytest.raises(ValueError, match="thresholds: 1, but 2 criteria"):
        Critic(critic_trunk(policy), critic._heads, [0.5])
