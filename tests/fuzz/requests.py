"""Requests as nobody should send them: strategies from the messages' own descriptors."""

from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.descriptor import FieldDescriptor, ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

from ratchet.process.packed import pack_u32
from ratchet.v1.check_pb2 import Check

JUDGES = ("serving", "reward", "checks", "both", "least", "asks")

# What has broken tokenizers, templates, parsers and limits before.
ODD = (
    "", " ", "\x00", "\ufeff", "\u202e", "🏳️‍🌈", "e\u0301", "\ufffd", "\U0010ffff", "\r\n", "nan",
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "{{ 1/0 }}", "{% raise %}", "%s%n", "[" * 500,
    '{"a":' * 500, "1" * 5000, "x" * 2500, "ab " * 700,
    "\U0001f600" * 3000,
)  # fmt: skip

Values = st.SearchStrategy[object]


def _mostly(common: Values, *rare: Values) -> Values:
    """Seven of ten, or so, are common: what is never right is never looked at closely."""
    weighted = [common] * (3 * len(rare)) + list(rare)
    return st.sampled_from(weighted).flatmap(lambda chosen: chosen)


TEXTS = _mostly(
    st.sampled_from(["help", "My kettle leaks.", "I am sorry. Which one?"]),
    st.sampled_from(ODD),
    st.text(max_size=60),
)
# A tiny model's vocabulary, the edges of 32 bits, and bytes that are no ids at all.
IDS = _mostly(
    st.lists(st.integers(0, 60), min_size=1, max_size=40).map(pack_u32),
    st.lists(st.sampled_from([0, 49151, 49152, 2**31, 2**32 - 1]), max_size=200).map(pack_u32),
    st.binary(max_size=30),
)
ENUMS = st.sampled_from([0, 1, 2, 3, 99, -1, 2**31 - 1])
BY_NAME = {
    "judge": _mostly(st.sampled_from(["", *JUDGES]), TEXTS),
    "role": _mostly(st.sampled_from(["user", "assistant", "system"]), TEXTS),
    "standard_id": _mostly(st.sampled_from(["", "shop", "shop"]), TEXTS),
    "judge_version": _mostly(st.just(0), st.sampled_from([1, 2, 2**63, 2**64 - 1])),
    "version": _mostly(st.sampled_from([0, 0, 1]), st.integers(0, 2**64 - 1)),
    "vote": _mostly(st.sampled_from([1, 2, 3, 4]), ENUMS),
    "purpose": _mostly(st.sampled_from([1, 2, 3]), ENUMS),
    "pair_id": _mostly(st.sampled_from([f"g{i}/0-1" for i in range(10)]), TEXTS),
    "submission_id": _mostly(st.integers(0, 999).map(str), TEXTS),
    "labeler": _mostly(st.integers(0, 99).map(str), TEXTS),
    "criterion_id": _mostly(st.sampled_from(["short", "polite", "a_b", "a1"]), TEXTS),
    "weight": _mostly(st.sampled_from([0.5, 1.0, 3.0]), st.floats()),
    "temperature": _mostly(st.sampled_from([0.0, 1.0, 2.0]), st.floats(width=32)),
    "max_tokens": _mostly(st.integers(0, 64), st.integers(0, 2**32 - 1)),
    "n": _mostly(st.integers(1, 64), st.integers(0, 2**32 - 1)),
    "samples": _mostly(st.integers(1, 64), st.integers(0, 2**32 - 1)),
}
BY_TYPE = {
    FieldDescriptor.TYPE_STRING: TEXTS,
    FieldDescriptor.TYPE_BYTES: IDS,
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_UINT64: st.integers(0, 2**64 - 1),
    FieldDescriptor.TYPE_UINT32: st.sampled_from([0, 1, 64, 65, 2**32 - 1]),
    FieldDescriptor.TYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_ENUM: ENUMS,
    FieldDescriptor.TYPE_DOUBLE: st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats()),
    FieldDescriptor.TYPE_FLOAT: st.floats(width=32),
}
CHECKS = (
    Check(length=Check.Length(max_words=60)),
    Check(regex=Check.Regex(pattern="(?i)sorry")),
    Check(expression=Check.Expression(expression="len(answer) > len(prompt)")),
)
AS_TEXTS = ("messages", "completion", "completions", "completion_a", "completion_b")


def requests(kind: type[Message]) -> st.SearchStrategy[Message]:
    """Requests of texts or of token ids, with every field that they need, and of any fields."""
    texts = _message(kind, lambda name: not name.endswith("token_ids"), whole=True)
    ids = _message(kind, lambda name: name not in AS_TEXTS, whole=True)
    return st.one_of(texts, texts, ids, _message(kind, lambda name: True, whole=False))


def _message(
    kind: type[Message], keep: Callable[[str], bool], whole: bool
) -> st.SearchStrategy[Message]:
    fields = {
        field.name: _values(field, keep, whole)
        for field in kind.DESCRIPTOR.fields
        if keep(field.name)
    }
    drawn = st.fixed_dictionaries(fields if whole else {}, optional=None if whole else fields)
    return drawn.map(lambda values: kind(**values))


def _values(field: FieldDescriptor, keep: Callable[[str], bool], whole: bool) -> Values:
    if field.name == "check":
        kind = GetMessageClass(field.message_type)
        one: Values = _mostly(st.sampled_from(CHECKS), _message(kind, keep, whole=False))
    elif field.message_type is not None:
        one = _message(GetMessageClass(field.message_type), keep, whole)
    else:
        one = BY_NAME.get(field.name, BY_TYPE[field.type])
    return st.lists(one, min_size=int(whole), max_size=4) if field.is_repeated else one


@dataclass(frozen=True)
class Sent:
    """One call: bytes for a method, and what its caller says of themselves."""

    method: str
    request: bytes
    authorization: str | None


@st.composite
def spoiled(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Bytes of a message with a piece cut out or written over."""
    data = draw(whole)
    start, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
    return data[:start] + draw(st.binary(max_size=8)) + data[end:]


def _sent(method: str, kind: type[Message], keys: list[str]) -> st.SearchStrategy[Sent]:
    whole = requests(kind).map(lambda message: message.SerializeToString())
    data = _mostly(whole, st.one_of(spoiled(whole), st.binary(max_size=200)))
    printable = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=80)
    strangers = st.one_of(st.none(), printable, st.just("Bearer rk_a_b"))
    who = _mostly(st.sampled_from([f"Bearer {key}" for key in keys]), strangers)
    return st.builds(Sent, st.just(method), data, who)


def calls(service: ServiceDescriptor, keys: list[str]) -> st.SearchStrategy[Sent]:
    """A call of any method of a service, by the owner of one of the keys or by a stranger."""
    kinds = {
        f"/{service.full_name}/{method.name}": GetMessageClass(method.input_type)
        for method in service.methods
    }
    return st.one_of(*(_sent(name, kind, keys) for name, kind in kinds.items()))
