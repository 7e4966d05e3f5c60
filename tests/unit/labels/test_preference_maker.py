"""From texts to what the topic holds."""

from collections.abc import Callable, Sequence

import pytest

from ratchet.jsonl.rows import BadRow
from ratchet.labels.preference_maker import PreferenceMaker
from ratchet.learner.labeled_pair import FAIR_PICKS
from ratchet.process.conversation import TemplateRefuses
from ratchet.process.packed import unpack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, Comparison, Preference
from ratchet.v1.prompt_pb2 import PURPOSE_LABEL, Prompt
from ratchet.v1.rollout_pb2 import Completion
from ratchet.v1.standard_pb2 import Criterion, Standard


class Letters:
    """A token a character; the end of a turn is 0."""

    def prompt_ids(self, messages: Sequence[tuple[str, str]]) -> tuple[int, ...]:
        if messages[0][0] == "system":
            raise TemplateRefuses("no system prompts")
        return tuple(ord(c) for _, content in messages for c in content)

    def completion_ids(self, text: str, finished: bool = True) -> tuple[int, ...]:
        return (*map(ord, text), *([0] if finished else []))


def standard(version: int = 3, *criteria: str) -> Standard:
    ids = criteria or ("short", "polite")
    return Standard(
        standard_id="shop", version=version, criteria=[Criterion(criterion_id=i) for i in ids]
    )


def maker(of: Standard | None = None, labeler: str = "crowd") -> PreferenceMaker:
    return PreferenceMaker(Letters(), 20, of or standard(), labeler)


def label() -> Preference:
    return Preference(
        vote=VOTE_A,
        labeler="ann",
        seconds=2,
        comparison=Comparison(
            prompt=Prompt(messages=[Message(role="user", content="hi")]),
            answer_a=Completion(text="yes"),
            answer_b=Completion(text="no"),
            subset="chat",
            pair_id="theirs",
            picked_because="random",
        ),
    )


def changed(change: Callable[[Preference], object]) -> Preference:
    of = label()
    change(of)
    return of


def test_texts_become_tokens_of_a_finished_answer() -> None:
    comparison = maker().preference(label()).comparison
    assert unpack_u32(comparison.prompt_token_ids) == [ord("h"), ord("i")]
    assert unpack_u32(comparison.answer_b.token_ids) == [ord("n"), ord("o"), 0]
    assert comparison.answer_a.finish_reason == "stop"
    assert comparison.prompt.purpose == PURPOSE_LABEL
    assert (comparison.standard_id, comparison.standard_version) == ("shop", 3)
    assert comparison.subset == "chat"


def test_an_import_never_proves_a_judge() -> None:
    picked = maker().preference(label()).comparison.picked_because
    assert picked == "import"
    assert picked not in FAIR_PICKS


def test_marks_stay_unset_where_there_are_none() -> None:
    found = maker().preference(changed(lambda of: of.marks_b.SetInParent()))
    assert not found.HasField("marks_a")
    assert found.HasField("marks_b")


def test_ids_are_of_the_content() -> None:
    first = maker().preference(label())
    assert maker().preference(label()) == first
    other_vote = maker().preference(changed(lambda of: setattr(of, "vote", VOTE_B)))
    assert other_vote.submission_id == first.submission_id, "one word on a pair"
    of_bob = maker().preference(changed(lambda of: setattr(of, "labeler", "bob")))
    assert of_bob.comparison.pair_id == first.comparison.pair_id
    assert of_bob.submission_id != first.submission_id
    same_asked = maker(standard(4)).preference(label())
    assert same_asked.submission_id == first.submission_id
    for of in (standard(4, "short"), Standard(standard_id="x", criteria=standard().criteria)):
        assert maker(of).preference(label()).submission_id != first.submission_id


def test_who_labeled_is_the_files_word_or_ours() -> None:
    assert maker().preference(label()).labeler == "ann"
    nobody = changed(lambda of: of.ClearField("labeler"))
    assert maker().preference(nobody).labeler == "crowd"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda of: of.ClearField("vote"), "vote: must be one of"),
        (lambda of: setattr(of, "labeler", "a\nb"), "labeler: holds characters"),
        (lambda of: setattr(of, "seconds", -1), "seconds: must be between"),
        (lambda of: setattr(of, "seconds", float("nan")), "seconds: must be between"),
        (lambda of: of.marks_a.broken_criterion_ids.append("x"), "marks_a.broken_criterion_ids[0]"),
        (lambda of: of.ClearField("comparison"), "comparison.prompt.messages: is empty"),
        (lambda of: setattr(of.comparison.answer_b, "text", ""), "comparison.answer_b.text: is em"),
        (lambda of: setattr(of.comparison.answer_b, "text", "x" * 18), "prompt: 21 tokens with"),
        (
            lambda of: setattr(of.comparison.prompt.messages[0], "role", "system"),
            "prompt: no system prompts",
        ),
    ],
)
def test_what_is_wrong_is_named(change: Callable[[Preference], object], fault: str) -> None:
    with pytest.raises(BadRow) as caught:
        maker().preference(changed(change))
    assert str(caught.value).startswith(fault)
