"""Label Studio's tasks: what it exports as JSON, and imports."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

from ratchet.jsonl.rows import BadRow, Row
from ratchet.labels.mark_values import mark_values, marks
from ratchet.labels.names import BOTH_BAD, TIE, Names
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, VOTE_TIE, Comparison, Marks, Preference, Vote

DEFAULT_NAMES = Names(prompt="prompt", answer_a="answer1", answer_b="answer2", question="")
PAIRWISE, NO_WINNER = "comparison", "no_winner"
"""Names of the controls in what is written: the pair, unless another question is named, and the
choice of "tie" or "both_bad"."""
BROKEN = {"broken_a": "marks_a", "broken_b": "marks_b"}
"""Of those for marks, in what is written and read."""
LONGEST_SECONDS = 86_400.0
"""A task that was open for longer says nothing of how long anybody read."""


class LabelStudio:
    """One task a pair, with one annotation for each labeler."""

    has_ties: ClassVar[bool] = True
    one_array: ClassVar[bool] = True

    def __init__(self, names: Names = DEFAULT_NAMES) -> None:
        self._names = names

    @staticmethod
    def recognizes(fields: Mapping[str, Any]) -> bool:
        """By a task's data and annotations."""
        return "data" in fields and "annotations" in fields

    def read(self, row: Row) -> Iterator[Preference | BadRow]:
        """A preference of each annotation that was not skipped and says who won."""
        row.check()
        data, annotations = row.fields.get("data"), row.fields.get("annotations")
        if not isinstance(data, dict):
            raise BadRow("data", "is no object")
        if not isinstance(annotations, list):
            raise BadRow("annotations", "is no list")
        pair = cast("dict[str, Any]", data)
        comparison = self._names.read_pair(pair, "data")
        subset = pair.get("subset")
        comparison.subset = subset if isinstance(subset, str) else ""
        for index, annotation in enumerate(cast("list[Any]", annotations)):
            try:
                found = self._preference(comparison, annotation, f"annotations[{index}]")
            except BadRow as error:
                yield error
            else:
                if found is not None:
                    yield found

    def rows(self, preferences: Sequence[Preference]) -> Iterator[dict[str, Any]]:
        """A task for each pair."""
        tasks: defaultdict[str, list[Preference]] = defaultdict(list)
        for preference in preferences:
            tasks[preference.comparison.pair_id].append(preference)
        for pair_id, of_pair in tasks.items():
            comparison = of_pair[0].comparison
            yield {
                "data": {
                    **self._names.written_pair(comparison),
                    "pair_id": pair_id,
                    **({"subset": comparison.subset} if comparison.subset else {}),
                },
                "annotations": [self._annotation(preference) for preference in of_pair],
            }

    def _preference(
        self, comparison: Comparison, annotation: object, field: str
    ) -> Preference | None:
        if not isinstance(annotation, dict):
            raise BadRow(field, "is no object")
        said = cast("dict[str, Any]", annotation)
        if said.get("was_cancelled"):
            return None
        results = said.get("result")
        if not isinstance(results, list):
            raise BadRow(f"{field}.result", "is no list")
        vote, marked = self._votes_and_marks(cast("list[Any]", results), f"{field}.result")
        if vote is None:
            return None
        return Preference(
            labeler=_labeler(said, field),
            vote=vote,
            marks_a=marked.get("marks_a"),
            marks_b=marked.get("marks_b"),
            seconds=_seconds(said.get("lead_time"), f"{field}.lead_time"),
            comparison=comparison,
        )

    def _votes_and_marks(
        self, results: list[Any], field: str
    ) -> tuple[Vote | None, dict[str, Marks]]:
        votes: set[Vote] = set()
        marked: dict[str, Marks] = {}
        for result in results:
            if not isinstance(result, dict):
                raise BadRow(field, "holds what is no object")
            said = cast("dict[str, Any]", result)
            value: Any = said.get("value")
            name, kind = said.get("from_name"), said.get("type")
            if kind not in ("pairwise", "choices") or not isinstance(value, dict):
                continue
            chosen: Any = cast("dict[str, Any]", value).get(
                "selected" if kind == "pairwise" else "choices"
            )
            if kind == "choices" and name in BROKEN:
                marked[BROKEN[name]] = marks(chosen, f"{field}: {name}")
            elif self._names.question in ("", name) or name == NO_WINNER:
                words = cast("list[Any]", chosen) if isinstance(chosen, list) else [chosen]
                found = {self._names.vote(word) for word in words} - {None}
                if kind == "pairwise" and not found:
                    raise BadRow(field, f"{chosen!r} is the word for no vote")
                votes |= cast("set[Vote]", found)
        if len(votes) > 1:
            raise BadRow(field, "holds several votes; name the question that is meant")
        return (votes.pop() if votes else None), marked

    def _annotation(self, preference: Preference) -> dict[str, Any]:
        # Without `completed_by`: Label Studio refuses people whom it does not know.
        results = [_vote_result(preference.vote, self._names)]
        answers = self._names.answer_a, self._names.answer_b
        for (name, side), answer in zip(BROKEN.items(), answers, strict=True):
            if preference.HasField(side):
                results.append(_choices(name, answer, mark_values(getattr(preference, side))))
        return {
            "labeler": preference.labeler,
            "lead_time": preference.seconds,
            "result": results,
        }


def _vote_result(vote: Vote, names: Names) -> dict[str, Any]:
    if vote not in (VOTE_A, VOTE_B):
        return _choices(NO_WINNER, names.answer_a, [TIE if vote == VOTE_TIE else BOTH_BAD])
    name = names.question or PAIRWISE
    return {
        "id": name,
        "from_name": name,
        "to_name": name,  # Of itself, as in Label Studio's own results of this control.
        "type": "pairwise",
        "value": {"selected": "left" if vote == VOTE_A else "right"},
    }


def _choices(name: str, of: str, chosen: list[str]) -> dict[str, Any]:
    return {
        "id": name,
        "from_name": name,
        "to_name": of,
        "type": "choices",
        "value": {"choices": chosen},
    }


def _labeler(annotation: dict[str, Any], field: str) -> str:
    """Who labeled; empty where it is not said. Label Studio tells an id, or who it is of."""
    who: Any = annotation.get("labeler", annotation.get("completed_by"))
    if isinstance(who, dict):
        known = cast("dict[str, Any]", who)
        who = known.get("email") or known.get("id")
    if who is None or isinstance(who, int | str):
        return "" if who is None else str(who)
    raise BadRow(f"{field}.completed_by", "is neither an id nor an e-mail address")


def _seconds(lead_time: object, field: str) -> float:
    if lead_time is None:
        return 0.0
    if not isinstance(lead_time, int | float) or not math.isfinite(lead_time) or lead_time < 0:
        raise BadRow(field, "is no number of seconds")
    return float(lead_time) if lead_time <= LONGEST_SECONDS else 0.0
