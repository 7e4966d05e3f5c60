"""`ratchet labels` where nothing can be done."""

import gzip
import json
import random
from pathlib import Path

import pytest

from ratchet.cli import main


def import_(file: Path, *options: object) -> int:
    return main(
        ["labels", "import", str(file), "--standard", "shop", "--labeler", "ann"]
        + [str(option) for option in options]
    )


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_(tmp_path / "none.jsonl") == 2
    assert "none.jsonl" in capsys.readouterr().err


def test_a_file_of_no_known_form_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"prompt": "q", "completion": "a"}\n')
    assert import_(file) == 2
    assert f"{file}: is of no known format; name it: --format" in capsys.readouterr().err


def test_without_a_system_kafka_has_to_be_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps({"prompt": "q", "chosen": "a", "rejected": "b"}))
    assert import_(file, "--state", tmp_path / "state") == 2
    told = capsys.readouterr().err
    assert f"{file}: read as trl" in told
    assert "state: nothing runs there; name Kafka: --kafka HOST:PORT" in told


def test_with_kafka_named_the_model_has_to_be_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(json.dumps({"prompt": "q", "chosen": "a", "rejected": "b"}))
    assert import_(file, "--kafka", "127.0.0.1:1") == 2
    assert "--model: has to be named where Kafka is" in capsys.readouterr().err


@pytest.mark.parametrize("damage", ["cut", "of zlib", "no gzip"])
def test_a_packed_file_that_is_damaged_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    packed = gzip.compress(random.Random(1).randbytes(1000))
    file = tmp_path / "x.jsonl.gz"
    file.write_bytes(
        {"cut": packed[:500], "of zlib": packed[:12] + b"\xff" * 500, "no gzip": b"{}"}[damage]
    )
    assert import_(file) == 2
    assert f"ratchet labels: {file}: " in capsys.readouterr().err


def test_names_are_refused_where_a_form_has_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = ["--out", str(tmp_path / "x.jsonl")]
    assert main(["labels", "export", "--format", "trl", "--tie-word", "x", *out]) == 2
    assert "the format trl has no names to be chosen" in capsys.readouterr().err


def test_a_date_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["labels", "export", "--format", "trl", "--out", "x", "--since", "yesterday"])
    assert "'yesterday' is no date such as" in capsys.readouterr().err
