"""People's preferences, marks and critiques of answers from passages (FineGrainedRLHF).

Four answers a question and a vote on each pair of them. Of the first answer alone a person also
marked what is wrong where, and which of the passages' sentences are missing.
"""

import json
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.agreement.question import BadData, Question, Vote
from ratchet.v1.standard_pb2 import Criterion, Standard

FILE = Path("finegrained-rlhf", "dev_feedback.json")
ANSWERS = tuple(f"prediction {i}" for i in range(1, 5))
OUTCOMES = {1: 1.0, 2: 0.0}
"""What stands for a vote; 0 is a tie."""
PASSAGE_WORDS = 100
"""Of all passages together; the rest is cut off."""

SENTENCES: dict[str, tuple[float, str]] = {
    "Missing-Answer": (3.0, "The answer says what the question asks for."),
    "Missing-Major-Auxiliary": (1.0, "The answer says what else of the passages is important."),
    "Missing-Minor-Auxiliary": (0.5, "The answer says what else of the passages is helpful."),
    "Wrong-Grounding": (2.0, "What the answer says is what the passages say."),
    "Unverifiable": (2.0, "Everything that the answer says stands in the passages."),
    "Irrelevant": (1.0, "Every sentence of the answer is about the question."),
    "Redundant": (1.0, "The answer says nothing twice."),
    "Incoherent": (1.0, "The answer is plain and clear to read."),
}
"""error type -> (weight, sentence); the weights were set before anything was measured."""


def standard() -> Standard:
    """The kinds of errors that people marked, as the criteria of a standard."""
    return Standard(
        standard_id="finegrained-rlhf",
        version=1,
        criteria=[
            Criterion(criterion_id=name, weight=weight, sentence=sentence)
            for name, (weight, sentence) in SENTENCES.items()
        ],
    )


def read(folder: Path) -> list[Question]:
    """All questions with their decided votes.

    Raises:
        OSError: the file cannot be read.
        BadData: it is not as it should be; names the entry, from 1, and the field.
    """
    path = folder / FILE
    try:
        entries: object = json.loads(path.read_bytes())
    except ValueError as error:
        raise BadData(path, "the file", f"is no JSON: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise BadData(path, "the file", "is no list of questions")
    found: list[Question] = []
    for number, entry in enumerate(entries, start=1):
        try:
            found.append(_question(entry))
        except KeyError as error:
            raise BadData(path, f"entry {number}", f"{error.args[0]}: is missing") from error
        except (ValueError, TypeError, IndexError, AttributeError) as error:
            raise BadData(path, f"entry {number}", str(error)) from error
    return found


def _question(entry: dict[str, Any]) -> Question:
    answers = tuple(_text(entry, name) for name in ANSWERS)
    feedback = entry["feedback"]
    errors, missing = feedback["errors"], feedback["missing-info"]
    broken = frozenset(each["error type"] for each in [*errors, *missing])
    if unknown := sorted(broken - SENTENCES.keys()):
        raise ValueError(f"feedback: error type {unknown[0]!r} is not known")
    return Question(
        (("user", _prompt(entry)),),
        answers,
        _votes(entry["preference"]),
        broken={0: broken},
        critiques={0: _critique(answers[0], entry["passages"], errors, missing)},
    )


def _text(entry: dict[str, Any], name: str) -> str:
    text: object = entry[name]
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name}: is no text, or an empty one")
    return text


def _prompt(entry: dict[str, Any]) -> str:
    """The passages up to so many words, then the question. A passage begins with its title."""
    words = [word for _, *sentences in entry["passages"] for word in " ".join(sentences).split()]
    return f"{' '.join(words[:PASSAGE_WORDS])}\n\nQuestion: {_text(entry, 'question')}"


def _votes(preference: list[int]) -> tuple[Vote, ...]:
    pairs = list(combinations(range(len(ANSWERS)), 2))
    if len(preference) != len(pairs) or not {0, *OUTCOMES}.issuperset(preference):
        raise ValueError(f"preference: is {preference}, not {len(pairs)} of 0, 1 and 2")
    return tuple(
        Vote(a, b, OUTCOMES[vote])
        for (a, b), vote in zip(pairs, preference, strict=True)
        if vote in OUTCOMES
    )


def _critique(
    answer: str,
    passages: list[list[str]],
    errors: list[dict[str, Any]],
    missing: list[dict[str, Any]],
) -> str:
    """What a person marked, in words: each kind of error with what it is about."""
    said = [f"{each['error type']}: {answer[each['start'] : each['end']]}" for each in errors]
    for each in missing:
        sentences = passages[each["passage_id"] - 1]
        said += [f"{each['error type']}: {sentences[i]}" for i in each["sentence_id"]]
    return "\n".join(said) or "No error."
