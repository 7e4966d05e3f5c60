"""People's preferences, as a critic learns from them."""

from collections.abc import Sequence

from ratchet.process.packed import unpack_u32
from ratchet.reward.marks import MarkedAnswer, answer_id, prompt_key
from ratchet.reward.packing import TokenGroup
from ratchet.reward.sentences import Sentences
from ratchet.reward.trunk import Trunk
from ratchet.standard.marked_answers import marked_answers as answers_with_marks
from ratchet.v1.preference_pb2 import Comparison, Preference


def token_group(comparison: Comparison) -> TokenGroup:
    """The prompt and both answers of a comparison.

    Raises:
        ValueError: packed ids have a bad length.
    """
    answers = (comparison.answer_a, comparison.answer_b)
    return TokenGroup(
        tuple(unpack_u32(comparison.prompt_token_ids)),
        tuple(tuple(unpack_u32(answer.token_ids)) for answer in answers),
    )


def marked_answers(
    preferences: Sequence[Preference], trunk: Trunk, sentences: Sentences
) -> list[MarkedAnswer]:
    """A reading for each answer that was marked, with features by this trunk.

    Raises:
        ValueError: packed ids have a bad length, or an answer has no token.
    """
    groups = [token_group(preference.comparison) for preference in preferences]
    found: list[MarkedAnswer] = []
    for preference, group, features_nF in zip(
        preferences, groups, trunk.features(groups, sentences), strict=True
    ):
        messages = [(m.role, m.content) for m in preference.comparison.prompt.messages]
        said = (preference.marks_a, preference.marks_b)
        for i in answers_with_marks(preference):
            ids = group.completion_ids[i]
            found.append(
                MarkedAnswer(
                    answer_id=answer_id(group.prompt_ids, ids),
                    prompt_key=prompt_key(messages),
                    labeler=preference.labeler,
                    features=features_nF[i],
                    broken=frozenset(said[i].broken_criterion_ids),
                    tokens=len(ids),
                )
            )
    return found
