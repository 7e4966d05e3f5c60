"""The report's figures and page, from answers that were made up."""

import json
from statistics import fmean

import pytest

from ratchet.demo.bench import rows
from ratchet.demo.evaluation import EvaluatedAnswer
from ratchet.demo.prompts import NEVER_TRAINED
from ratchet.demo.report.page import page
from ratchet.demo.report.readings import Reading, difference_interval, distinct, errors
from ratchet.demo.report.similarity import mean_similarity
from ratchet.demo.report.summary import Summary

ISSUE_FIELDS = {
    "gold_before", "gold_after", "gold_sd_before", "gold_difference_low", "gold_difference_high",
    "gold_ceiling_after", "judge_agreement", "agreement_shorter", "agreement_longer",
    "agreement_tfidf", "marked_answers", "graded_answers", "policy_versions", "judge_versions",
    "rollbacks", "dropped_requests", "kl", "seconds", "distinct_answers", "errors_before",
    "errors_after",
}  # fmt: skip


def reading(number: int, gold: float, text: str, broken: frozenset[str] = frozenset()) -> Reading:
    prompt = NEVER_TRAINED[number // 2]
    answer = EvaluatedAnswer(
        prompt_id=prompt.prompt_id,
        text=text,
        finish_reason="stop",
        token_ids=(1,),
        policy_version=1,
    )
    return Reading(prompt, answer, broken, -3.0, gold)


def readings(golds: list[float], text: str = "answer {}") -> list[Reading]:
    return [reading(i, gold, text.format(i)) for i, gold in enumerate(golds)]


def summary(**changed: object) -> Summary:
    shares = dict.fromkeys(
        ("short", "polite", "names_product", "names_problem", "asks_order_number", "plain",
         "apologises_once", "offers_help", "finished", "no_invented_refund"), 0.5
    )  # fmt: skip
    values = {
        name: shares if "errors" in name else [] if "list" in str(field.annotation) else
        {} if name == "machine" else "x" if field.annotation is str else 1
        for name, field in Summary.model_fields.items()
    }  # fmt: skip
    return Summary.model_validate(values | changed)


def test_the_interval_holds_the_difference_and_shrinks_with_the_prompts() -> None:
    few = difference_interval(readings([1, 2, 3, 4] * 4), readings([3, 3, 4, 6] * 4))
    many = difference_interval(readings([1, 2, 3, 4] * 16), readings([3, 3, 4, 6] * 16))
    mean = fmean([2, 1, 1, 2])
    assert few[0] <= mean <= few[1]
    assert many[0] <= mean <= many[1]
    assert many[1] - many[0] <= few[1] - few[0]


def test_nothing_gained_is_an_interval_around_zero() -> None:
    same = readings([float(i % 5) for i in range(40)])
    assert difference_interval(same, same) == (0.0, 0.0)


def test_one_reply_for_all_is_neither_distinct_nor_unlike() -> None:
    canned = readings([1.0] * 8, "Sorry.")
    own = [reading(i, 1, f"lamp{i} broke{i}") for i in range(8)]
    assert (distinct(canned), distinct(own)) == (1 / 8, 1)
    assert mean_similarity(canned) == pytest.approx(1)
    assert mean_similarity(own) < 0.5


def test_errors_are_shares_of_the_answers_by_criterion() -> None:
    half = [reading(i, 1, "a", frozenset({"polite"} if i % 2 else ())) for i in range(4)]
    assert errors(half)["polite"] == 0.5
    assert errors(half)["short"] == 0


def test_a_models_words_cannot_become_part_of_the_page() -> None:
    evil = "<script>alert(1)</script>"
    html = page(summary(), readings([1.0] * 4, evil), readings([2.0] * 4, "better {}"), [])
    assert evil not in html
    assert "&lt;script&gt;" in html
    assert "better 3" in html
    assert "http" not in html.replace("http-equiv", ""), "it needs no network"


def test_the_summary_has_what_was_asked_for() -> None:
    assert set(json.loads(summary(gold_ceiling_after=None).model_dump_json())) >= ISSUE_FIELDS


def test_a_benchmarks_rows_are_means_over_the_seeds_beside_their_peers() -> None:
    seeds = [
        summary(gold_before=0, gold_difference=d, gold_ceiling_after=4, judge_agreement=0.8,
                agreement_shorter=0.5, agreement_longer=0.4, agreement_tfidf=0.6)
        for d in (2, 3)
    ]  # fmt: skip
    gain, _, agreement, *_ = rows(seeds)
    assert (gain["value"], gain["peer_value"], gain["ratio"]) == (2.5, 4, 0.625)
    assert (gain["low"], gain["high"], gain["runs"]) == (2, 3, 2)
    assert agreement["ratio"] == pytest.approx(0.8 / 0.6)
