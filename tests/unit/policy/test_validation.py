"""What is refused, and which field is named."""

from typing import Any

import pytest

from ratchet.policy.validation import check_prompt, check_request, render_prompt
from ratchet.process.conversation import TemplateRefuses
from ratchet.process.errors import InvalidField
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.policy_service_pb2 import GenerateRequest
from ratchet.v1.prompt_pb2 import Prompt, Purpose

HELLO = [Message(role="system", content="Be kind."), Message(role="user", content="Hello!")]
CONTEXT = 512


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (GenerateRequest(n=1), "messages"),
        (GenerateRequest(n=1, messages=HELLO * 33), "messages"),
        (GenerateRequest(n=1, messages=[*HELLO, Message(role="tool", content="x")]),
         "messages[2].role"),
        (GenerateRequest(n=1, messages=[Message(role="user", content=" \n")]),
         "messages[0].content"),
        (GenerateRequest(n=1, messages=[Message(role="user", content="x" * 20_000)]),
         "messages[0].content"),
        (GenerateRequest(n=0, messages=HELLO), "n"),
        (GenerateRequest(n=65, messages=HELLO), "n"),
        (GenerateRequest(n=1, messages=HELLO, max_tokens=512), "max_tokens"),
        (GenerateRequest(n=1, messages=HELLO, temperature=-0.1), "temperature"),
        (GenerateRequest(n=1, messages=HELLO, temperature=2.1), "temperature"),
        (GenerateRequest(n=1, messages=HELLO, temperature=float("nan")), "temperature"),
        (GenerateRequest(n=1, messages=HELLO, temperature=float("inf")), "temperature"),
    ],
)  # fmt: skip
def test_a_bad_call_names_its_field(request_: GenerateRequest, field: str) -> None:
    with pytest.raises(InvalidField) as caught:
        check_request(request_, CONTEXT)
    assert str(caught.value).startswith(f"{field}: ")


def test_unset_fields_mean_the_defaults() -> None:
    check_request(GenerateRequest(n=1, messages=HELLO, max_tokens=0), CONTEXT)
    check_request(GenerateRequest(n=64, messages=HELLO, temperature=0), CONTEXT)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"samples": 0}, "samples"),
        ({"samples": 65}, "samples"),
        ({"messages": []}, "messages"),
        ({"purpose": Purpose.PURPOSE_UNSPECIFIED}, "purpose"),
        ({"standard_id": ""}, "standard_id"),
    ],
)
def test_a_bad_prompt_names_its_field(change: dict[str, Any], field: str) -> None:
    fine: dict[str, Any] = {
        "messages": HELLO,
        "samples": 8,
        "purpose": Purpose.PURPOSE_TRAIN,
        "standard_id": "shop",
    }
    check_prompt(Prompt(**fine), CONTEXT)
    with pytest.raises(InvalidField) as caught:
        check_prompt(Prompt(**(fine | change)), CONTEXT)
    assert str(caught.value).startswith(f"{field}: ")


def test_a_prompt_that_leaves_no_room_for_the_answer_is_refused_not_cut() -> None:
    rendered = tuple(range(449))
    with pytest.raises(InvalidField, match="449 tokens and 64 for the answer"):
        render_prompt(HELLO, lambda _: rendered, 64, CONTEXT)
    assert render_prompt(HELLO, lambda _: rendered, 63, CONTEXT) == rendered


def test_what_the_template_refuses_is_the_callers_fault() -> None:
    def refuse(turns: object) -> tuple[int, ...]:
        raise TemplateRefuses("roles must alternate")

    with pytest.raises(InvalidField, match="messages: roles must alternate"):
        render_prompt(HELLO, refuse, 64, CONTEXT)


def test_the_template_gets_roles_and_contents() -> None:
    seen: list[tuple[str, str]] = []
    render_prompt(HELLO, lambda turns: (seen.extend(turns), (1,))[1], 1, CONTEXT)
    assert seen == [("system", "Be kind."), ("user", "Hello!")]
