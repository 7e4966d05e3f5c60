"""Packing must not change what a model sees of an answer."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.reward.tiny import VOCABULARY, save_tiny_llama
from transformers import AutoModelForCausalLM

from ratchet.reward.packing import TokenGroup, join_prompts, pack, target_positions
from ratchet.reward.trunk import Trunk

IDS = st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=9).map(tuple)
GROUPS = st.lists(
    st.builds(TokenGroup, IDS, st.lists(IDS, min_size=1, max_size=4).map(tuple)),
    min_size=1,
    max_size=4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save_tiny_llama(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def model(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def trunk(folder):
    return Trunk(folder)


@settings(max_examples=20)
@given(groups=GROUPS)
def test_packed_log_probabilities_equal_those_of_each_answer_alone(model, groups):
    packed = pack(groups, pad_id=0)
    with torch.inference_mode():
        logits_BTV = model(
            input_ids=packed.token_ids_BT,
            position_ids=packed.position_ids_BT,
            attention_mask=packed.attention_mask_B1TT,
        ).logits
        rows_M, positions_M, targets_M = target_positions(packed)
        packed_M = logits_BTV.log_softmax(-1)[rows_M, positions_M, targets_M]
        alone = []
        for group in groups:
            for completion in group.completion_ids:
                ids = torch.tensor([group.prompt_ids + completion])
                logprobs_TV = model(input_ids=ids).logits[0].log_softmax(-1)
                start = len(group.prompt_ids) - 1
                targets = torch.tensor(completion)
                alone.append(logprobs_TV[start:-1].gather(1, targets[:, None])[:, 0])
    torch.testing.assert_close(packed_M, torch.cat(alone), rtol=1e-4, atol=1e-4)


@settings(max_examples=20)
@given(groups=GROUPS)
def test_features_do_not_depend_on_what_an_answer_is_batched_with(trunk, groups):
    together = trunk.features(groups)
    assert [len(rows) for rows in together] == [len(g.completion_ids) for g in groups]
    for group, rows in zip(groups, together, strict=True):
        for completion, row in zip(group.completion_ids, rows, strict=True):
            [alone] = trunk.features([TokenGroup(group.prompt_ids, (completion,))])
            np.testing.assert_allclose(row, alone[0], rtol=1e-3, atol=1e-3)
            assert row.shape == (7 * 24 + 1,)


def test_an_empty_completion_is_refused():
    with pytest.raises(ValueError, match="at least one token"):
        pack([TokenGroup((1, 2), ((3,), ()))], pad_id=0)


@given(groups=GROUPS, repeats=st.integers(1, 3))
def test_joined_groups_have_every_prompt_once_and_every_completion_behind_its_own(groups, repeats):
    asked = groups * repeats
    joined, order = join_prompts(asked)
    assert [group.prompt_ids for group in joined] == list(
        dict.fromkeys(g.prompt_ids for g in asked)
    )
    laid = [(group.prompt_ids, ids) for group in joined for ids in group.completion_ids]
    assert [laid[at] for at in order] == [
        (g.prompt_ids, ids) for g in asked for ids in g.completion_ids
    ]
