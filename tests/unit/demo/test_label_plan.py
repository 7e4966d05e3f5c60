from hypothesis import given
from hypothesis import strategies as st

from ratchet.demo.label_plan import LabelPlan
from ratchet.v1.preference_pb2 import Comparison
from ratchet.v1.rollout_pb2 import Completion, WeightSpan


def comparison(version: int) -> Comparison:
    old = Completion(weight_spans=[WeightSpan(policy_version=1, start=0, end=3)])
    new = Completion(weight_spans=[WeightSpan(policy_version=version, start=3, end=9)])
    return Comparison(answer_a=old, answer_b=new)


def follow(plan: LabelPlan, versions: list[int]) -> list[int]:
    taken: list[int] = []
    for version in versions:
        if plan.wants(comparison(version)):
            plan.labeled(comparison(version), plan.marked_answers + 2)
            taken.append(version)
    return taken


def test_first_comes_first_and_then_a_few_per_new_version() -> None:
    plan = LabelPlan(first=3, per_version=2, limit=100)
    assert follow(plan, [1] * 10 + [2] * 5 + [1, 2, 3] + [5] * 4) == [1, 1, 1, 2, 2, 3, 5, 5]


def test_a_restarted_labeler_takes_the_count_from_the_server() -> None:
    plan = LabelPlan(first=3, per_version=1, limit=100)
    plan.labeled(comparison(1), marked_answers=40)
    assert follow(plan, [1, 1, 2, 2]) == [2]


@given(
    st.integers(0, 10),
    st.integers(0, 4),
    st.integers(0, 60),
    st.lists(st.integers(1, 6), max_size=80),
)
def test_the_limit_is_never_passed(first, per_version, limit, versions) -> None:
    plan = LabelPlan(first, per_version, limit)
    taken = follow(plan, versions)
    assert 2 * len(taken) == plan.marked_answers <= limit
    assert len(taken) <= first + per_version * 5
