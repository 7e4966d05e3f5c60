"""Versions of standards count up, and nobody writes over another's."""

import pytest

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.standard_book import NotTheNewest, StandardBook
from ratchet.v1.standard_pb2 import Standard


async def test_of_two_who_began_with_the_same_version_the_second_stores_nothing() -> None:
    written: list[Standard] = []

    async def write(standard: Standard) -> None:
        written.append(standard)

    book = StandardBook(write)
    standard = shop_standard()
    await book.put(standard, after=0)
    for title in ("Ann's", "Bob's"):
        standard.title = title
        if title == "Ann's":
            await book.put(standard, after=1)
            continue
        with pytest.raises(NotTheNewest) as caught:
            await book.put(standard, after=1)
        assert caught.value.newest.title == "Ann's"
    assert [each.version for each in book.versions("shop-support")] == [2, 1]
    assert len(written) == 2
    # Who names no version, as gRPC's callers, adds to whatever is there.
    await book.put(standard)
    newest = book.get("shop-support")
    assert newest is not None
    assert (newest.version, newest.title) == (3, "Bob's")
