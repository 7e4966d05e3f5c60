import os
from pathlib import Path

import pytest
from tests.real_kafka import broker, kafka, kafka_libs

from ratchet.local.cache import default_model

__all__ = ["broker", "kafka", "kafka_libs"]


@pytest.fixture(scope="session")
def model_folder() -> Path:
    """The default model, as `make setup` keeps it."""
    return Path(os.environ.get("RATCHET_MODEL", default_model()))
