"""Runs inside vLLM's worker: swaps in the weights of a folder that was read beforehand.

vLLM imports this module there because `StagingExtension` is its `worker_extension_cls`.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from vllm.distributed.weight_transfer.base import (
    WeightTransferEngine,
    WeightTransferInitInfo,
    WeightTransferUpdateInfo,
)
from vllm.distributed.weight_transfer.factory import WeightTransferEngineFactory
from vllm.model_executor.layers.utils import dispatch_cpu_unquantized_gemm
from vllm.model_executor.model_loader.reload import (
    finalize_layerwise_reload,
    initialize_layerwise_reload,
)

from ratchet.policy.parent_watch import end_with_parent

BACKEND = "ratchet-folder"


@dataclass
class FolderInit(WeightTransferInitInfo):
    """Nothing to agree on: the folder's path is all that is sent."""


@dataclass
class FolderUpdate(WeightTransferUpdateInfo):
    """The folder (Hugging Face layout) whose weights were staged."""

    folder: str


class FolderWeightTransfer(WeightTransferEngine[FolderInit, FolderUpdate]):
    """Loads a staged folder into the running model, between two steps of the scheduler."""

    init_info_cls = FolderInit
    update_info_cls = FolderUpdate

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        end_with_parent()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="stage-weights")
        self._staged: dict[str, Future[dict[str, torch.Tensor]]] = {}

    def stage(self, folder: str) -> None:
        """Starts to read a folder in a thread; what was staged before is forgotten."""
        self._staged = {folder: self._reader.submit(self._read, folder)}

    def staged(self, folder: str) -> bool:
        """True once `stage(folder)` is done. Raises what reading raised."""
        future = self._staged[folder]
        if not future.done():
            return False
        future.result()
        return True

    def init_transfer_engine(self, init_info: FolderInit) -> None:
        """Nothing to connect to."""

    def start_weight_update(self) -> None:
        """Prepares every layer to be loaded again."""
        initialize_layerwise_reload(self.model)

    def update_weights(self, update_info: dict[str, Any]) -> None:
        """Loads what was staged. The base class would synchronise an accelerator here."""
        self.receive_weights(self.parse_update_info(update_info))

    def receive_weights(self, update_info: FolderUpdate) -> None:
        """Gives the staged tensors to the model's own loader.

        Raises:
            KeyError: The folder was not staged.
        """
        tensors = self._staged.pop(update_info.folder).result()
        model: Any = self.model
        model.load_weights(tensors.items())

    def finish_weight_update(self) -> None:
        """Packs the layers anew, the output head included."""
        finalize_layerwise_reload(self.model, self.model_config)
        if self.device.type == "cpu":
            self._repack_output_head()

    def shutdown(self) -> None:
        """Ends the reading thread."""
        self._reader.shutdown(wait=False)

    def _repack_output_head(self) -> None:
        # A head tied to the embeddings is in no file, so the reload passes it by and its
        # packed copy would go on answering with the old weights.
        head = getattr(self.model, "lm_head", None)
        if isinstance(head, torch.nn.Module) and hasattr(head, "cpu_linear"):
            dispatch_cpu_unquantized_gemm(head, remove_weight=False)

    def _read(self, folder: str) -> dict[str, torch.Tensor]:
        return dict(self._tensors(Path(folder)))

    def _tensors(self, folder: Path) -> Iterator[tuple[str, torch.Tensor]]:
        for path in sorted(folder.glob("*.safetensors")):
            with safe_open(path, framework="pt", device="cpu") as file:
                for name in file.keys():  # noqa: SIM118 - not a dict
                    yield name, file.get_tensor(name).to(self.model_config.dtype)


class StagingExtension:
    """Methods that vLLM mixes into its worker, for `collective_rpc`."""

    weight_transfer_engine: FolderWeightTransfer

    def stage_weights(self, folder: str) -> None:
        """Starts to read a folder while requests run."""
        self.weight_transfer_engine.stage(folder)

    def weights_staged(self, folder: str) -> bool:
        """True once the folder is read."""
        return self.weight_transfer_engine.staged(folder)


WeightTransferEngineFactory.register_engine(BACKEND, FolderWeightTransfer)
