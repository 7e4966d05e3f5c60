"""How a trial went, for the page."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ratchet.feedback.page.standard_draft import StandardDraft
from ratchet.feedback.recent_answers import RecentAnswer
from ratchet.feedback.standard_trial import Finding, StandardTrial, TooManyTrials

MOST_ANSWERS = 12


@dataclass(frozen=True)
class TriedRule:
    """A rule that has a check, over all answers."""

    sentence: str
    broken: int
    unknown: int


@dataclass(frozen=True)
class TriedAnswer:
    """An answer, and what each check says of it."""

    answer: RecentAnswer
    rules: Sequence[tuple[str, Finding]]
    """sentence, finding"""

    @property
    def broken(self) -> int:
        """Rules that it breaks."""
        return sum(bool(finding.fault) for _, finding in self.rules)

    @property
    def unknown(self) -> int:
        """Rules of which it could not be told."""
        return sum(bool(finding.error) for _, finding in self.rules)


@dataclass(frozen=True)
class TrialReport:
    """What the page shows of a trial."""

    rules: Sequence[TriedRule] = ()
    answers: Sequence[TriedAnswer] = ()
    unchecked: Sequence[str] = ()
    """sentences that people and the judge decide"""
    problem: str = ""
    """why there is nothing to show"""
    is_of_others: bool = False
    """No answer was written under this standard yet: they are of other standards."""


async def try_standard(
    trial: StandardTrial, draft: StandardDraft, answers: Sequence[RecentAnswer]
) -> TrialReport:
    """Runs those checks of a draft that are right."""
    checks = await asyncio.to_thread(draft.checks)
    sentences = {
        number: rule.sentence.strip() or f"Rule {number + 1}"
        for number, rule in enumerate(draft.rules)
    }
    unchecked = [sentences[n] for n, rule in enumerate(draft.rules) if not rule.check.kind]
    if not checks:
        return TrialReport(
            unchecked=unchecked,
            problem="No rule has a check that could be run. People and the judge decide them all.",
        )
    if not answers:
        return TrialReport(
            unchecked=unchecked,
            problem="No answer was written yet. Type one of your own to try the checks on.",
        )
    try:
        findings = await trial.run(list(checks.values()), answers)
    except TooManyTrials:
        return TrialReport(problem="Other trials are being run. Try again in a moment.")
    return _report(answers, {n: sentences[n] for n in checks}, findings, unchecked, draft)


def _report(
    answers: Sequence[RecentAnswer],
    sentences: Mapping[int, str],
    findings: Sequence[Sequence[Finding]],
    unchecked: Sequence[str],
    draft: StandardDraft,
) -> TrialReport:
    names = list(sentences.values())
    rules = [
        TriedRule(
            name,
            sum(bool(row[column].fault) for row in findings),
            sum(bool(row[column].error) for row in findings),
        )
        for column, name in enumerate(names)
    ]
    tried = [
        TriedAnswer(answer, list(zip(names, row, strict=True)))
        for answer, row in zip(answers, findings, strict=True)
    ]
    own = any(answer.standard_id == draft.standard_id for answer in answers)
    return TrialReport(rules, tried, unchecked, is_of_others=not own)
