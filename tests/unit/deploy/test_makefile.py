"""What `make kafka` fetches into the cache of all checkouts, with a Maven that only counts."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MVN = """#!/bin/sh
echo fetched >> "$COUNT"
[ -z "$BROKEN" ] || exit 1
for argument; do case "$argument" in -DoutputDirectory=*) mkdir -p "${argument#*=}"; esac; done
"""


class Checkout:
    """A fresh clone beside a cache."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.pom = folder / "deploy/kafka/pom.xml"
        self.pom.parent.mkdir(parents=True)
        shutil.copyfile(ROOT / "Makefile", folder / "Makefile")
        shutil.copyfile(ROOT / "deploy/kafka/pom.xml", self.pom)
        self._folder, self._cache = folder, cache

    def make_kafka(self, broken: str = "") -> int:
        path = f"{self._cache}:{os.environ['PATH']}"
        count = str(self._cache / "count")
        environ = {"PATH": path, "XDG_CACHE_HOME": str(self._cache)}
        environ |= {"COUNT": count, "BROKEN": broken}
        return subprocess.run(
            ["make", "--directory", str(self._folder), "kafka"], env=environ, capture_output=True
        ).returncode


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """With a Maven and a Java of its own."""
    folder = tmp_path / "cache"
    folder.mkdir()
    for name in ("mvn", "java"):
        (folder / name).write_text(MVN)
        (folder / name).chmod(0o755)
    return folder


def fetched(cache: Path) -> int:
    return len((cache / "count").read_text().splitlines())


def test_another_clone_fetches_only_what_is_not_the_same(cache: Path, tmp_path: Path) -> None:
    assert Checkout(tmp_path / "one", cache).make_kafka() == 0
    other = Checkout(tmp_path / "other", cache)  # Its files are newer.
    assert (other.make_kafka(), fetched(cache)) == (0, 1)
    other.pom.write_text(other.pom.read_text() + "<!-- changed -->")
    assert (other.make_kafka(), fetched(cache)) == (0, 2)


def test_what_was_not_fetched_to_the_end_is_fetched_again(cache: Path, tmp_path: Path) -> None:
    clone = Checkout(tmp_path / "one", cache)
    assert clone.make_kafka(broken="yes") != 0
    assert (clone.make_kafka(), fetched(cache)) == (0, 2)
