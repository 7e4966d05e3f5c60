"""Argilla's records, as `dataset.records.to_json` of its version 2 writes them."""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from ratchet.jsonl.rows import BadRow, Row
from ratchet.labels.mark_values import mark_values, marks
from ratchet.labels.names import BOTH_BAD, TIE, Names
from ratchet.v1.preference_pb2 import (
    VOTE_A,
    VOTE_B,
    VOTE_BOTH_BAD,
    VOTE_TIE,
    Comparison,
    Preference,
    Vote,
)

DEFAULT_NAMES = Names(
    prompt="prompt", answer_a="response1", answer_b="response2", question="preference"
)
BROKEN = {"marks_a": "broken_a", "marks_b": "broken_b"}
"""Questions for marks, in what is written and read."""


class Argilla:
    """One record a pair, with one response for each labeler."""

    has_ties: ClassVar[bool] = True
    one_array: ClassVar[bool] = True

    def __init__(self, names: Names = DEFAULT_NAMES) -> None:
        self._names = names

    @staticmethod
    def recognizes(fields: Mapping[str, Any]) -> bool:
        """By a record's fields and responses."""
        return "fields" in fields and "responses" in fields

    def read(self, row: Row) -> Iterator[Preference | BadRow]:
        """A preference of each response to the question; drafts are left out where they say so."""
        row.check()
        fields, responses = row.fields.get("fields"), row.fields.get("responses") or {}
        for name, value in (("fields", fields), ("responses", responses)):
            if not isinstance(value, dict):
                raise BadRow(name, "is no object")
        record = _Record(cast("dict[str, Any]", responses), row.fields.get("metadata"))
        comparison = self._names.read_pair(cast("dict[str, Any]", fields), "fields")
        comparison.subset = record.subset
        question = self._names.question
        for index, response in enumerate(record.answers(question)):
            field = f"responses.{question}[{index}]"
            try:
                if response.get("status") not in (None, "submitted"):
                    continue
                yield self._preference(comparison, record, response, field)
            except BadRow as error:
                yield error

    def rows(self, preferences: Sequence[Preference]) -> Iterator[dict[str, Any]]:
        """A record for each pair."""
        pairs: defaultdict[str, list[Preference]] = defaultdict(list)
        for preference in preferences:
            pairs[preference.comparison.pair_id].append(preference)
        for pair_id, of_pair in pairs.items():
            comparison = of_pair[0].comparison
            yield {
                "id": pair_id,
                "fields": self._names.written_pair(comparison),
                "metadata": {
                    **({"subset": comparison.subset} if comparison.subset else {}),
                    "labelers": [preference.labeler for preference in of_pair],
                },
                "suggestions": {},
                "responses": self._responses(of_pair),
                "vectors": {},
            }

    def _preference(
        self, comparison: Comparison, record: "_Record", response: dict[str, Any], field: str
    ) -> Preference:
        user = response.get("user_id")
        marked = {
            side: marks(of_side.get("value"), f"responses.{question}")
            for side, question in BROKEN.items()
            for of_side in record.answers(question)
            if of_side.get("user_id") == user
        }
        return Preference(
            labeler=record.labeler(user),
            vote=self._vote(response.get("value"), f"{field}.value"),
            marks_a=marked.get("marks_a"),
            marks_b=marked.get("marks_b"),
            comparison=comparison,
        )

    def _vote(self, value: object, field: str) -> Vote:
        """Of a label, or of a ranking where equal ranks are a tie."""
        vote = self._ranked(cast("list[Any]", value)) if isinstance(value, list) else None
        vote = vote or self._names.vote(value)
        if vote is None:
            raise BadRow(field, f"{value!r} is neither the word for a vote nor a ranking of both")
        return vote

    def _ranked(self, ranking: list[Any]) -> Vote | None:
        ranks: dict[Vote | None, Any] = {}
        for each in ranking:
            if not isinstance(each, dict):
                return None
            ranked = cast("dict[str, Any]", each)
            ranks[self._names.vote(ranked.get("value"))] = ranked.get("rank")
        a, b = ranks.get(VOTE_A), ranks.get(VOTE_B)
        if not isinstance(a, int) or not isinstance(b, int):
            return None
        return VOTE_TIE if a == b else VOTE_A if a < b else VOTE_B

    def _responses(self, of_pair: list[Preference]) -> dict[str, list[dict[str, Any]]]:
        words = {
            VOTE_A: self._names.answer_a,
            VOTE_B: self._names.answer_b,
            VOTE_TIE: TIE,
            VOTE_BOTH_BAD: BOTH_BAD,
        }
        responses: dict[str, list[dict[str, Any]]] = {self._names.question: []}
        for preference in of_pair:
            said: dict[str, Any] = {self._names.question: words[preference.vote]}
            for side, question in BROKEN.items():
                if preference.HasField(side):
                    said[question] = mark_values(getattr(preference, side))
            for question, value in said.items():
                response = {"value": value, "user_id": user_id(preference.labeler)}
                responses.setdefault(question, []).append(response)
        return responses


def user_id(labeler: str) -> str:
    """An id in Argilla's form for a labeler who has none there: always the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, labeler))


class _Record:
    """A record's responses, and what its metadata says of them."""

    def __init__(self, responses: dict[str, Any], metadata: object) -> None:
        self._responses = responses
        known = cast("dict[str, Any]", metadata) if isinstance(metadata, dict) else {}
        subset, labelers = known.get("subset"), known.get("labelers")
        self.subset = subset if isinstance(subset, str) else ""
        listed = cast("list[object]", labelers) if isinstance(labelers, list) else []
        self._labelers = {user_id(name): name for name in listed if isinstance(name, str)}

    def answers(self, question: str) -> list[dict[str, Any]]:
        """The responses to a question; raises BadRow where they are no list of objects."""
        answers = self._responses.get(question) or []
        if not isinstance(answers, list):
            raise BadRow(f"responses.{question}", "is no list")
        listed = cast("list[object]", answers)
        for index, answer in enumerate(listed):
            if not isinstance(answer, dict):
                raise BadRow(f"responses.{question}[{index}]", "is no object")
        return cast("list[dict[str, Any]]", listed)

    def labeler(self, user: object) -> str:
        """The name that is known for an id, else the id."""
        text = "" if user is None else str(user)
        return self._labelers.get(text, text)
