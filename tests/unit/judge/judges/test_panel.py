"""Panels over members that say what they are told to say."""

import math
from collections.abc import Sequence

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ratchet.judge.judgement import failed
from ratchet.judge.judges.base import Ask, Comparison, Item, ItemFailed, Verdicts
from ratchet.judge.judges.panel import PanelJudge
from ratchet.judge.judges.program import ProgramJudge
from ratchet.judge.judges.settings import PanelSettings, ProgramSettings
from ratchet.process.errors import FieldNotFound, Unavailable
from ratchet.v1.judge_service_pb2 import JudgeInfo, ScoredItem
from ratchet.v1.judgement_pb2 import Judgement

ITEMS = [Item([], text, "messages", f"items[{i}].completion") for i, text in enumerate("ab")]
scores = st.lists(st.floats(0, 1), min_size=2, max_size=2)


class Told:
    """Gives these scores, None for a failed item, and this probability of A."""

    def __init__(self, values: Sequence[float | None], a_preferred: float = 0.5) -> None:
        self.values, self.a_preferred = values, a_preferred
        self.fault: Exception | None = None

    def info(self) -> JudgeInfo:
        return JudgeInfo(name="told", standard_id="shop", standard_version=3)

    async def score(self, items: Sequence[Item], ask: Ask) -> Verdicts:
        if self.fault:
            raise self.fault
        found = [
            failed(grpc.StatusCode.UNAVAILABLE, "asleep", item.completion_field)
            if value is None
            else Judgement(score=value)
            for value, item in zip(self.values, items, strict=True)
        ]
        return Verdicts([ScoredItem(judgement=each) for each in found], 1, "shop", 3)

    async def compare(self, item_a: Item, item_b: Item, ask: Ask) -> Comparison:
        verdicts = await self.score([item_a, item_b], ask)
        return Comparison(self.a_preferred, 1 - self.a_preferred, verdicts)


def panel(combine: str, members: Sequence[Told], weights: Sequence[float] = (1, 3)) -> PanelJudge:
    names = [f"m{i}" for i in range(len(members))]
    table = {
        "kind": "panel",
        "combine": combine,
        "members": [
            {"judge": name, "weight": weight} for name, weight in zip(names, weights, strict=True)
        ],
    }
    settings = PanelSettings.model_validate(table)
    return PanelJudge("panel", settings, dict(zip(names, members, strict=True)))


@given(scores, scores)
@pytest.mark.parametrize("combine", ["sum", "minimum", "product"])
async def test_a_panels_score_lies_between_its_members_which_stand_beside_it(
    combine: str, first: list[float], second: list[float]
) -> None:
    verdicts = await panel(combine, [Told(first), Told(second)]).score(ITEMS, Ask())
    for item, values in zip(verdicts.items, zip(first, second, strict=True), strict=True):
        found = item.judgement
        assert list(found.outputs) == list(values)
        assert min(values) - 1e-12 <= found.score <= max(values) + 1e-12
        assert 0 <= found.spread <= (max(values) - min(values)) / 2 + 1e-12
    assert (verdicts.standard_id, verdicts.standard_version) == ("shop", 3)


@pytest.mark.parametrize(
    ("combine", "score", "spread"),
    [
        ("sum", 0.25 * 0.2 + 0.75 * 0.8, math.sqrt(0.25 * 0.75) * 0.6),
        ("product", 0.2**0.25 * 0.8**0.75, math.sqrt(0.25 * 0.75) * 0.6),
        ("minimum", 0.2, 0.3),
    ],
)
async def test_how_members_are_combined(combine: str, score: float, spread: float) -> None:
    judge = panel(combine, [Told([0.2, 1.0]), Told([0.8, 1.0])])
    found = (await judge.score(ITEMS, Ask())).items[0].judgement
    assert (found.score, found.spread) == (pytest.approx(score), pytest.approx(spread))


async def test_what_one_member_cannot_score_is_an_error_of_that_item_alone() -> None:
    judge = panel("sum", [Told([0.5, 0.5]), Told([None, 0.5])])
    first, second = (item.judgement for item in (await judge.score(ITEMS, Ask())).items)
    assert first.error.code == grpc.StatusCode.UNAVAILABLE.value[0]
    assert first.error.message == "judge m1: asleep"
    assert first.error.field == "items[0].completion"
    assert second.score == 0.5 and not second.HasField("error")


async def test_a_member_that_fails_as_a_whole_is_named_in_every_item() -> None:
    broken = Told([0.5, 0.5])
    broken.fault = Unavailable("no judge has been proven yet")
    verdicts = await panel("sum", [Told([0.5, 0.5]), broken]).score(ITEMS, Ask())
    for item in verdicts.items:
        assert item.judgement.error.code == grpc.StatusCode.UNAVAILABLE.value[0]
        assert item.judgement.error.message.startswith("judge m1: no judge")


@pytest.mark.parametrize(
    ("combine", "expected"),
    [("sum", 0.25 * 0.6 + 0.75 * 0.9), ("minimum", 0.6), ("product", None)],
)
async def test_a_panels_comparison_favours_neither_side(
    combine: str, expected: float | None
) -> None:
    values = [1.0, 0.0]
    forward = panel(combine, [Told(values, 0.6), Told(values, 0.9)])
    mirrored = panel(combine, [Told(values, 0.4), Told(values, 0.1)])
    found = await forward.compare(*ITEMS, Ask())
    other = await mirrored.compare(*ITEMS, Ask())
    assert found.shown_first == pytest.approx(1 - other.shown_first)
    assert found.shown_first == pytest.approx(1 - found.shown_second)
    assert expected is None or found.shown_first == pytest.approx(expected)
    assert 0.6 <= found.shown_first <= 0.9


async def test_there_is_no_comparison_without_every_members_scores() -> None:
    judge = panel("sum", [Told([0.5, 0.5]), Told([None, 0.5])])
    with pytest.raises(ItemFailed, match="asleep"):
        await judge.compare(*ITEMS, Ask())


@pytest.mark.parametrize("ask", [Ask(judge_version=3), Ask(standard_id="shop")])
async def test_a_judge_without_versions_and_standards_refuses_to_be_asked_for_one(ask: Ask) -> None:
    check = {"id": "short", "check": {"kind": "max_words", "words": 3}}
    settings = ProgramSettings.model_validate({"kind": "program", "checks": [check]})
    with pytest.raises(FieldNotFound):
        await ProgramJudge("p", settings).score(ITEMS, ask)
