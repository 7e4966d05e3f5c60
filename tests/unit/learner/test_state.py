"""What the learner's state tells of itself."""

from ratchet.learner.state import LearnerState


def test_a_manifest_is_told_how_far_each_topic_was_read() -> None:
    state = LearnerState(offsets={"preferences": {1: 7, 0: 3}, "judgements": {0: 12}})
    told = [(each.topic, each.partition, each.offset) for each in state.consumed_offsets()]
    assert told == [("judgements", 0, 12), ("preferences", 0, 3), ("preferences", 1, 7)]
