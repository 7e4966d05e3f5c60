"""The kinds of checks in the words of the page, and the fields of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Form = Literal["whole", "number", "tick", "text", "code", "lines", "cases"]


@dataclass(frozen=True)
class CheckField:
    """A parameter of a check, as the page asks for it."""

    name: str
    """as the API has it"""
    form: Form
    label: str
    hint: str = ""
    is_required: bool = False
    default: str = ""
    """what holds where nothing is given, to be shown"""


@dataclass(frozen=True)
class CheckKind:
    """What a program can tell of an answer."""

    title: str
    fields: Sequence[CheckField] = ()
    hint: str = ""
    is_technical: bool = False
    """Whoever sets it up writes a pattern, a schema or a program."""


_PHRASES = CheckField("phrases", "lines", "Phrases", "One a line, in whole words.", True)
_CAPITALS = CheckField("case_sensitive", "tick", "Capital letters count")
_LIMITS = (
    CheckField("seconds", "number", "Seconds it may take", "Up to 30.", default="2"),
    CheckField("memory_mb", "whole", "Megabytes it may take", "64 to 2048.", default="256"),
)

CHECK_KINDS: Mapping[str, CheckKind] = {
    "length": CheckKind(
        "It is neither too short nor too long",
        (
            CheckField("min_words", "whole", "Words, at least"),
            CheckField("max_words", "whole", "Words, at most"),
            CheckField("min_sentences", "whole", "Sentences, at least"),
            CheckField("max_sentences", "whole", "Sentences, at most"),
            CheckField("min_characters", "whole", "Characters, at least"),
            CheckField("max_characters", "whole", "Characters, at most"),
        ),
        "Fill in one bound or more.",
    ),
    "must_contain": CheckKind(
        "It says certain phrases",
        (_PHRASES, CheckField("all", "tick", "Every one of them; else one is enough"), _CAPITALS),
    ),
    "must_not_contain": CheckKind(
        "It avoids certain phrases",
        (_PHRASES, CheckField("all", "tick", "It may say some, only not every one"), _CAPITALS),
    ),
    "finished": CheckKind("Its last sentence is finished"),
    "names_something_of_the_prompt": CheckKind(
        "It takes up a word of the question",
        (CheckField("min_letters", "whole", "Letters of such a word, at least", default="5"),),
    ),
    "not_repeating": CheckKind(
        "It does not repeat itself",
        (
            CheckField(
                "max_share", "number", "Share that may be repeated", "0 is none, 1 is all.",
                default="0.2",
            ),
        ),
    ),
    "regex": CheckKind(
        "A pattern is looked for in it",
        (
            CheckField(
                "pattern", "text", "Pattern",
                "A regular expression (RE2). (?i) at its beginning: capitals do not count. "
                "Line breaks and spaces at its end do.", True,
            ),
            CheckField("absent", "tick", "It must not be found"),
        ),
        is_technical=True,
    ),
    "valid_json": CheckKind("It is JSON and nothing else", is_technical=True),
    "json_schema": CheckKind(
        "It is JSON of a schema",
        (CheckField("schema", "code", "JSON Schema", "Draft 2020-12.", True),),
        is_technical=True,
    ),
    "expression": CheckKind(
        "A formula holds",
        (
            CheckField(
                "expression", "text", "Formula",
                "Such as len(words(answer)) <= 2 * len(words(prompt)). It knows answer, prompt, "
                "words, sentences, lines, lower, count, has_any, has_all, matches.", True,
            ),
        ),
        is_technical=True,
    ),
    "python_cases": CheckKind(
        "Its Python code gives what it should",
        (
            CheckField(
                "cases", "cases", "Cases",
                "One a line: slug('A b') => 'a-b', or slug(None) raises TypeError.", True,
            ),
            *_LIMITS,
        ),
        is_technical=True,
    ),
    "program": CheckKind(
        "A Python program says so",
        (
            CheckField(
                "code", "code", "Program",
                "Defines check(prompt, answer), which returns True, or what is wrong. It is run "
                "without network, files or other processes.", True,
            ),
            *_LIMITS,
        ),
        is_technical=True,
    ),
}  # fmt: skip
"""By the API's name of a kind; first what needs no knowledge of programs."""
