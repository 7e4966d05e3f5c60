"""Heads on the model's hidden states, fitted on people's marks: what `ratchet.critic` is."""

from pathlib import Path

import numpy as np

from benchmarks.critic.answers import Answers
from ratchet.critic.critic import Critic, critic_trunk
from ratchet.critic.fit import fit_critic
from ratchet.critic.marked_answers import marked_answers
from ratchet.demo.shop_standard import SENTENCES, shop_standard
from ratchet.learner.training_groups import token_group
from ratchet.reward.sentences import sentences_of
from ratchet.reward.tokens import ChatTokenizer


def fitted(model: Path, train: Answers, seed: int) -> Critic:
    """A critic of this model by these marks."""
    trunk, tokenizer = critic_trunk(model), ChatTokenizer(model)
    sentences = sentences_of(
        shop_standard(), lambda text: tokenizer.completion_ids(text, finished=False)
    )
    marked = marked_answers(train.preferences, trunk, sentences)
    return fit_critic(trunk, marked, shop_standard(), sentences, seed)


def broken(critic: Critic, test: Answers) -> np.ndarray:
    """Of every answer and criterion the probability that it is broken, NaN: unknown, [N, C]."""
    found = critic.broken([token_group(group) for group in test.groups])
    columns = [critic.criterion_ids.index(name) for name in SENTENCES]
    return np.concatenate(found)[:, columns]
