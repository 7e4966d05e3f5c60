import pytest
from kafka import KafkaProducer

from ratchet.process.config import KafkaSettings
from ratchet.stream.group_reader import GroupReader
from ratchet.stream.producer import DeliveryFailed, Producer
from ratchet.stream.reader import Reader
from ratchet.stream.record import Record
from ratchet.stream.table import Table
from ratchet.stream.topics import DEAD_LETTERS, PROMPTS, STANDARDS, Topic, ensure_topics
from ratchet.v1.prompt_pb2 import Prompt
from ratchet.v1.standard_pb2 import Standard


def read(reader: Reader | GroupReader[Prompt], count: int) -> list[Record[Prompt]]:
    """Reads until `count` records are there; pytest's timeout ends a wait for what never comes."""
    records: list[Record[Prompt]] = []
    while len(records) < count:
        records += reader.poll(1.0)
    return records


def produce(kafka: KafkaSettings, *prompt_ids: str) -> None:
    producer = Producer(kafka, "test")
    for delivery in [producer.send(PROMPTS, each, Prompt(prompt_id=each)) for each in prompt_ids]:
        delivery.wait()
    producer.close()


def test_what_is_sent_is_read_in_order_and_positions_go_on(kafka: KafkaSettings):
    produce(kafka, *"abcd")
    reader = Reader(kafka, [PROMPTS, STANDARDS], "test", None)
    assert not reader.caught_up()
    [first] = reader.poll(30, max_records=1)
    assert (first.topic, first.partition, first.offset) == ("prompts", 0, 0)
    assert (first.key, first.value.prompt_id) == ("a", "a")
    positions = reader.positions()
    assert positions == {("prompts", 0): 1, ("standards", 0): 0}
    reader.close()

    reader = Reader(kafka, [PROMPTS, STANDARDS], "test", positions)
    assert [each.key for each in read(reader, 3)] == ["b", "c", "d"]
    assert reader.caught_up()
    reader.close()


def test_junk_becomes_a_dead_letter_and_reading_goes_on(kafka: KafkaSettings):
    junk = KafkaProducer(**kafka.client_options())
    topic = kafka.topic_prefix + "prompts"
    invalid_utf8 = b"\x0a\x02\xff\xfe"
    for key, value in [
        (b"j", b"junk"),
        (b"u", invalid_utf8),
        (b"\xff", b"\x0a\x01p"),
        (b"t", None),
    ]:
        junk.send(topic, key=key, value=value).get(30)
    junk.close()
    produce(kafka, "good")

    reader = Reader(kafka, [PROMPTS], "judge", None)
    assert [each.key for each in read(reader, 1)] == ["good"]
    assert reader.positions() == {("prompts", 0): 5}
    reader.close()
    reader = Reader(kafka, [DEAD_LETTERS], "test", None)
    letters = read(reader, 4)
    reader.close()
    assert [each.key for each in letters] == [f"prompts/0/{offset}" for offset in range(4)]
    first = letters[0].value
    assert (first.topic, first.partition, first.offset) == ("prompts", 0, 0)
    assert (first.key, first.value, first.service) == (b"j", b"junk", "judge")
    assert "no Prompt" in first.reason
    assert letters[1].value.value == invalid_utf8
    assert "key is not UTF-8" in letters[2].value.reason
    assert "empty" in letters[3].value.reason


def test_a_record_of_the_largest_size_passes_and_fits_a_dead_letter(kafka: KafkaSettings):
    size = 16 * 1024 * 1024 - 64
    produce(kafka, "k")
    producer = Producer(kafka, "test")
    producer.send(PROMPTS, "big", Prompt(prompt_id="x" * size)).wait()
    producer.close()
    reader = Reader(kafka, [PROMPTS], "test", None)
    big = read(reader, 2)[1]
    assert len(big.value.prompt_id) == size
    reader.reject(big, "no samples wanted")
    reader.close()
    reader = Reader(kafka, [DEAD_LETTERS], "test", None)
    [letter] = read(reader, 1)
    reader.close()
    assert letter.value.reason.startswith("no samples wanted (value cut from 16777")
    assert len(letter.value.value) == 1024 * 1024


def test_a_group_goes_on_from_its_watermark(kafka: KafkaSettings):
    produce(kafka, *"abc")
    reader = GroupReader(kafka, PROMPTS, "policy", "policy")
    assert [each.key for each in read(reader, 3)] == ["a", "b", "c"]
    reader.commit(0, 1)
    reader.close()
    reader = GroupReader(kafka, PROMPTS, "policy", "policy")
    assert [each.key for each in read(reader, 2)] == ["b", "c"]
    reader.close()


def test_a_table_catches_up_and_follows(kafka: KafkaSettings):
    producer = Producer(kafka, "test")
    producer.send(STANDARDS, "s/1", Standard(standard_id="s", version=1)).wait()
    producer.send(STANDARDS, "s/2", Standard(standard_id="bad", version=2)).wait()
    versions: list[int] = []

    def on_record(record: Record[Standard]) -> None:
        if record.value.standard_id == "bad":
            raise ValueError("no criteria")
        versions.append(record.value.version)

    table = Table(kafka, STANDARDS, "judge", on_record)
    table.start()
    table.wait_caught_up(120)
    assert versions == [1]
    producer.send(STANDARDS, "s/3", Standard(standard_id="s", version=3)).wait()
    producer.close()
    while versions != [1, 3]:
        table.wait_caught_up(120)
    table.close()
    reader = Reader(kafka, [DEAD_LETTERS], "test", None)
    [letter] = read(reader, 1)
    reader.close()
    assert letter.key == "standards/0/1"
    assert letter.value.reason == "ValueError: no criteria"


def test_making_the_topics_again_changes_nothing(kafka: KafkaSettings):
    produce(kafka, "a")
    ensure_topics(kafka)
    reader = Reader(kafka, [PROMPTS], "test", None)
    assert [each.key for each in read(reader, 1)] == ["a"]
    reader.close()


def test_a_topic_that_is_not_there_is_named(kafka: KafkaSettings):
    with pytest.raises(LookupError, match=r"there is no topic .*-nowhere"):
        Reader(kafka, [Topic("nowhere", Prompt)], "test", None)


def test_sending_to_a_topic_that_is_not_there_fails(
    kafka: KafkaSettings, monkeypatch: pytest.MonkeyPatch
):
    producer = Producer(kafka, "test")
    with pytest.raises(DeliveryFailed):
        producer.send(Topic("nowhere", Prompt), "a", Prompt(prompt_id="a")).wait()
    producer.close()
