"""Labels of other tools into a real Kafka and out of it again, by the commands."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from ratchet.cli import main
from ratchet.labels.snapshot import preferences
from ratchet.process.config import KafkaSettings
from ratchet.process.packed import unpack_u32
from ratchet.reward.tokens import ChatTokenizer
from ratchet.stream.producer import Producer
from ratchet.stream.topics import PREFERENCES, STANDARDS
from ratchet.v1.preference_pb2 import Preference
from ratchet.v1.standard_pb2 import Criterion, Standard

PAIRS: list[dict[str, Any]] = [
    {"prompt": f"question {i}", "chosen": f"yes {i}", "rejected": f"no {i}", "subset": "easy"}
    for i in range(30)
]


class Labels:
    """The commands against one test's topics."""

    def __init__(self, kafka: KafkaSettings, model: Path, folder: Path) -> None:
        self.kafka, self.model, self.folder = kafka, model, folder

    def import_(self, name: str, rows: Any, *options: str) -> int:
        file = self.folder / name
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        file.write_text(lines if name.endswith(".jsonl") else json.dumps(rows))
        required = ("--standard", "shop", "--labeler", "crowd", "--model", str(self.model))
        return self._run("import", str(file), *required, *options)

    def export(self, form: str, *options: str) -> list[dict[str, Any]]:
        file = self.folder / f"out.{form}"
        assert self._run("export", "--format", form, "--out", str(file), *options) == 0
        text = file.read_text()
        if text.startswith("["):
            return json.loads(text)
        return [json.loads(line) for line in text.splitlines()]

    def stored(self) -> list[Preference]:
        return [record.value for record in preferences(self.kafka)]

    def _run(self, *arguments: str) -> int:
        return main(["labels", *arguments, "--kafka", self.kafka.bootstrap_servers])


