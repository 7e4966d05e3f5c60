"""A label of a file to a preference as the topic holds them."""

import hashlib
from collections.abc import Sequence
from typing import Protocol

from ratchet.feedback.pairs import IMPORT
from ratchet.feedback.requests import check_marks, check_submission
from ratchet.jsonl.rows import BadRow
from ratchet.labels.pair import Fields, check_pair
from ratchet.process.conversation import TemplateRefuses
from ratchet.process.errors import InvalidField
from ratchet.process.packed import pack_u32
from ratchet.v1.feedback_service_pb2 import SubmitPreferenceRequest
from ratchet.v1.preference_pb2 import Comparison, Preference
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, Prompt
from ratchet.v1.rollout_pb2 import Completion
from ratchet.v1.standard_pb2 import Standard

OF_A_PREFERENCE = Fields(
    "comparison.prompt.messages", "comparison.answer_a.text", "comparison.answer_b.text"
)
"""Names of the parts where a file holds preferences as they are: others were checked before."""


class Tokenizer(Protocol):
    """What is used of `reward.tokens.ChatTokenizer`."""

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        """Ids of (role, content) pairs, up to where the assistant begins to write."""
        ...

    def completion_ids(self, text: str, finished: bool = True) -> tuple[int, ...]:
        """Ids of an answer; a finished one closes with the end-of-turn token."""
        ...


class PreferenceMaker:
    """Gives a label its ids, its tokens and the standard by which it counts.

    Ids are hashes of what is compared, of who labeled it and of what they were asked, so that a
    file that is read again brings nothing new. A labeler has one word on a pair.
    """

    def __init__(
        self, tokenizer: Tokenizer, context_tokens: int, standard: Standard, labeler: str
    ) -> None:
        """Takes the policy's tokenizer and context, and who labeled where a file does not say."""
        self._tokenizer = tokenizer
        self._context_tokens = context_tokens
        self._standard = standard
        self._labeler = labeler
        # With other criteria it is another thing that was asked.
        criteria = sorted(criterion.criterion_id for criterion in standard.criteria)
        self._asked = (standard.standard_id, *criteria)

    def preference(self, label: Preference) -> Preference:
        """The whole preference; only texts, vote, marks, labeler, seconds and subset are taken.

        Raises:
            BadRow: a part is wrong, or longer than the policy's context.
        """
        check_pair(label.comparison, OF_A_PREFERENCE)
        messages = [(m.role, m.content) for m in label.comparison.prompt.messages]
        answers = label.comparison.answer_a.text, label.comparison.answer_b.text
        group_id = "import-" + _digest(*self._asked, *(text for turn in messages for text in turn))
        pair_id = f"{group_id}/{_digest(*answers)}"
        labeler = label.labeler or self._labeler
        preference = Preference(
            submission_id=f"{pair_id}/{_digest(labeler)}",
            labeler=labeler,
            vote=label.vote,
            marks_a=label.marks_a if label.HasField("marks_a") else None,
            marks_b=label.marks_b if label.HasField("marks_b") else None,
            seconds=label.seconds,
            assisted=label.assisted,
            comparison=Comparison(
                pair_id=pair_id,
                group_id=group_id,
                prompt=Prompt(
                    prompt_id=group_id,
                    messages=label.comparison.prompt.messages,
                    standard_id=self._standard.standard_id,
                    samples=2,
                    purpose=PURPOSE_LABEL,
                ),
                standard_id=self._standard.standard_id,
                standard_version=self._standard.version,
                picked_because=IMPORT,
                subset=label.comparison.subset,
            ),
        )
        self._check(preference)
        self._add_tokens(preference.comparison, messages, answers)
        return preference

    def _check(self, preference: Preference) -> None:
        request = SubmitPreferenceRequest(
            pair_id=preference.comparison.pair_id,
            submission_id=preference.submission_id,
            labeler=preference.labeler,
            vote=preference.vote,
            seconds=preference.seconds,
        )
        try:
            check_submission(request)
            check_marks("marks_a", preference.marks_a.broken_criterion_ids, self._standard)
            check_marks("marks_b", preference.marks_b.broken_criterion_ids, self._standard)
        except InvalidField as error:
            raise BadRow("", str(error)) from None

    def _add_tokens(
        self, comparison: Comparison, messages: list[tuple[str, str]], answers: tuple[str, str]
    ) -> None:
        try:
            prompt_ids = self._tokenizer.prompt_ids(messages)
        except TemplateRefuses as error:
            raise BadRow("prompt", str(error)) from None
        ids = [self._tokenizer.completion_ids(answer) for answer in answers]
        longest = len(prompt_ids) + max(map(len, ids))
        if longest > self._context_tokens:
            raise BadRow(
                "prompt",
                f"{longest} tokens with the longer answer are more than the model's context of "
                f"{self._context_tokens}",
            )
        comparison.prompt_token_ids = pack_u32(prompt_ids)
        a, b = (
            Completion(text=text, token_ids=pack_u32(of_text), finish_reason="stop")
            for text, of_text in zip(answers, ids, strict=True)
        )
        comparison.answer_a.CopyFrom(a)
        comparison.answer_b.CopyFrom(b)


def _digest(*texts: str) -> str:
    """20 hex digits; no two lists of texts are hashed as the same bytes."""
    digest = hashlib.sha256()
    for text in texts:
        encoded = text.encode()
        digest.update(len(encoded).to_bytes(8) + encoded)
    return digest.hexdigest()[:20]
