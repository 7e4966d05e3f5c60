"""What the model is asked of an answer."""

from pathlib import Path

from benchmarks.critic.question import Questioner

from ratchet.demo.shop_standard import SENTENCES
from ratchet.local.cache import default_model
from ratchet.reward.tokens import ChatTokenizer
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.rollout_pb2 import Completion, RolloutGroup


def test_each_criterion_is_asked_of_each_answer_and_what_they_share_is_read_once() -> None:
    model: Path = default_model()
    group = RolloutGroup(
        prompt=Prompt(messages=[Message(role="user", content="The kettle leaks.")]),
        completions=[Completion(text="We are sorry."), Completion(text="Send it back.")],
    )
    text = ChatTokenizer(model).text
    first, second = Questioner(model).groups([group])
    assert "The kettle leaks." in text(first.prompt_ids)
    assert "We are sorry." in text(first.prompt_ids)
    assert "Send it back." in text(second.prompt_ids)
    for (_, sentence), ids in zip(SENTENCES.values(), first.completion_ids, strict=True):
        asked = text(first.prompt_ids + ids)
        assert asked.count(sentence) == 1
        assert asked.rstrip().endswith("assistant")