@pytest.fixture
def labels(
    kafka: KafkaSettings, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Labels:
    """A standard of two versions is there."""
    monkeypatch.setenv("RATCHET_LABELS__KAFKA__TOPIC_PREFIX", kafka.topic_prefix)
    producer = Producer(kafka, "test")
    for version, ids in ((1, ["short"]), (2, ["short", "polite"])):
        criteria = [Criterion(criterion_id=each, sentence=each, weight=1) for each in ids]
        standard = Standard(standard_id="shop", version=version, criteria=criteria)
        producer.send(STANDARDS, f"shop/{version}", standard).wait()
    producer.close()
    return Labels(kafka, model_folder, tmp_path)


def task(vote: dict[str, Any], *more: dict[str, Any]) -> dict[str, Any]:
    data = {"prompt": "Hi?", "answer1": "Hello.", "answer2": "What?"}
    return {"data": data, "annotations": [{"completed_by": 7, "result": [vote, *more]}]}


LEFT = {"type": "pairwise", "value": {"selected": "left"}, "from_name": "pw"}
TIE = {"type": "choices", "value": {"choices": ["tie"]}, "from_name": "verdict"}
SHORT = {"type": "choices", "value": {"choices": ["short"]}, "from_name": "broken_b"}


def test_an_import_that_is_run_again_adds_nothing(
    labels: Labels, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labels.import_("prefs.jsonl", PAIRS[:20], "--dry-run") == 0
    assert "20 lines: 20 labels would be added" in capsys.readouterr().out
    assert labels.stored() == []
    assert labels.import_("prefs.jsonl", PAIRS[:20]) == 0
    assert "20 lines: 20 labels added" in capsys.readouterr().out
    turned = {**PAIRS[3], "chosen": "no 3", "rejected": "yes 3"}
    assert labels.import_("prefs.jsonl", [turned, *PAIRS, *PAIRS[25:]]) == 0
    told = capsys.readouterr().out
    assert "36 lines: 10 labels added, 25 there before, 1 there before with another" in told
    assert len(labels.stored()) == 30


def test_what_was_imported_has_the_policys_tokens(labels: Labels) -> None:
    assert labels.import_("prefs.jsonl", PAIRS[:1]) == 0
    [comparison] = [preference.comparison for preference in labels.stored()]
    tokenizer = ChatTokenizer(labels.model)
    assert unpack_u32(comparison.prompt_token_ids) == list(
        tokenizer.prompt_ids([("user", "question 0")])
    )
    assert unpack_u32(comparison.answer_a.token_ids) == list(
        tokenizer.completion_ids(comparison.answer_a.text)
    )
    assert (comparison.standard_version, comparison.picked_because) == (2, "import")


def test_a_bad_row_is_named_and_loses_nothing_else(
    labels: Labels, capsys: pytest.CaptureFixture[str]
) -> None:
    same = {"prompt": "q", "chosen": "a", "rejected": "a"}
    long = {"prompt": "word " * 10_000, "chosen": "a", "rejected": "b"}
    assert labels.import_("prefs.jsonl", [PAIRS[0], same, "x", long, PAIRS[1]]) == 1
    said = capsys.readouterr()
    assert "prefs.jsonl: line 2: rejected: is the same as chosen" in said.err
    assert "prefs.jsonl: line 3: is no JSON object" in said.err
    assert "prefs.jsonl: line 4: prompt: " in said.err
    assert "5 lines: 2 labels added, 3 errors" in said.out
    unknown = {**SHORT, "value": {"choices": ["rude"]}}
    assert labels.import_("tasks.json", [task(LEFT, unknown), task(TIE)]) == 1
    said = capsys.readouterr()
    assert "tasks.json: item 1: marks_b.broken_criterion_ids[0]: 'rude' is no" in said.err
    assert "2 items: 1 labels added, 1 errors" in said.out


def test_ties_are_kept_and_left_out_only_where_a_form_has_none(
    labels: Labels, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labels.import_("prefs.jsonl", PAIRS[:3]) == 0
    assert labels.import_("tasks.json", [task(TIE, SHORT)]) == 0
    [tie] = [each for each in labels.stored() if each.labeler == "7"]
    assert not tie.HasField("marks_a")
    assert list(tie.marks_b.broken_criterion_ids) == ["short"]
    capsys.readouterr()
    assert [row["subset"] for row in labels.export("rewardbench")] == ["easy"] * 3
    assert "1 ties and pairs of two bad answers are left out" in capsys.readouterr().err
    assert len(labels.export("trl")) == 3
    for form in ("label-studio", "argilla", "ratchet"):
        assert len(labels.export(form)) == 4
    assert labels.import_("again.jsonl", labels.export("ratchet")) == 0
    assert labels.import_("again.json", labels.export("label-studio")) == 0
    assert labels.import_("again.json", labels.export("argilla")) == 0
    assert labels.import_("again.jsonl", labels.export("rewardbench")) == 0
    assert len(labels.stored()) == 4, "all of them were there before"


def test_an_export_is_of_one_standard_and_since_a_time(labels: Labels) -> None:
    assert labels.import_("prefs.jsonl", PAIRS[:3]) == 0
    [other, *_] = labels.stored()
    other.submission_id, other.comparison.standard_id = "s", "other"
    other.comparison.answer_a.text = "This was said here."
    producer = Producer(labels.kafka, "test")
    for _ in range(2):  # A topic may hold a record twice.
        producer.send(PREFERENCES, "other", other).wait()
    producer.close()
    assert len(labels.export("ratchet")) == 4
    [own] = labels.export("ratchet", "--standard", "other")
    assert labels.import_("own.jsonl", [own]) == 0
    assert len(labels.stored()) == 4, "what the topic holds is known by its submission id"
    now = datetime.datetime.now(datetime.UTC)
    for days, rows in ((-1, 4), (1, 0)):
        since = (now + datetime.timedelta(days=days)).isoformat()
        assert len(labels.export("ratchet", "--since", since)) == rows


def test_a_standard_that_is_not_there_is_refused(
    labels: Labels, capsys: pytest.CaptureFixture[str]
) -> None:
    assert labels.import_("prefs.jsonl", PAIRS, "--standard", "shops") == 2
    assert "--standard: there is no 'shops'; there are: shop" in capsys.readouterr().err
