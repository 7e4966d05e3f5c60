"""Lines with what was chosen and what was not."""

import pytest

from ratchet.jsonl.rows import BadRow, Row
from ratchet.labels.formats.named import format_named
from ratchet.v1.preference_pb2 import VOTE_A, Preference


def read(name: str, **fields: object) -> Preference:
    [found] = format_named(name, {}).read(Row(1, fields))
    assert isinstance(found, Preference)
    return found


def test_the_chosen_answer_is_not_always_on_one_side() -> None:
    votes = [read("trl", prompt="q", chosen=f"yes {i}", rejected=f"no {i}").vote for i in range(40)]
    assert 10 < sum(vote == VOTE_A for vote in votes) < 30


def test_a_pair_has_one_order_whoever_chose() -> None:
    first = read("trl", prompt="q", chosen="yes", rejected="no")
    second = read("trl", prompt="q", chosen="no", rejected="yes")
    assert first.comparison == second.comparison
    assert first.vote != second.vote


def test_a_fault_has_the_name_that_the_file_has() -> None:
    for chosen, rejected, field in (("", "no", "chosen"), ("yes", " ", "rejected")):
        with pytest.raises(BadRow, match=f"^{field}: is empty"):
            read("trl", prompt="q", chosen=chosen, rejected=rejected)


def test_a_subset_that_is_no_text_is_refused() -> None:
    with pytest.raises(BadRow, match=r"^subset: is no text"):
        read("rewardbench", prompt="q", chosen="yes", rejected="no", subset=3)


def test_a_prompt_that_reads_as_a_transcript_comes_back_as_it_was() -> None:
    form = format_named("rewardbench", {})
    text = "\n\nHuman: Hi.\n\nAssistant:"
    prompt = [{"role": "user", "content": text}]
    preference = read("trl", prompt=prompt, chosen="yes", rejected="no")
    [row] = form.rows([preference])
    assert [m.content for m in read("rewardbench", **row).comparison.prompt.messages] == [text]
    plain = read("trl", prompt="Hi.", chosen="yes", rejected="no")
    assert next(iter(form.rows([plain])))["prompt"] == "Hi."


def test_the_policys_version_is_the_models_name() -> None:
    for chosen, rejected in (("yes", "no"), ("no", "yes")):
        preference = read("trl", prompt="q", chosen=chosen, rejected=rejected)
        answers = preference.comparison.answer_a, preference.comparison.answer_b
        yes = next(answer for answer in answers if answer.text == "yes")
        yes.weight_spans.add(policy_version=7, start=0, end=1)
        [row] = format_named("rewardbench", {}).rows([preference])
        models = {row["chosen"]: row["chosen_model"], row["rejected"]: row["rejected_model"]}
        assert models == {"yes": "policy/7", "no": ""}
