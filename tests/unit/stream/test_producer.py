import pytest

from ratchet.stream.producer import RecordTooLarge, serialize
from ratchet.stream.topics import PROMPTS
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.standard_pb2 import Standard


def test_a_record_of_another_topic_is_a_type_error():
    with pytest.raises(TypeError, match="prompts holds Prompt, not Standard"):
        serialize(PROMPTS, "k", Standard())


def test_a_record_above_the_limit_is_refused():
    with pytest.raises(RecordTooLarge, match="prompts big"):
        serialize(PROMPTS, "big", Prompt(prompt_id="x" * (16 * 1024 * 1024)))
