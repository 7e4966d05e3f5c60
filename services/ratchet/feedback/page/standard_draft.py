"""A standard as somebody types it: nothing is lost, whatever is wrong with it."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain, count

from ratchet.feedback.page.check_draft import CheckDraft, CheckFaults
from ratchet.standard.checks.any_check import StandardCheck, message_of
from ratchet.standard.validation import MAX_CRITERIA, StandardError, standard_faults
from ratchet.v1.standard_pb2 import Criterion, Standard

_RULE = re.compile(r"criteria\[([0-9]{1,3})\]\.(.+)")
_WORDS_OF_A_NAME = 4
LONGEST_NAME = 60
"""of a name that is made here: the API takes a few letters more"""
_IDS = ("standard_id", "criterion_id")


@dataclass
class RuleDraft:
    """A criterion."""

    criterion_id: str = ""
    sentence: str = ""
    weight: str = "1"
    check: CheckDraft = field(default_factory=CheckDraft)


@dataclass
class StandardDraft:
    """What the editor shows. Its fields are named as those of the API."""

    standard_id: str = ""
    title: str = ""
    rules: list[RuleDraft] = field(default_factory=list[RuleDraft])
    base_version: int = 0
    """the version that was the newest when this was begun; 0: there was none"""

    @classmethod
    def of(cls, standard: Standard, base_version: int) -> "StandardDraft":
        """A standard that is there, to be changed."""
        rules = [
            RuleDraft(
                each.criterion_id,
                each.sentence,
                repr(each.weight).removesuffix(".0"),
                CheckDraft.of(each.check) if each.HasField("check") else CheckDraft(),
            )
            for each in standard.criteria
        ]
        return cls(standard.standard_id, standard.title, rules, base_version)

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> "StandardDraft":
        """What a form sends; fields that it does not know are left."""
        base = fields.get("base_version", "")
        draft = cls(
            fields.get("standard_id", ""),
            fields.get("title", ""),
            base_version=int(base) if re.fullmatch("[0-9]{1,18}", base) else 0,
        )
        rules: dict[int, RuleDraft] = {}
        for name, value in fields.items():
            if found := _RULE.fullmatch(name):
                rule = rules.setdefault(int(found[1]), RuleDraft())
                # A browser ends lines by \r\n.
                _set(rule, found[2], value.replace("\r\n", "\n"))
        draft.rules = [rule for _, rule in sorted(rules.items())]
        return draft

    def change(self, action: str) -> int:
        """Does what a button says: "add", "remove 2", "up 2", "down 2"; returns the rule to go to.

        What it does not know, or cannot do, changes nothing. -1: there is no rule to go to.
        """
        name, _, number = action.partition(" ")
        if name == "add" and len(self.rules) < MAX_CRITERIA:
            self.rules.append(RuleDraft())
            return len(self.rules) - 1
        at = int(number) if re.fullmatch("[0-9]{1,3}", number) else len(self.rules)
        if at >= len(self.rules):
            return -1
        if name == "remove":
            del self.rules[at]
            return min(at, len(self.rules) - 1)
        to = {"up": at - 1, "down": at + 1}.get(name, at)
        if 0 <= to < len(self.rules):
            self.rules[at], self.rules[to] = self.rules[to], self.rules[at]
            return to
        return at

    def name_all(self) -> None:
        """Gives every rule, and the standard, a name where none is typed, and mends those typed."""
        self.standard_id = _name(self.standard_id or self.title, "-")
        taken = {rule.criterion_id for rule in self.rules}
        for number, rule in enumerate(self.rules, 1):
            if rule.criterion_id.strip():
                rule.criterion_id = _name(rule.criterion_id, "_")
                continue
            words = _name(rule.sentence, "_").removeprefix("the_answer_").split("_")
            made = "_".join(words[:_WORDS_OF_A_NAME])
            if not made[:1].isalpha():  # Of a sentence in other letters, or of none.
                made = f"rule_{number}"
            others = (f"{made}_{again}" for again in count(2))
            rule.criterion_id = next(name for name in chain([made], others) if name not in taken)
            taken.add(rule.criterion_id)

    def checks(self) -> dict[int, StandardCheck]:
        """The checks that are right, by the number of their rule."""
        found: dict[int, StandardCheck] = {}
        for number, rule in enumerate(self.rules):
            if rule.check.kind:
                try:
                    found[number] = rule.check.check()
                except CheckFaults:
                    continue
        return found

    def standard(self) -> tuple[Standard, dict[str, str]]:
        """The standard, and what is wrong: words by field, `criteria[0].check.length.max_words`."""
        standard = Standard(standard_id=self.standard_id, title=self.title.strip())
        faults: list[StandardError] = []
        for number, rule in enumerate(self.rules):
            at = f"criteria[{number}]"
            criterion = Criterion(criterion_id=rule.criterion_id, sentence=rule.sentence.strip())
            try:
                criterion.weight = float(rule.weight.strip().replace(",", "."))
            except ValueError:
                faults.append(StandardError(f"{at}.weight", "is not a number"))
                criterion.weight = 1
            if rule.check.kind:
                try:
                    criterion.check.CopyFrom(message_of(rule.check.check()))
                except CheckFaults as error:
                    for fault in error.faults:
                        place = f"{at}.check.{fault.field}".removesuffix(".")
                        faults.append(StandardError(place, fault.description))
            standard.criteria.append(criterion)
        faults += standard_faults(standard)
        told: dict[str, str] = {}
        for fault in faults:
            told.setdefault(fault.field, _for_people(fault))
        return standard, told


def _set(rule: RuleDraft, name: str, value: str) -> None:
    if name in ("criterion_id", "sentence", "weight"):
        setattr(rule, name, value)
    elif name == "check":
        rule.check.kind = value
    elif name.startswith("check.") and value:
        rule.check.typed[name.removeprefix("check.")] = value


def _name(text: str, gap: str) -> str:
    """As it is where the API takes it, else small letters, digits and gaps, as near as may be."""
    if re.fullmatch(f"[a-z][a-z0-9_{gap}]*", text):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", gap, plain).strip(gap)[:LONGEST_NAME].strip(gap)


def _for_people(fault: StandardError) -> str:
    """A sentence about the field that it stands beside."""
    words = fault.description.replace("Input should", "should")
    if fault.field.endswith(_IDS) and "does not match" in words:
        words = "is empty" if words.startswith("''") else "needs a letter at its beginning"
    elif fault.field == "criteria" and "at least" in words:
        return "A standard needs at least one rule."
    elif words.startswith(("longer", "more")):
        words = f"is {words}"
    return f"This {words}." if words[:1].islower() else f"{words}."
