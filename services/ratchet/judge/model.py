"""The judge's heavy imports: torch and transformers."""

from dataclasses import dataclass
from pathlib import Path

from ratchet.judge.engines.torch_engine import TorchEngine
from ratchet.reward.tokens import ChatTokenizer
from ratchet.reward.trunk import Trunk


@dataclass(frozen=True)
class Model:
    """The engine and the tokenizer of one trunk."""

    engine: TorchEngine
    tokenizer: ChatTokenizer


def load_model(trunk: Path, context_tokens: int) -> Model:
    """Loads the trunk and warms it up; takes seconds."""
    engine = TorchEngine(Trunk(trunk), context_tokens)
    engine.warm_up()
    return Model(engine, ChatTokenizer(trunk))
