"""What the critic is fitted on, what it may read, and what it says to whom."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from tests.unit.critic.test_critic import broken
from tests.unit.judge.judge_versions import SENTENCES, STANDARD, groups
from tests.unit.reward.tiny import save_tiny_llama

from ratchet.learner.config import JudgeSettings
from ratchet.learner.critic_settings import CriticSettings
from ratchet.learner.critiquing import Critiquing
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.judge_training import JudgeTraining
from ratchet.learner.progress import Progress
from ratchet.learner.state import LearnerState
from ratchet.process.lease import ComputeLease
from ratchet.process.packed import pack_u32
from ratchet.reward.marks import is_held_out, prompt_key
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import Trunk
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.critique_pb2 import GroupCritiques
from ratchet.v1.preference_pb2 import Comparison, Marks, Preference
from ratchet.v1.prompt_pb2 import PURPOSE_GATE, PURPOSE_LABEL, PURPOSE_TRAIN, Prompt, Purpose
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup, WeightSpan
from ratchet.v1.standard_pb2 import Standard
from ratchet.v1.weights_pb2 import Manifest, Role
from ratchet.weights.registry import Registry


def question(number: int) -> str:
    return f"question {number}"


def held_out(number: int) -> bool:
    return is_held_out(prompt_key([("user", question(number))]))


TRAINED_ON = [n for n in range(400) if not held_out(n)]
HELD_OUT = [n for n in range(400) if held_out(n)]


class Told:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.records: list[GroupCritiques] = []

    def send(self, topic: Any, key: str, record: GroupCritiques) -> "Told":
        assert (topic.name, key) == ("critiques", record.group_id)
        self.records.append(record)
        return self

    def wait(self) -> None:
        pass


class Loop:
    """What the learner's loop does with a critic: a policy of two versions, and people's marks."""

    def __init__(self, folder: Path, **changed: Any) -> None:
        self.state, self.told = LearnerState(), Told()
        self.state.policy.serving = 1
        registry = Registry(folder / "registry")
        for version in (1, 2):
            staged = registry.stage(Role.ROLE_POLICY)
            save_tiny_llama(staged, seed=version, layers=6)
            registry.publish(staged, Manifest(role="ROLE_POLICY", version=version))
        self.trunk = Trunk(registry.folder(Role.ROLE_POLICY, 1))
        lease = ComputeLease(None)
        self.judges = JudgeTraining(
            JudgeSettings(),
            STANDARD.standard_id,
            self.state,
            FeatureStore(folder / "features", self.trunk, lease),
            lambda text: SENTENCES[text != STANDARD.criteria[0].sentence],
        )
        self.judges.add_standard(STANDARD)

        class Settings:
            critic = CriticSettings(**({"enabled": True, "first_marks": 80} | changed))
            standard_id = STANDARD.standard_id

        Settings.registry = registry.root
        arguments: Any = (Settings, self.state, self.judges, lease, self.told)
        self.critic = Critiquing(*arguments)

    def mark(self, numbers: list[int], seed: int = 1, group_id: str = "marked") -> None:
        asked = groups(len(numbers), self.trunk.vocabulary, seed)
        for number, tokens in zip(numbers, asked, strict=True):
            self.judges.add_preference(self.preference(number, tokens, f"{group_id}-{number}"))
        while self.judges.read_some():
            pass

    def preference(self, number: int, tokens: TokenGroup, group_id: str) -> Preference:
        said = [Marks(broken_criterion_ids=broken(self.trunk, i)) for i in tokens.completion_ids]
        return Preference(
            submission_id=group_id,
            labeler="ann",
            marks_a=said[1],
            marks_b=said[2],
            comparison=Comparison(
                group_id=group_id,
                prompt=Prompt(messages=[Message(role="user", content=question(number))]),
                prompt_token_ids=pack_u32(tokens.prompt_ids),
                answer_a=Completion(token_ids=pack_u32(tokens.completion_ids[1])),
                answer_b=Completion(token_ids=pack_u32(tokens.completion_ids[2])),
                standard_id=STANDARD.standard_id,
                standard_version=STANDARD.version,
            ),
        )

    def arrive(
        self, number: int, purpose: Purpose = PURPOSE_TRAIN, version: int = 1, name: str = ""
    ) -> TokenGroup:
        [tokens] = groups(1, self.trunk.vocabulary, seed=1000 + number)
        self.critic.take(
            RolloutGroup(
                group_id=name or f"g{number}",
                prompt=Prompt(
                    messages=[Message(role="user", content=question(number))],
                    standard_id=STANDARD.standard_id,
                    purpose=purpose,
                ),
                prompt_token_ids=pack_u32(tokens.prompt_ids),
                completions=[
                    Completion(
                        token_ids=pack_u32(ids),
                        weight_spans=[WeightSpan(policy_version=version, end=len(ids))],
                    )
                    for ids in tokens.completion_ids
                ],
            )
        )
        return tokens

    def turn(self, count: int = 2) -> list[str]:
        """Ids of the groups that were critiqued meanwhile."""
        before = len(self.told.records)
        for _ in range(count):
            self.critic.go_on(Progress())
        return [record.group_id for record in self.told.records[before:]]


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    return Loop(tmp_path)


def fits() -> float:
    return REGISTRY.get_sample_value("ratchet_learner_critic_seconds_total", {"step": "fit"}) or 0.0


def test_it_points_at_what_people_would_mark_and_says_who_it_is(loop: Loop) -> None:
    loop.mark(TRAINED_ON[:60])
    fresh = {f"g{n}": loop.arrive(n) for n in TRAINED_ON[100:108]}
    assert sorted(loop.turn()) == sorted(fresh)
    right = []
    for record in loop.told.records:
        assert (record.helper.policy_version, record.helper.marked_answers) == (1, 120)
        assert (record.standard_id, record.standard_version) == ("shop", STANDARD.version)
        for ids, critique in zip(
            fresh[record.group_id].completion_ids, record.critiques, strict=True
        ):
            found = {c.criterion_id: c.pointed_at for c in critique.criteria}
            assert all(0 <= c.broken <= 1 for c in critique.criteria)
            right.append(found["short"] == ("short" in broken(loop.trunk, ids)))
    assert sum(right) / len(right) > 0.8


def test_off_it_does_nothing(tmp_path: Path) -> None:
    loop = Loop(tmp_path, enabled=False)
    loop.mark(TRAINED_ON[:60])
    loop.arrive(TRAINED_ON[100])
    assert loop.turn() == []


def test_what_proves_judges_is_neither_read_nor_learned_from(loop: Loop) -> None:
    loop.mark(HELD_OUT[:60])
    loop.arrive(TRAINED_ON[100])
    assert loop.turn() == [], "there are no marks to learn from"
    loop.mark(TRAINED_ON[:60])
    loop.arrive(HELD_OUT[70])
    assert loop.turn() == ["g" + str(TRAINED_ON[100])]
    assert loop.told.records[0].helper.marked_answers == 120


@pytest.mark.parametrize(("purpose", "read"), [(PURPOSE_LABEL, 1), (PURPOSE_GATE, 0)])
def test_only_what_people_may_be_asked_about_is_critiqued(
    loop: Loop, purpose: Purpose, read: int
) -> None:
    loop.mark(TRAINED_ON[:60])
    loop.arrive(TRAINED_ON[100], purpose)
    assert len(loop.turn()) == read


def test_so_many_groups_and_no_more_the_newest_policy_s_first(tmp_path: Path) -> None:
    loop = Loop(tmp_path, groups_per_fit=2)
    loop.mark(TRAINED_ON[:60])
    for number, version in zip(TRAINED_ON[100:104], (1, 2, 1, 2), strict=True):
        loop.arrive(number, version=version)
    assert loop.turn(4) == [f"g{TRAINED_ON[101]}", f"g{TRAINED_ON[103]}"]
    loop.mark(TRAINED_ON[60:80], seed=2)
    assert loop.turn(4) == [f"g{TRAINED_ON[100]}", f"g{TRAINED_ON[102]}"]
    assert loop.told.records[-1].helper.marked_answers == 160


def test_what_was_labeled_already_is_passed_over(loop: Loop) -> None:
    loop.mark(TRAINED_ON[:60])
    loop.arrive(TRAINED_ON[100], name=f"marked-{TRAINED_ON[0]}")
    loop.arrive(TRAINED_ON[101])
    assert loop.turn() == [f"g{TRAINED_ON[101]}"]


def test_it_reads_from_the_policy_that_is_served(loop: Loop) -> None:
    loop.mark(TRAINED_ON[:60])
    loop.arrive(TRAINED_ON[100])
    loop.turn()
    loop.state.policy.serving = 2
    loop.arrive(TRAINED_ON[101])
    loop.turn()
    assert [r.helper.policy_version for r in loop.told.records] == [1, 2]
    # It came back under another number.
    loop.state.policy.rejected, loop.state.policy.serving = [2], 1
    loop.arrive(TRAINED_ON[102])
    loop.turn()
    assert loop.told.records[-1].helper.policy_version == 1


def test_it_may_stay_with_a_policy_for_some_versions(tmp_path: Path) -> None:
    loop = Loop(tmp_path, fit_every=2)
    loop.mark(TRAINED_ON[:60])
    loop.turn()
    loop.state.policy.serving = 2
    loop.arrive(TRAINED_ON[100])
    loop.turn()
    assert loop.told.records[-1].helper.policy_version == 1
    loop.state.policy.rejected = [1]
    loop.arrive(TRAINED_ON[101])
    loop.turn()
    assert loop.told.records[-1].helper.policy_version == 2


def test_marks_that_tell_nothing_are_tried_once(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    for number, tokens in zip(TRAINED_ON[:60], groups(60, loop.trunk.vocabulary), strict=True):
        preference = loop.preference(number, tokens, f"s{number}")
        preference.marks_a.CopyFrom(Marks())
        preference.marks_b.CopyFrom(Marks())
        loop.judges.add_preference(preference)
    while loop.judges.read_some():
        pass
    loop.arrive(TRAINED_ON[100])
    assert loop.turn(3) == []
    assert caplog.text.count("no critic can be fitted yet") == 1


def test_another_standard_is_learned_at_once(loop: Loop) -> None:
    loop.mark(TRAINED_ON[:60])
    loop.turn()
    later = Standard()
    later.CopyFrom(STANDARD)
    later.version += 1
    loop.judges.add_standard(later)
    while loop.judges.read_some():
        pass
    loop.arrive(TRAINED_ON[100])
    loop.turn()
    assert loop.told.records[-1].standard_version == later.version


def test_after_a_restart_it_says_the_same(loop: Loop, tmp_path: Path) -> None:
    loop.mark(TRAINED_ON[:60])
    loop.arrive(TRAINED_ON[100])
    loop.turn()
    again = Loop(tmp_path / "again")
    again.mark(TRAINED_ON[:60])
    again.arrive(TRAINED_ON[100])
    again.turn()
    assert [r.group_id for r in again.told.records] == [r.group_id for r in loop.told.records]
    [ours], [theirs] = loop.told.records, again.told.records
    assert [[c.pointed_at for c in critique.criteria] for critique in ours.critiques] == [
        [c.pointed_at for c in critique.criteria] for critique in theirs.critiques
    ]
