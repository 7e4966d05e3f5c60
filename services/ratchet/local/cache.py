"""Where things are kept that can be made again: the default model, Kafka's jars."""

import os
from pathlib import Path

DEFAULT_MODEL = "smollm2-135m-instruct"
KAFKA_VERSION = "4.3.1"


def cache_folder() -> Path:
    """`$XDG_CACHE_HOME/ratchet`, or `~/.cache/ratchet`."""
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "ratchet"


def default_model() -> Path:
    """Folder of the default model in Hugging Face layout."""
    return cache_folder() / "models" / DEFAULT_MODEL


def default_kafka_libs() -> Path:
    """Folder of Kafka's jars, as `make kafka` fills it; `RATCHET_KAFKA_LIBS` names another."""
    named = os.environ.get("RATCHET_KAFKA_LIBS")
    return Path(named) if named else cache_folder() / f"kafka-{KAFKA_VERSION}" / "libs"
