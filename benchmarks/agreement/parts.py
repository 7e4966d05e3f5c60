"""The data sets, each read, learned from and asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.agreement import critiques, finegrained_rlhf, hh_rlhf
from benchmarks.agreement.callers import (
    INVERSE_PENALTIES,
    PENALTIES,
    Caller,
    Pairs,
    judge,
    longer,
    shorter,
    tfidf,
)
from benchmarks.agreement.marks import by_marks
from benchmarks.agreement.question import Question
from benchmarks.agreement.reader import Reader
from benchmarks.agreement.result import Result, result
from benchmarks.agreement.split import Split, shortened, split
from benchmarks.agreement.validation import lowest_loss, tuned
from ratchet.reward.sentences import own_features

JUDGE, TFIDF, PANEL = "judge", "TF-IDF", "judge and TF-IDF"


@dataclass(frozen=True)
class Source:
    """Where the data lie, who reads them, and how many prompts of each part; None: all."""

    data: Path
    reader: Reader
    development: int | None
    test: int | None

    def parts(self, read: Callable[[Path], list[Question]]) -> Split:
        """A data set's two parts."""
        return shortened(split(read(self.data)), self.development, self.test)


def hh(source: Source) -> Result:
    """Votes between harmless answers."""
    train, asked = (
        [
            pair
            for question, features_nF in zip(
                part, source.reader.read([(q.messages, q.answers) for q in part]), strict=True
            )
            for pair in question.pairs(features_nF)
        ]
        for part in source.parts(hh_rlhf.read)
    )
    return _votes("hh-rlhf", train, asked, {})


def finegrained(source: Source) -> Result:
    """Votes between answers from passages, and the marks alone."""
    standard, reader = finegrained_rlhf.standard(), source.reader
    sentences = reader.sentences(standard)
    parts = source.parts(finegrained_rlhf.read)
    plain = [reader.read([(q.messages, q.answers) for q in part], sentences) for part in parts]
    train, asked = (
        [pair for q, rows_nF in zip(part, read, strict=True) for pair in q.pairs(rows_nF)]
        for part, read in zip(parts, plain, strict=True)
    )
    marks = by_marks(parts.development, plain[0], standard, sentences)
    told = sum(own_features(sentences))
    return _votes("finegrained-rlhf", train, asked, {"judge, of marks alone": marks}, told)


def critique(source: Source) -> Result:
    """What people's critiques add to votes between answers from passages."""
    sentences = source.reader.sentences(finegrained_rlhf.standard())
    parts = source.parts(finegrained_rlhf.read)
    reader = source.reader
    plain = [reader.read([(q.messages, q.answers) for q in part], sentences) for part in parts]
    helped = [
        reader.read([(q.messages, [critiques.critiqued(q)]) for q in part], sentences)
        for part in parts
    ]
    train, asked = (
        critiques.first_answer_pairs(*each) for each in zip(parts, plain, helped, strict=True)
    )
    callers: dict[str, Caller] = {
        "always the first": critiques.always_first,
        "number of remarks": critiques.remarks([q for part in parts for q in part]),
    }
    chosen: dict[str, float] = {}
    for name, seen in (
        ("judge without critiques", critiques.without),
        ("judge, critique in place", critiques.in_place),
        ("judge, critique beside", critiques.beside),
    ):
        chosen[name] = lowest_loss({p: critiques.judge(p, seen) for p in PENALTIES}, train)
        callers[name] = critiques.judge(chosen[name], seen)
    floors = ("always the first", "number of remarks", "judge without critiques")
    return result(
        "finegrained-rlhf, pairs of the first answer", train, asked, callers, floors, chosen=chosen
    )


def _votes(
    name: str, train: Pairs, asked: Pairs, others: Mapping[str, Caller], told: int = 0
) -> Result:
    judges = {penalty: judge(penalty, told) for penalty in PENALTIES}
    words = {penalty: tfidf(penalty) for penalty in INVERSE_PENALTIES}
    chosen = {JUDGE: lowest_loss(judges, train), TFIDF: lowest_loss(words, train)}
    lengths = {"longer": longer, "shorter": shorter}
    callers = {**lengths, TFIDF: words[chosen[TFIDF]], JUDGE: judges[chosen[JUDGE]], **others}
    return result(
        name,
        train,
        asked,
        callers,
        ("longer", "shorter", TFIDF),
        panels={PANEL: (JUDGE, TFIDF)},
        chosen=chosen,
        folded={**lengths, TFIDF: tuned(words), JUDGE: tuned(judges)},
        curve_of=(JUDGE, TFIDF),
    )


PARTS: Mapping[str, Callable[[Source], Result]] = {
    "hh-rlhf": hh,
    "finegrained-rlhf": finegrained,
    "critiques": critique,
}
