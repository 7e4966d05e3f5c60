"""A random Llama that can chat: it has a tokenizer of letters and a chat template."""

from pathlib import Path

from tests.unit.reward.tiny import save_tiny_llama
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

CHAT = "{% for m in messages %}{{ m['content'][-24:] }}\n{% endfor %}:"


def save_tiny_chat_model(folder: Path) -> Path:
    """Writes model and tokenizer in Hugging Face layout; prompts are cut to their last letters."""
    letters = Tokenizer(models.BPE())
    letters.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    letters.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        special_tokens=["<end>"], initial_alphabet=alphabet, vocab_size=len(alphabet) + 1
    )
    letters.train_from_iterator([], trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=letters, eos_token="<end>", bos_token="<end>", chat_template=CHAT
    )
    save_tiny_llama(folder, vocabulary=len(tokenizer))
    tokenizer.save_pretrained(folder)
    return folder
