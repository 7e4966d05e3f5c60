"""Where a criterion has a check, that tells, and no head that learned from marks."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.reward.test_fit import FEATURES, NO_SENTENCES, STANDARD, answers, marks

from ratchet.reward.criterion_checks import CriterionChecks, fields_of
from ratchet.reward.fit import COPIES, fit_heads
from ratchet.reward.heads import Heads, Scores
from ratchet.standard.checks.base import CheckFailed
from ratchet.v1.check_pb2 import Check
from ratchet.v1.standard_pb2 import Standard

SHORT = Check(length=Check.Length(max_words=2))
SHARE = 1 / 5
"""Of the weight of `kind` (3), `short` and `rare`, that `short` has once all are known."""


def checked_standard(**checks: Check) -> Standard:
    standard = Standard()
    standard.CopyFrom(STANDARD)
    for criterion in standard.criteria:
        if criterion.criterion_id in checks:
            criterion.check.CopyFrom(checks[criterion.criterion_id])
    return standard


def fitted(**checks: Check) -> Heads:
    """`short` and `kind` have marks; nobody has ever marked `rare`."""
    marked = marks(*answers(200, 0))
    return fit_heads(marked, [], checked_standard(**checks), NO_SENTENCES, 0, obeys_checks=True)


def scored(heads: Heads, *texts: str) -> Scores:
    features, _ = answers(len(texts), 7)
    return heads.obey(heads.score(features), [heads.checks.broken_C("", text) for text in texts])


def test_the_verdict_is_the_checks_and_all_copies_are_sure_of_it() -> None:
    heads = fitted(short=SHORT, rare=Check(finished=Check.Finished()))
    found = scored(heads, "Yes.", "Far too long.", "No")
    assert found.broken_nC[:, 1:].tolist() == [[0, 0], [1, 0], [0, 1]]
    assert (found.broken_bootstrap_nCK[1, 1] == np.ones(COPIES)).all()
    kind_n = found.broken_nC[:, 0]
    np.testing.assert_allclose(
        found.score_n, 1 - 3 / 5 * kind_n - SHARE * np.array([0, 1, 1]), atol=1e-9
    )


def test_a_check_adds_nothing_to_what_the_judge_is_unsure_of() -> None:
    heads = fitted(short=SHORT)
    met, broken = scored(heads, "Yes.", "No."), scored(heads, "Far too long.", "It is too long.")
    np.testing.assert_array_equal(met.spread_n, broken.spread_n)
    assert (met.spread_n > 0).all()
    np.testing.assert_allclose(met.score_n - broken.score_n, 1 / 4)


def test_without_its_checks_an_answer_has_no_score() -> None:
    heads = fitted(short=SHORT)
    found = heads.score(answers(2, 7)[0])
    assert np.isnan(found.score_n).all()
    assert np.isnan(found.broken_nC[:, 1]).all()


def test_what_a_check_cannot_tell_is_an_error_of_its_answer_alone() -> None:
    heads = fitted(short=SHORT)
    features, _ = answers(2, 7)
    fine = heads.checks.broken_C("", "Yes.")
    found = heads.obey(heads.score(features), ["check short: no", fine])
    assert list(found.errors) == ["check short: no", ""]
    assert np.isnan(found.score_n).tolist() == [True, False]
    assert found.score_n[1] == scored(heads, "Yes.", "Yes.").score_n[1]


def test_a_failed_check_names_its_criterion() -> None:
    broken = Check(expression=Check.Expression(expression="1 / len(answer) > 0"))
    heads = fitted(rare=broken)
    with pytest.raises(CheckFailed, match=r"^check rare: 1 / len"):
        heads.checks.broken_C("", "")


def test_checks_are_kept_with_the_version(tmp_path: Path) -> None:
    heads = fitted(short=SHORT, rare=Check(regex=Check.Regex(pattern="x", absent=True)))
    heads.save(tmp_path)
    loaded = Heads.load(tmp_path)
    assert loaded.checks.key == heads.checks.key
    np.testing.assert_allclose(
        scored(loaded, "a b c").score_n, scored(heads, "a b c").score_n, 1e-4
    )


def test_a_standard_of_checks_alone_is_no_judge_that_learned() -> None:
    every = {criterion.criterion_id: SHORT for criterion in STANDARD.criteria}
    with pytest.raises(ValueError, match="no criterion that people mark"):
        fitted(**every)


def test_a_helper_learns_all_criteria_whatever_their_checks() -> None:
    standard = checked_standard(short=SHORT)
    heads = fit_heads(marks(*answers(200, 0)), [], standard, NO_SENTENCES, seed=0)
    assert np.isfinite(heads.score(np.zeros((1, FEATURES))).broken_nC[0, :2]).all()


def test_checks_that_are_none_are_no_judges() -> None:
    with pytest.raises(ValueError, match="max_words"):
        CriterionChecks(["short"], [{"kind": "length", "max_words": "x"}])
    assert not CriterionChecks(["a"], fields_of(STANDARD)[:1])
