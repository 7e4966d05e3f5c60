from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.judge.judge_versions import groups
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
    LlamaModel,
    MistralConfig,
    MistralForSequenceClassification,
)

from ratchet.reward.classifier import Classifier, compiler_found
from ratchet.reward.packing import TokenGroup

VOCABULARY = 97


def save_llama(folder: Path, labels: int = 3) -> Path:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        pad_token_id=0,
        num_labels=labels,
    )
    LlamaForSequenceClassification(config).save_pretrained(folder)
    return folder


def by_transformers(folder: Path, asked: Sequence[TokenGroup]) -> list[np.ndarray]:
    model = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float64).eval()
    with torch.inference_mode():
        return [
            torch.cat(
                [
                    model(input_ids=torch.tensor([group.prompt_ids + ids])).logits
                    for ids in group.completion_ids
                ]
            ).numpy()
            for group in asked
        ]


@pytest.mark.parametrize("n", [1, 2, 5])
def test_outputs_of_shared_prompts_are_those_of_each_answer_alone_in_transformers(
    tmp_path: Path, n: int
) -> None:
    folder = save_llama(tmp_path)
    asked = groups(6, VOCABULARY, seed=n, n=n)
    found = Classifier.load(folder, torch.float32).outputs(asked)
    for ours, theirs in zip(found, by_transformers(folder, asked), strict=True):
        assert ours.shape == (n, 3)
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.skipif(not compiler_found(), reason="there is no C++ compiler")
def test_compiled_layers_say_the_same_and_are_compiled_once_for_all_lengths(tmp_path: Path) -> None:
    folder = save_llama(tmp_path)
    compiled = Classifier.load(folder, torch.float32, compiled=True)
    compiled.outputs(groups(2, VOCABULARY, seed=0, n=2))
    with torch.compiler.set_stance("fail_on_recompile"):
        for n in (1, 2, 5):
            asked = groups(6, VOCABULARY, seed=n, n=n)
            for ours, theirs in zip(
                compiled.outputs(asked), by_transformers(folder, asked), strict=True
            ):
                np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_in_bfloat16_sharing_moves_scores_by_less_than_a_fiftieth_of_their_deviation(
    tmp_path: Path,
) -> None:
    judge = Classifier.load(save_llama(tmp_path, labels=1), torch.bfloat16)
    asked = groups(40, VOCABULARY, seed=4, n=4)
    together = np.concatenate(judge.outputs(asked))
    alone = np.concatenate(
        judge.outputs([TokenGroup(g.prompt_ids, (ids,)) for g in asked for ids in g.completion_ids])
    )
    assert abs(together - alone).mean() < 0.02 * alone.std()


@pytest.mark.parametrize("eos_is_padding", [False, True])
def test_a_decoder_with_a_window_is_scored_as_transformers_does(
    tmp_path: Path, eos_is_padding: bool
) -> None:
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=4,
        num_labels=2,
        pad_token_id=1 if eos_is_padding else 0,
    )
    MistralForSequenceClassification(config).save_pretrained(tmp_path)
    asked = [
        TokenGroup(group.prompt_ids, tuple((*ids, 1) for ids in group.completion_ids))
        for group in groups(4, VOCABULARY, n=3)
    ]
    found = Classifier.load(tmp_path, torch.float32).outputs(asked)
    if eos_is_padding:  # transformers would read the token before.
        config.pad_token_id = 0
        config.save_pretrained(tmp_path)
    for ours, theirs in zip(found, by_transformers(tmp_path, asked), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_an_encoder_is_scored_as_transformers_does(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=2,
    )
    BertForSequenceClassification(config).save_pretrained(tmp_path)
    asked = groups(3, VOCABULARY, n=2)
    found = Classifier.load(tmp_path, torch.float32).outputs(asked)
    for ours, theirs in zip(found, by_transformers(tmp_path, asked), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)


def test_a_language_model_without_a_trained_head_is_no_judge(tmp_path: Path) -> None:
    LlamaModel(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=1,
            num_attention_heads=2,
        )
    ).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match=r"score\.weight"):
        Classifier.load(tmp_path)
