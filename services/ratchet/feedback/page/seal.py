"""Signed values that a browser keeps for us."""

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from ratchet.process.config import ConfigError

KEY_BYTES = 32


class Seal:
    """HMAC-SHA256 under one key; a value that is sealed for one purpose opens for no other."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, purpose: str, payload: bytes) -> str:
        """The payload, readable by whoever has it, with its signature; fit for a cookie."""
        return f"{_text(payload)}.{self.signature(purpose, payload)}"

    def open(self, purpose: str, sealed: str) -> bytes | None:
        """The payload; None where it was not sealed here for this purpose."""
        text, _, signature = sealed.partition(".")
        try:
            payload = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            return None
        return payload if self.matches(purpose, payload, signature) else None

    def signature(self, purpose: str, payload: bytes) -> str:
        """Nobody makes it without the key."""
        message = purpose.encode() + b"\0" + payload
        return _text(hmac.digest(self._key, message, hashlib.sha256))

    def matches(self, purpose: str, payload: bytes, signature: str) -> bool:
        """Whether it is the payload's signature; takes the same time for every wrong one."""
        expected = self.signature(purpose, payload).encode()
        return hmac.compare_digest(expected, signature.encode(errors="replace"))


def load_key(path: Path | None) -> bytes:
    """The key in a file, which is made where there is none; a passing one for None.

    Raises:
        ConfigError: the file cannot be read or made, or holds no key.
    """
    if path is None:
        return secrets.token_bytes(KEY_BYTES)
    try:
        if not path.exists():
            _write_new(path, secrets.token_hex(KEY_BYTES))
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except OSError as error:
        raise ConfigError(f"page_key_file: {path}: {error.strerror}") from None
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        raise ConfigError(f"page_key_file: {path}: holds no key: remove it, and a new one is made")
    return key


def _write_new(path: Path, text: str) -> None:
    """Others never read it, and nobody ever reads half of it."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "w", encoding="ascii") as new:
        new.write(text)
    os.replace(aside, path)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
