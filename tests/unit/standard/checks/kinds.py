"""A check of every kind, with an answer to `PROMPT` that meets it and one that does not."""

from typing import Any, NamedTuple

from pydantic import TypeAdapter

from ratchet.standard.checks.any_check import AnyCheck

PROMPT = "My kettle leaks."
CHECK: TypeAdapter[AnyCheck] = TypeAdapter(AnyCheck)


class Kind(NamedTuple):
    check: dict[str, Any]
    good: str
    bad: str
    reason: str
    """a part of what is said of the bad one"""


ADDS = "def add(a, b):\n    return a + b"
CASES = [{"call": "add(1, 2)", "gives": "3"}, {"call": "add(1, '')", "raises": "TypeError"}]
JSON_OF_A = '{"type": "object", "required": ["a"], "properties": {"a": {"pattern": "^x"}}}'
SHOUTS = "def check(prompt, answer):\n    return 'shouts' if answer.isupper() else True"

OF_STANDARDS = [
    Kind({"kind": "length", "max_words": 3}, "a b c", "a b c d", "4 words, at most 3"),
    Kind({"kind": "length", "min_characters": 3}, "abc", " a\n", "1 characters, at least 3"),
    Kind({"kind": "length", "max_sentences": 1}, "A b.", "A. And b", "2 sentences, at most 1"),
    Kind({"kind": "must_contain", "phrases": ["order number", "sorry"]}, "ORDER\nnumber?",
         "border numbers", 'none of "order number", "sorry"'),
    Kind({"kind": "must_contain", "phrases": ["a", "b"], "all": True}, "A, b.", "A.", '"b"'),
    Kind({"kind": "must_contain", "phrases": ["A"], "case_sensitive": True}, "A.", "a.", '"A"'),
    Kind({"kind": "must_not_contain", "phrases": ["refund"]}, "prerefunded", "A refund.",
         '"refund"'),
    Kind({"kind": "must_not_contain", "phrases": ["a", "b"], "all": True}, "a", "b a",
         '"a" and "b"'),
    Kind({"kind": "regex", "pattern": r"#\d{3}"}, "see #123", "see #12", "nothing"),
    Kind({"kind": "regex", "pattern": "(?i)refund", "absent": True}, "No.", "REFUNDED", '"REFUND"'),
    Kind({"kind": "finished"}, 'Yes.")', "Yes, and", "the end of a sentence"),
    Kind({"kind": "valid_json"}, "[1]", "[NaN]", "is not JSON"),
    Kind({"kind": "json_schema", "schema": JSON_OF_A}, 'See:\n```json\n{"a": "x"}\n```',
         '{"a": "y"}', "$.a: has nothing that ^x matches"),
    Kind({"kind": "names_something_of_the_prompt"}, "Kettle!", "my", "in common"),
    Kind({"kind": "not_repeating"}, "a b c d", "a b c " * 3, "again"),
    Kind({"kind": "expression", "expression": "len(words(answer)) < 2 * len(words(prompt))"},
         "a b", "a " * 9, "is not so"),
    Kind({"kind": "python_cases", "cases": CASES}, f"Like so:\n```python\n{ADDS}\n```",
         "def add(a, b):\n    return a", "add(1, 2) gives 1; it should be that it gives 3"),
    Kind({"kind": "program", "code": SHOUTS}, "a", "A", "shouts"),
]  # fmt: skip
OF_SETTINGS = [
    Kind(
        {"kind": "says_one_of", "phrases": ["order number"]}, "Order number?", "border numbers", ""
    ),
    Kind({"kind": "says_none_of", "phrases": ["refund"]}, "prerefunded", "A refund.", ""),
    Kind({"kind": "max_words", "words": 3}, "a b c", "a b c d", ""),
    Kind({"kind": "min_words", "words": 3}, "a b c", "a b", ""),
]
