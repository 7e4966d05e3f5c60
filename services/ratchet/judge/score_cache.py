"""Judgements of late, for answers that are asked about again."""

from collections import OrderedDict
from hashlib import blake2b

from ratchet.judge.answers import Answer
from ratchet.v1.judgement_pb2 import Judgement

Key = tuple[int, bytes]


def key_of(version: int, answer: Answer) -> Key:
    """What makes two answers the same: all their tokens, and the version that scores them."""
    digest = blake2b(answer.prompt, digest_size=16, salt=len(answer.prompt).to_bytes(8, "little"))
    digest.update(answer.completion)
    return version, digest.digest()


class ScoreCache:
    """At most `size` judgements; the one that was not asked for longest goes first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[Key, Judgement] = OrderedDict()

    def __bool__(self) -> bool:
        return self._size > 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: Key) -> Judgement | None:
        """The judgement, where it is still kept."""
        if found := self._kept.get(key):
            self._kept.move_to_end(key)
        return found

    def put(self, key: Key, judgement: Judgement) -> None:
        """Keeps a judgement; one that is an error is asked for anew."""
        if judgement.HasField("error"):
            return
        self._kept[key] = judgement
        self._kept.move_to_end(key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)
