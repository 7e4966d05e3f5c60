"""The trunk: what it reads of the whole model, and what ties an answer to its prompt."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.unit.judge.judge_versions import groups
from tests.unit.reward.tiny import VOCABULARY, save_tiny_llama
from transformers import AutoModel, MistralConfig, MistralForCausalLM

from ratchet.reward import hidden_states
from ratchet.reward.hidden_states import LowestLayers
from ratchet.reward.packing import TokenGroup
from ratchet.reward.sentences import Sentences
from ratchet.reward.trunk import KEPT_STANDARDS, Trunk

LAYERS, HIDDEN = 12, 24
PROMPT = (5, 9, 13, 21, 34)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_llama(tmp_path_factory.mktemp("trunk"), layers=LAYERS)


@pytest.fixture(scope="module")
def trunk(folder: Path) -> Trunk:
    return Trunk(folder)


def features(trunk: Trunk, completion: tuple[int, ...]) -> np.ndarray:
    [[row]] = trunk.features([TokenGroup(PROMPT, (completion,))])
    return row


def tied(row: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the prompt: what the answer repeats, and what it leaves out."""
    return row[4 * HIDDEN : 5 * HIDDEN], row[5 * HIDDEN : 6 * HIDDEN]


def test_states_are_those_of_the_whole_model_at_a_sixth_and_a_third_of_its_layers(
    trunk: Trunk, folder: Path
) -> None:
    answer = (40, 9, 41)
    model = AutoModel.from_pretrained(folder, dtype=torch.float64).eval()
    with torch.inference_mode():
        states = model(torch.tensor([[*PROMPT, *answer]]), output_hidden_states=True).hidden_states
    shallow, deep = (states[depth][0, len(PROMPT) :].numpy() for depth in (2, 4))
    expected = [shallow.mean(0), shallow.max(0), deep.mean(0), deep.max(0)]
    row = features(trunk, answer)
    np.testing.assert_allclose(row[: 4 * HIDDEN], np.concatenate(expected), rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(row[6 * HIDDEN : 7 * HIDDEN], deep[-1], rtol=1e-3, atol=1e-4)
    assert row[-1] == pytest.approx(np.log(3))


def test_an_answer_that_repeats_the_prompt_leaves_nothing_of_it_out(trunk: Trunk) -> None:
    everything, nothing = features(trunk, PROMPT), features(trunk, (50, 51, 52, 53, 54))
    assert np.linalg.norm(tied(everything)[0]) > np.linalg.norm(tied(nothing)[0])
    assert np.linalg.norm(tied(everything)[1]) < np.linalg.norm(tied(nothing)[1])


def test_what_is_repeated_and_what_is_left_out_make_up_the_prompt(trunk: Trunk) -> None:
    sums = [sum(tied(features(trunk, answer))) for answer in (PROMPT, (9, 50), (51, 52, 53))]
    for other in sums[1:]:
        np.testing.assert_allclose(other, sums[0], rtol=1e-3, atol=1e-5)


def sentence_features(
    trunk: Trunk, first: int, answer: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Of the four tokens of two sentences: how nearly each is said, and what of it is repeated."""
    [[row]] = trunk.features([TokenGroup(PROMPT, (answer,))], ((first, 31, 32), (7,)))
    np.testing.assert_array_equal(row[:-8], features(trunk, answer))
    assert row[-8:].min() >= 0 and row[-8:].max() <= 1
    return row[-8::2], row[-7::2]


def test_an_answer_says_the_tokens_of_a_sentence_in_it_most_nearly(trunk: Trunk) -> None:
    said, _ = sentence_features(trunk, 30, (30, 31, 32, 50))
    other, _ = sentence_features(trunk, 30, (7, 51, 52, 53))
    assert (said[:3] > other[:3]).all() and said[3] < other[3]


def test_an_answer_that_repeats_the_prompt_repeats_what_a_sentence_means_in_it(
    trunk: Trunk,
) -> None:
    _, everything = sentence_features(trunk, 30, PROMPT)
    _, nothing = sentence_features(trunk, 30, (50, 51, 52, 53, 54))
    assert (everything > nothing).mean() > 0.5


def test_a_token_of_a_sentence_means_what_is_most_like_it_in_the_prompt(trunk: Trunk) -> None:
    # 9 is in the sentence and in the prompt; both answers repeat one token of the prompt.
    _, named = sentence_features(trunk, 9, (50, 9, 51))
    _, missed = sentence_features(trunk, 9, (50, 34, 51))
    gain = named - missed
    assert gain[0] == gain.max() > 0


def test_what_is_said_and_what_is_meant_follow_their_formulas(trunk: Trunk, folder: Path) -> None:
    answer, sentence = (40, 9, 41), (9, 31, 32, 7)
    model = AutoModel.from_pretrained(folder, dtype=torch.float64).eval()

    def states(ids: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        with torch.inference_mode():
            found = model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        return found[2][0].numpy(), found[4][0].numpy()

    def unit(rows: np.ndarray) -> np.ndarray:
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    shallow, deep = states((*PROMPT, *answer))
    wanted, meaning = states(sentence)
    prompt = len(PROMPT)
    said = (unit(wanted) @ unit(shallow[prompt:]).T).max(1).clip(0) ** 8
    repeated = (unit(shallow[:prompt]) @ unit(shallow[prompt:]).T).max(1).clip(0) ** 24
    of_prompt = unit(deep[:prompt])
    mean = of_prompt.mean(0)
    picked = np.exp(10 * unit(unit(meaning) - mean) @ unit(of_prompt - mean).T)
    meant = picked / picked.sum(1, keepdims=True) @ repeated
    [[row]] = trunk.features([TokenGroup(PROMPT, (answer,))], (sentence,))
    np.testing.assert_allclose(row[-8::2], said, rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(row[-7::2], meant, rtol=1e-3, atol=1e-5)


def test_a_model_of_one_layer_has_a_trunk_too(tmp_path: Path) -> None:
    row = features(Trunk(save_tiny_llama(tmp_path, layers=1)), (7, 8))
    assert np.isfinite(row).all()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_flat_row_gives_the_features_of_padded_rows(
    trunk: Trunk, folder: Path, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    monkeypatch.setattr(hidden_states, "sees_everything_before", lambda config: False)
    padded = Trunk(folder)
    asked, sentences = groups(6, VOCABULARY, seed=n, n=n), ((7,), (30, 31, 32), (9, 13))
    for ours, theirs in zip(
        trunk.features(asked, sentences), padded.features(asked, sentences), strict=True
    ):
        assert ours.shape == (n, 7 * HIDDEN + 1 + 2 * 6)
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


def test_features_do_not_depend_on_what_a_group_is_read_with(trunk: Trunk) -> None:
    asked, sentences = groups(6, VOCABULARY, seed=1, n=3), ((7,), (30, 31, 32))
    together = trunk.features(asked, sentences)
    for group, rows in zip(asked, together, strict=True):
        np.testing.assert_allclose(
            rows, trunk.features([group], sentences)[0], rtol=1e-4, atol=1e-5
        )


def test_a_decoder_with_a_window_has_a_trunk_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = MistralConfig(
        vocab_size=VOCABULARY,
        hidden_size=HIDDEN,
        intermediate_size=48,
        num_hidden_layers=6,
        num_attention_heads=4,
        num_key_value_heads=2,
        sliding_window=32,
        pad_token_id=0,
    )
    MistralForCausalLM(config).save_pretrained(tmp_path)
    model = AutoModel.from_pretrained(tmp_path, dtype=torch.float64).eval()
    for answer, row in (
        (answer, features(Trunk(tmp_path), answer)) for answer in ((7,), (40, 9, 41))
    ):
        with torch.inference_mode():
            states = model(torch.tensor([[*PROMPT, *answer]]), output_hidden_states=True)
        mean = states.hidden_states[2][0, len(PROMPT) :].mean(0)
        np.testing.assert_allclose(row[2 * HIDDEN : 3 * HIDDEN], mean, rtol=1e-4, atol=1e-5)


def test_sentences_are_read_once_while_their_standard_is_among_the_last_that_were_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Sentences] = []
    read_alone = LowestLayers.read_alone

    def counted(layers: LowestLayers, sentences: Sentences) -> hidden_states.HiddenStates:
        read.append(sentences)
        return read_alone(layers, sentences)

    monkeypatch.setattr(LowestLayers, "read_alone", counted)
    trunk = Trunk(folder)

    def row(standard: int) -> np.ndarray:
        [[row]] = trunk.features([TokenGroup(PROMPT, ((7, 8),))], ((standard, 31), (9,)))
        return row

    first = row(0)
    for standard in range(1, KEPT_STANDARDS):
        row(standard)
        np.testing.assert_array_equal(row(0), first)
    assert len(read) == KEPT_STANDARDS
    row(KEPT_STANDARDS)  # takes the place of 1, which was not asked for longest
    row(0)
    assert len(read) == KEPT_STANDARDS + 1
    row(1)
    assert len(read) == KEPT_STANDARDS + 2
