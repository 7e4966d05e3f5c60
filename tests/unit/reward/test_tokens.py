"""A chat template is another program: what it refuses is said, not fallen over."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import PreTrainedTokenizerFast

from ratchet.process.conversation import TemplateRefuses
from ratchet.reward.tokens import ChatTokenizer

ALTERNATING = """
{%- for message in messages -%}
{%- if (message.role == "user") != (loop.index0 % 2 == 0) -%}
{{ raise_exception("roles must alternate") }}
{%- endif -%}
{{ message.content + " " }}
{%- endfor -%}
"""


@pytest.fixture
def tokenizer(tmp_path: Path) -> ChatTokenizer:
    words = Tokenizer(WordLevel({"<unk>": 0, "hi": 1, "ho": 2, "</s>": 3}, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    fast = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="</s>")
    fast.chat_template = ALTERNATING
    fast.save_pretrained(tmp_path)
    return ChatTokenizer(tmp_path)


def test_a_conversation_is_rendered_by_the_models_own_template(tokenizer: ChatTokenizer) -> None:
    assert tokenizer.prompt_ids([("user", "hi"), ("assistant", "ho")]) == (1, 2)


def test_what_the_template_refuses_is_said(tokenizer: ChatTokenizer) -> None:
    with pytest.raises(TemplateRefuses, match="roles must alternate"):
        tokenizer.prompt_ids([("user", "hi"), ("user", "ho")])
