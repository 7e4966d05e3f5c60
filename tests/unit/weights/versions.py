"""Small versions in a registry."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from ratchet.v1.weights_pb2 import Manifest, Role
from ratchet.weights.registry import Registry

TENSORS = {
    "layer.weight": np.arange(6, dtype=np.float32).reshape(2, 3),
    "layer.bias": np.ones(3, np.float32),
}


def fill(folder: Path, **changed: np.ndarray) -> None:
    """A folder as it would be published; `layer_bias=...` changes a tensor."""
    tensors = TENSORS | {name.replace("_", "."): tensor for name, tensor in changed.items()}
    save_file(tensors, folder / "model.safetensors")
    (folder / "config.json").write_text("{}")


def publish(registry: Registry, version: int, role: Role = Role.ROLE_POLICY, **changed) -> Manifest:
    staged = registry.stage(role)
    fill(staged, **changed)
    return registry.publish(staged, Manifest(role=role, version=version, parent=version - 1))
