"""One real vLLM for all tests of the policy, and versions of its weights to swap in."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from ratchet.policy.config import PolicySettings
    from ratchet.policy.model import PolicyModel


@pytest.fixture(scope="session")
def changed_folder(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Version 2: embeddings (so the tied head), an attention and an MLP weight changed."""
    import torch
    from safetensors.torch import load_file, save_file

    folder = tmp_path_factory.mktemp("version-2")
    for file in model_folder.iterdir():
        if file.suffix != ".safetensors":
            (folder / file.name).write_bytes(file.read_bytes())
    tensors = load_file(model_folder / "model.safetensors")
    noise = torch.Generator().manual_seed(1)
    for name in (
        "model.embed_tokens.weight",
        "model.layers.3.self_attn.q_proj.weight",
        "model.layers.10.mlp.down_proj.weight",
        "model.layers.20.input_layernorm.weight",
    ):
        weight = tensors[name].float()
        change = torch.randn(weight.shape, generator=noise) * weight.std() * 0.3
        tensors[name] = (weight + change).to(tensors[name].dtype)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture(scope="session")
def policy_settings(tmp_path_factory: pytest.TempPathFactory) -> "PolicySettings":
    from ratchet.policy.config import PolicySettings

    registry = tmp_path_factory.mktemp("registry")
    return PolicySettings(registry=registry, dtype="float32", kv_cache_gib=0.5, max_num_seqs=16)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def model(
    model_folder: Path, policy_settings: "PolicySettings"
) -> AsyncIterator["PolicyModel"]:
    """The engine, started once; every test leaves it serving whatever it swapped in."""
    from ratchet.policy.environment import policy_environment

    with pytest.MonkeyPatch.context() as environ:
        # For the engine's process; this one has been started without.
        for name, value in policy_environment().items():
            environ.setenv(name, value)
        from ratchet.policy.model import PolicyModel

        model = await PolicyModel.start(model_folder, 1, policy_settings)
    yield model
    model.close()
