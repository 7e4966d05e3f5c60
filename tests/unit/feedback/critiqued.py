"""What a helper says of groups, for the tests of feedback."""

from ratchet.feedback.critique_book import may_be_helped
from ratchet.v1.critique_pb2 import CriterionCritique, Critique, GroupCritiques, Helper

HELPER = Helper(policy_version=3, marked_answers=80)


def critiques(
    group_id: str,
    pointed_at: list[list[str]],
    criteria: list[str],
    *,
    standard_id: str = "shop",
    standard_version: int = 1,
    helper: Helper = HELPER,
) -> GroupCritiques:
    """`pointed_at`: of every answer the criteria that the helper points at."""
    return GroupCritiques(
        group_id=group_id,
        standard_id=standard_id,
        standard_version=standard_version,
        helper=helper,
        critiques=[
            Critique(
                criteria=[
                    CriterionCritique(
                        criterion_id=name,
                        broken=0.9 if name in found else 0.1,
                        pointed_at=name in found,
                    )
                    for name in criteria
                ]
            )
            for found in pointed_at
        ],
    )


def named(*, helped: bool, count: int = 1) -> list[str]:
    """Ids of groups whose first pair is of the half with help, or of the other."""
    names = (f"critiqued{number}" for number in range(1000))
    found = [name for name in names if may_be_helped(f"{name}/0-1") == helped]
    return found[:count]
