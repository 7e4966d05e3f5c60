"""The trainer: what it changes, what it writes, and that it goes on where it stopped."""

import numpy as np
import pytest
import torch
from tests.unit.reward.tiny import save_tiny_llama
from transformers import AutoModelForCausalLM

from ratchet.learner.model import PolicyTrainer, TrainingGroup
from ratchet.learner.trainer_settings import TrainerSettings
from ratchet.reward.packing import TokenGroup

TOKENS = TokenGroup((1, 2, 3), ((4, 5, 6), (7, 8), (9, 10, 11, 12), (13, 14)))
SETTINGS = TrainerSettings(
    lora_rank=4, frozen_share=1 / 3, tokens_per_update=10.0, learning_rate=1e-2
)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("base"))


def judged(trainer: PolicyTrainer, rewards=(1.0, 0.0, None, 0.2)) -> TrainingGroup:
    flat = trainer.log_probabilities([TOKENS], 1.0)
    cuts = np.cumsum([len(ids) for ids in TOKENS.completion_ids])[:-1]
    return TrainingGroup(TOKENS, tuple(np.split(flat, cuts)), rewards)


def per_completion(trainer: PolicyTrainer) -> list[float]:
    return [float(part.sum()) for part in judged(trainer).rollout_logprobs]


def test_updates_raise_the_best_answer_and_lower_the_worst(base):
    trainer = PolicyTrainer(base, SETTINGS)
    before = per_completion(trainer)
    first = trainer.update([judged(trainer)])
    for _ in range(5):
        stats = trainer.update([judged(trainer)])
    after = per_completion(trainer)
    assert after[0] > before[0]
    assert after[1] < before[1]
    assert first.logprob_gap < 1e-5
    assert first.kl < 1e-5 < stats.kl


def test_a_group_without_a_difference_changes_nothing(base):
    trainer = PolicyTrainer(base, SETTINGS)
    before = per_completion(trainer)
    trainer.update([judged(trainer, rewards=(0.5, 0.5, None, 0.5))])
    assert per_completion(trainer) == before


def test_a_reward_that_is_not_a_number_skips_the_step(base):
    trainer = PolicyTrainer(base, SETTINGS)
    before = per_completion(trainer)
    assert trainer.update([judged(trainer, rewards=(float("nan"), 0.0, 0.1, 0.2))]).skipped
    assert per_completion(trainer) == before


def test_an_answer_that_only_the_policy_finds_likely_is_less_worth(base):
    far = PolicyTrainer(base, SETTINGS)
    for _ in range(3):
        far.update([judged(far)])
    sampled = judged(far, rewards=(0.5, 0.5, 0.5, 0.5))
    settings = SETTINGS.model_copy(update={"kl_penalty": 1.0, "kl_limit": 1e6})
    penalised = PolicyTrainer(base, settings)
    penalised.update([sampled])
    # The far policy was taught the first completion, and taught not to give the second.
    first = per_completion(PolicyTrainer(base, SETTINGS))
    after = per_completion(penalised)
    assert after[0] < first[0]
    assert after[1] > first[1]


def test_an_exported_folder_loads_with_plain_transformers_and_answers_alike(base, tmp_path):
    trainer = PolicyTrainer(base, SETTINGS)
    for _ in range(3):
        trainer.update([judged(trainer)])
    trainer.export(tmp_path)
    model = AutoModelForCausalLM.from_pretrained(tmp_path, dtype=torch.float32)
    ids = torch.tensor([TOKENS.prompt_ids + TOKENS.completion_ids[0]])
    logprobs = model(input_ids=ids).logits[0].log_softmax(-1)
    exported = sum(
        logprobs[2 + i, token].item() for i, token in enumerate(TOKENS.completion_ids[0])
    )
    assert exported == pytest.approx(per_completion(trainer)[0], abs=0.3)
    fresh = per_completion(PolicyTrainer(base, SETTINGS))[0]
    assert abs(exported - per_completion(trainer)[0]) < abs(exported - fresh)


def test_training_resumes_bit_for_bit(base, tmp_path):
    straight = PolicyTrainer(base, SETTINGS)
    straight.update([judged(straight)])
    straight.save(tmp_path)
    resumed = PolicyTrainer(base, SETTINGS)
    resumed.load(tmp_path)
    for trainer in (straight, resumed):
        trainer.update([judged(trainer)])
    assert per_completion(straight) == per_completion(resumed)


def test_a_corrupted_policy_is_really_another(base):
    trainer = PolicyTrainer(base, SETTINGS)
    before = per_completion(trainer)
    trainer.corrupt(seed=1)
    trainer.corrupt(seed=2)
    assert per_completion(trainer) != before


def test_a_policy_at_its_kl_limit_stays_where_it_is(base):
    far = PolicyTrainer(base, SETTINGS)
    for _ in range(3):
        far.update([judged(far)])
    limited = PolicyTrainer(base, SETTINGS.model_copy(update={"kl_limit": 1e-9}))
    before = per_completion(limited)
    limited.update([judged(far)])  # as if the far policy had sampled them
    assert per_completion(limited) == before


def test_merged_weights_are_the_policy_itself(base):
    trainer = PolicyTrainer(base, SETTINGS)
    for _ in range(3):
        trainer.update([judged(trainer)])
    merged = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    unknown = merged.load_state_dict(dict(trainer.merged_weights()), strict=False).unexpected_keys
    assert unknown == []
    for ids, logprobs in zip(TOKENS.completion_ids, judged(trainer).rollout_logprobs, strict=True):
        logits = merged(input_ids=torch.tensor([TOKENS.prompt_ids + ids])).logits[0]
        own = logits.log_softmax(-1)[range(2, 2 + len(ids)), ids].tolist()
        assert own == pytest.approx(logprobs.tolist(), abs=1e-4)
