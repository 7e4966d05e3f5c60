from ratchet.judge.answers import Answer
from ratchet.judge.score_cache import ScoreCache, key_of
from ratchet.process.packed import pack_u32
from ratchet.v1.judgement_pb2 import ItemError, Judgement


def answer(prompt: list[int], completion: list[int]) -> Answer:
    return Answer(pack_u32(prompt), pack_u32(completion), False, "")


def test_only_all_tokens_and_the_version_make_an_answer_the_same() -> None:
    key = key_of(1, answer([1, 2], [3]))
    assert key == key_of(1, answer([1, 2], [3]))
    others = [
        key_of(2, answer([1, 2], [3])),
        key_of(1, answer([1, 2], [4])),
        key_of(1, answer([1], [2, 3])),
        key_of(1, answer([0, 2], [3])),
    ]
    assert key not in others


def test_what_was_not_asked_for_longest_goes_first_and_errors_are_not_kept() -> None:
    cache = ScoreCache(2)
    keys = [key_of(1, answer([i], [i])) for i in range(4)]
    cache.put(keys[0], Judgement(score=0.25))
    cache.put(keys[1], Judgement(score=0.5))
    assert cache.get(keys[0])
    cache.put(keys[2], Judgement(score=0.75))
    cache.put(keys[3], Judgement(error=ItemError(code=13)))
    found = [cache.get(key) for key in keys]
    assert [kept and kept.score for kept in found] == [0.25, None, 0.75, None]
    assert len(cache) == 2


def test_a_cache_of_no_size_keeps_nothing() -> None:
    assert not ScoreCache(0)
