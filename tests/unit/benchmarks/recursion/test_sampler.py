"""The sampler: answers are the model's own, with the log-probabilities that the trainer finds."""

from pathlib import Path

import numpy as np
import pytest
from benchmarks.recursion import sampler as module
from benchmarks.recursion.sampler import Sampler
from tests.unit.reward.tiny_chat import save_tiny_chat_model

from ratchet.demo.prompts import TRAIN
from ratchet.learner.model import PolicyTrainer
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.learner.training_groups import token_group
from ratchet.process.packed import unpack_f32

SETTINGS = TrainerSettings(lora_rank=4)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_chat_model(tmp_path_factory.mktemp("model"))


def test_log_probabilities_are_the_trainers_also_of_changed_weights(model: Path) -> None:
    trainer, sampler = PolicyTrainer(model, SETTINGS), Sampler(model, 30, 0.7)
    first = sampler.answer(TRAIN[:9], 3, version=1, seed=0)
    trainer.corrupt(seed=0)
    sampler.load(trainer.merged_weights())
    groups = sampler.answer(TRAIN[:9], 3, version=2, seed=0)
    assert groups != first
    own = [
        lp for group in groups for c in group.completions for lp in unpack_f32(c.log_probabilities)
    ]
    theirs = trainer.log_probabilities([token_group(group) for group in groups], 0.7)
    np.testing.assert_allclose(own, theirs, atol=1e-3)


def test_an_answer_ends_with_its_turn_and_no_later_than_it_may(model: Path) -> None:
    groups = Sampler(model, 60, 1.0).answer(TRAIN[:16], 4, version=1, seed=0)
    completions = [c for group in groups for c in group.completions]
    end = Sampler(model, 1, 1.0).tokenizer.end_of_turn_id
    tokens = [ids for group in groups for ids in token_group(group).completion_ids]
    reasons = {c.finish_reason for c in completions}
    assert reasons == {"stop", "length"}
    for completion, ids in zip(completions, tokens, strict=True):
        assert end not in ids[:-1]
        assert (ids[-1] == end) == (completion.finish_reason == "stop")
        assert len(ids) == 60 or completion.finish_reason == "stop"


def test_tokens_are_drawn_as_often_as_the_model_gives_them(model: Path) -> None:
    sampler = Sampler(model, 1, 1.0)
    [group] = sampler.answer(TRAIN[:1], 4000, version=1, seed=0)
    ids = np.array([ids[0] for ids in token_group(group).completion_ids])
    chance = {c.token_ids: np.exp(unpack_f32(c.log_probabilities)[0]) for c in group.completions}
    for packed, p in chance.items():
        share = (ids == int.from_bytes(packed, "little")).mean()
        assert abs(share - p) < 5 * np.sqrt(p * (1 - p) / len(ids)) + 1e-3


def test_what_is_drawn_does_not_depend_on_how_many_are_sampled_together(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Sampler(model, 20, 1.0).answer(TRAIN[:6], 2, version=1, seed=3)
    monkeypatch.setattr(module, "ROWS", 4)
    apart = Sampler(model, 20, 1.0).answer(TRAIN[:6], 2, version=1, seed=3)
    texts = [
        [c.text for group in groups for c in group.completions] for groups in (together, apart)
    ]
    assert np.mean([a == b for a, b in zip(*texts, strict=True)]) > 0.8
