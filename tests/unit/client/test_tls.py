"""The clients over TLS, against a real server with real certificates."""

import asyncio
from pathlib import Path

import grpc
import pytest
import trustme
from tests.unit.client.word_count import WordCount, serving
from tests.unit.process.certificates import NAME, Certificates

from ratchet.client import AsyncJudgeClient, JudgeCallError, JudgeClient, Retries, Tls

ONCE = Retries(attempts=1)


@pytest.fixture
def files(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


async def asked(target: str, tls: Tls | None, deadline: float = 2.0) -> float | None:
    async with AsyncJudgeClient(target, tls=tls, deadline=deadline, retries=ONCE) as judge:
        return (await judge.score("hi", "one two")).score


async def assert_turned_away(target: str, tls: Tls | None) -> None:
    with pytest.raises(JudgeCallError) as caught:
        await asked(target, tls)
    assert caught.value.code in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,  # it waits for a server that it can trust
    )


async def test_both_clients_trust_the_authority_that_they_are_given(files: Certificates) -> None:
    async with serving(WordCount(), tls=files.tls()) as target:
        tls = Tls(ca=files.ca, server_name=NAME)
        assert await asked(target, tls, 30.0) == 2

        def blocking() -> float | None:
            with JudgeClient(target, tls=tls) as judge:
                return judge.score("hi", "one two three").score

        assert await asyncio.to_thread(blocking) == 3


async def test_no_secret_is_told_to_a_stranger_or_in_the_clear(files: Certificates) -> None:
    stranger = files.folder / "stranger.pem"
    trustme.CA().cert_pem.write_to_path(str(stranger))
    judge = WordCount()
    async with serving(judge, tls=files.tls()) as target:
        await assert_turned_away(target, Tls(ca=stranger, server_name=NAME))
        await assert_turned_away(target, Tls(ca=files.ca, server_name="other.test"))
        await assert_turned_away(target, Tls(ca=files.ca))  # 127.0.0.1 is not in the certificate
        await assert_turned_away(target, None)
    assert judge.calls == []


async def test_a_name_is_checked_as_it_is_called_also_of_several_replicas(
    files: Certificates,
) -> None:
    files.issue("server", "localhost")
    async with (
        serving(WordCount(), tls=files.tls()) as one,
        serving(WordCount(), tls=files.tls()) as other,
    ):
        named = [target.replace("127.0.0.1", "localhost") for target in (one, other)]
        assert await asked(named[0], Tls(ca=files.ca), 30.0) == 2
        assert await asked(",".join(named), Tls(ca=files.ca), 30.0) == 2


async def test_with_mtls_a_client_needs_a_certificate_of_the_right_authority(
    files: Certificates,
) -> None:
    false, false_key = files.issue("false", "app@ratchet.test", trustme.CA())
    judge = WordCount()
    async with serving(judge, tls=files.tls(mutual=True)) as target:
        known = Tls(files.ca, files.client, files.client_key, NAME)
        assert await asked(target, known, 30.0) == 2
        await assert_turned_away(target, Tls(ca=files.ca, server_name=NAME))
        await assert_turned_away(target, Tls(files.ca, false, false_key, NAME))
    assert len(judge.calls) == 1


def test_what_is_wrong_with_the_files_is_told_before_a_call(files: Certificates) -> None:
    with pytest.raises(ValueError, match="certificate and key go together"):
        JudgeClient("127.0.0.1:1", tls=Tls(certificate=files.client))
    with pytest.raises(FileNotFoundError, match=r"gone\.pem"):
        JudgeClient("127.0.0.1:1", tls=Tls(ca=files.folder / "gone.pem"))
