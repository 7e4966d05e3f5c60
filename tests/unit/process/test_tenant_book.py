"""A keys file, as it is read and as it changes."""

from pathlib import Path

import pytest
from tests.unit.process.certificates import replace
from tests.unit.process.keys import write_keys

from ratchet.process import grpc_metrics
from ratchet.process.config import ConfigError
from ratchet.process.keys_file import key_digest, new_key
from ratchet.process.tenant_book import TenantBook


def counted(outcome: str) -> float:
    return grpc_metrics.RELOADS.labels("keys", outcome)._value.get()


def test_a_key_is_its_tenants_alone(tmp_path: Path) -> None:
    acme, other = new_key("acme"), new_key("other")
    table = '[tenants.acme]\nqueue_share = 0.25\njudges = ["short"]\n[tenants.other]\n'
    book = TenantBook(write_keys(tmp_path / "keys.toml", {acme: "acme", other: "other"}, table))
    tenant = book.find(acme)
    assert tenant is not None
    assert (tenant.name, tenant.queue_share) == ("acme", 0.25)
    assert tenant.may_call("short") and not tenant.may_call("serving")
    free = book.find(other)
    assert free is not None and free.may_call("serving") and free.bucket is None


@pytest.mark.parametrize(
    "forged",
    ["", "rk", "rk_acme", "rk_acme_", "rk__", "_acme_x", "rk_acme_\udcff", "x" * 100_000],
)
def test_what_is_no_key_is_nobodys(tmp_path: Path, forged: str) -> None:
    key = new_key("acme")
    book = TenantBook(write_keys(tmp_path / "keys.toml", {key: "acme"}, "[tenants.acme]"))
    assert book.find(forged) is None
    assert book.find(key[:-1]) is None
    assert book.find(key + "A") is None
    assert book.find(key.replace("acme", "b")) is None
    # Whoever has read the file has no key: neither the hash nor a key made of it.
    assert book.find(key_digest(key).hex()) is None
    assert book.find(f"rk_acme_{key_digest(key).hex()}") is None


def test_a_changed_file_is_in_force_at_the_next_call(tmp_path: Path) -> None:
    old, new = new_key("acme"), new_key("acme")
    file = write_keys(tmp_path / "keys.toml", {old: "acme"}, "[tenants.acme]")
    book = TenantBook(file)
    before = counted("loaded")
    write_keys(file, {new: "acme"}, "[tenants.acme]\nqueue_share = 0.5")
    assert book.find(old) is None
    tenant = book.find(new)
    assert tenant is not None and tenant.queue_share == 0.5
    assert counted("loaded") == before + 1


def test_a_broken_or_absent_file_leaves_the_last_keys_in_force(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    key = new_key("acme")
    file = write_keys(tmp_path / "keys.toml", {key: "acme"}, "[tenants.acme]")
    book = TenantBook(file)
    before = counted("refused")
    replace(file, b"[tenants")
    assert book.find(key) and book.find(key)
    assert counted("refused") == before + 1
    file.unlink()
    assert book.find(key) and book.find(key)
    assert counted("refused") == before + 2
    assert key not in caplog.text and str(file) in caplog.text


def test_another_key_is_no_new_reserve_of_tokens_and_another_rate_is(tmp_path: Path) -> None:
    key = new_key("acme")
    slow = "[tenants.acme]\ntokens_per_second = 0.001\nburst_seconds = 1000"
    file = write_keys(tmp_path / "keys.toml", {key: "acme"}, slow)
    book = TenantBook(file)

    def taken() -> bool:
        tenant = book.find(key)
        assert tenant is not None and tenant.bucket is not None
        return tenant.bucket.take(1) == 0

    assert taken()
    write_keys(file, {key: "acme", new_key("acme"): "acme"}, slow)
    assert not taken()
    write_keys(file, {key: "acme"}, slow.replace("1000", "2000"))
    assert taken()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tenants.A]", "tenants.A"),
        ("[tenants.a]\nqueue_share = 0", "tenants.a.queue_share"),
        ("[tenants.a]\nqueue_share = 1.5", "tenants.a.queue_share"),
        ("[tenants.a]\ntokens_per_second = -1", "tenants.a.tokens_per_second"),
        ("[tenants.a]\nrate = 1", "tenants.a.rate: unknown setting"),
        ('[[keys]]\ntenant = "a"\nsha256 = "00"', "keys.0.sha256"),
        (f'[[keys]]\ntenant = "a"\nsha256 = "{"0" * 64}"', r"keys.0.tenant: there is no \[tenan"),
    ],
)
def test_a_mistake_names_the_file_and_the_key(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=rf"keys\.toml: {told}"):
        TenantBook(file)
