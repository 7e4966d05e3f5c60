"""Texts in words and sentences, and what is fenced in them. All in linear time."""

from collections.abc import Sequence

_CLOSING = "\"')]*_\u201d\u2019"
_ENDS = (".", "!", "?", "\u2026")
_FENCE = "```"


def words(text: str, fold: bool = True) -> Sequence[str]:
    """Runs of letters and digits, without case if `fold`."""
    text = text.casefold() if fold else text
    return "".join(c if c.isalnum() else " " for c in text).split()


def says(text: str, phrase: str, fold: bool = True) -> bool:
    """Whether a phrase stands in a text in whole words; one of punctuation alone, anywhere."""
    wanted = " ".join(words(phrase, fold))
    return f" {wanted} " in f" {' '.join(words(text, fold))} " if wanted else phrase in text


def ends_sentence(text: str) -> bool:
    """Whether a text ends with a sentence's punctuation, quotes and brackets after it aside."""
    return text.rstrip().rstrip(_CLOSING).endswith(_ENDS)


def sentences(text: str) -> int:
    """How many sentences end in a text, or are left unfinished at its end; `e.g.` ends one."""
    parts = text.split()
    unfinished = bool(parts) and not ends_sentence(parts[-1])
    return sum(map(ends_sentence, parts)) + unfinished


def fenced(text: str) -> str | None:
    """The first block between lines that begin with three backquotes; None where there is none."""
    block: list[str] | None = None
    for line in text.splitlines():
        fence = line.strip().startswith(_FENCE)
        if fence and block is None:
            block = []
        elif fence:
            break
        elif block is not None:
            block.append(line)
    return None if block is None else "\n".join(block)


def code_of(answer: str) -> str:
    """The first fenced block of an answer, or all of it."""
    block = fenced(answer)
    return answer if block is None else block
