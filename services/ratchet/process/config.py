"""Typed settings of a service, from a TOML file and the environment."""

import ipaddress
import json
import os
import tomllib
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    PositiveInt,
    SecretStr,
    ValidationError,
    model_validator,
)


class ConfigError(Exception):
    """The configuration or the machine is not as the service needs it; `str()` is one line."""


class Settings(BaseModel):
    """Base of all settings: immutable, every key known, the docstring below a field its help."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class KafkaSettings(Settings):
    """How to reach Kafka."""

    bootstrap_servers: str = "127.0.0.1:9092"
    """host:port of one or more brokers, separated by commas"""
    topic_prefix: str = ""
    """put before the name of every topic, group and transactional id, to share a cluster"""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """how to talk to the brokers"""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """how to log in"""
    sasl_username: str | None = None
    """who logs in"""
    sasl_password: SecretStr | None = None
    """best given through the environment"""
    ssl_cafile: Path | None = None
    """certificates that are trusted, PEM"""
    ssl_certfile: Path | None = None
    """the client's certificate, PEM"""
    ssl_keyfile: Path | None = None
    """the client's private key, PEM"""

    def client_options(self) -> dict[str, Any]:
        """Keyword arguments for every kafka-python client."""
        password = self.sasl_password.get_secret_value() if self.sasl_password else None
        options: dict[str, Any] = {
            "bootstrap_servers": [server.strip() for server in self.bootstrap_servers.split(",")],
            "security_protocol": self.security_protocol,
            "sasl_mechanism": self.sasl_mechanism,
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": password,
            "ssl_cafile": self.ssl_cafile and str(self.ssl_cafile),
            "ssl_certfile": self.ssl_certfile and str(self.ssl_certfile),
            "ssl_keyfile": self.ssl_keyfile and str(self.ssl_keyfile),
            # The default of 30 s would outlast many a restart of the broker.
            "reconnect_backoff_max_ms": 1000,
        }
        return {name: value for name, value in options.items() if value is not None}


class TlsSettings(Settings):
    """How a gRPC server is secured. The files are PEM, and read again when they change."""

    certificate: Path | None = None
    """the server's certificate and those between it and its root; unset: no TLS"""
    private_key: Path | None = None
    """of the certificate"""
    client_ca: Path | None = None
    """who may sign clients' certificates; set: a client without one is turned away (mTLS)"""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.certificate is None) != (self.private_key is None):
            raise ValueError("certificate and private_key go together")
        if self.client_ca is not None and self.certificate is None:
            raise ValueError("client_ca needs certificate and private_key")
        return self


class AuthSettings(Settings):
    """Who may call a gRPC server."""

    keys_file: Path | None = None
    """tenants and hashes of their keys, as `ratchet key` makes it; unset: no key is asked for"""


class LimitSettings(Settings):
    """How large a call may be. What is above twice of it gRPC refuses unseen, and nobody counts."""

    max_message_bytes: PositiveInt = 16 * 1024 * 1024
    """of a request or a reply"""
    max_metadata_bytes: PositiveInt = 8192
    """of a call's metadata, 32 added for each entry, as HTTP/2 counts"""
    max_pending_calls: PositiveInt = 10_000
    """that wait to be taken up, 16 KiB and its message each; gRPC itself cancels those above"""


class ServiceSettings(Settings):
    """What every service needs to know."""

    host: str = "127.0.0.1"
    """address that gRPC listens on; beyond loopback, TLS and keys (or mTLS) are asked for"""
    port: int
    """gRPC port; 0 picks a free one"""
    tls: TlsSettings = TlsSettings()
    auth: AuthSettings = AuthSettings()
    limits: LimitSettings = LimitSettings()
    insecure_public: bool = False
    """let gRPC listen beyond loopback all the same: whoever reaches the port may call"""
    metrics_host: str = "127.0.0.1"
    """address that the metrics listen on, in plain HTTP"""
    metrics_port: int
    """port of the Prometheus exporter; 0 picks a free one"""
    insecure_metrics: bool = False
    """let the metrics listen beyond loopback: whoever reaches the port may read them"""
    kafka: KafkaSettings = KafkaSettings()
    registry: Path
    """root folder of the weights registry"""
    compute_lease: Path | None = None
    """file that services on one CPU lock to take turns at bulk work; unset: no turns"""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """least level that is logged"""

    @model_validator(mode="after")
    def _closed_to_strangers(self) -> Self:
        known = self.tls.client_ca is not None or self.auth.keys_file is not None
        secured = self.tls.certificate is not None and known
        if not (is_loopback(self.host) or secured or self.insecure_public):
            raise ValueError(
                f"host: {self.host!r} is not loopback: set tls.certificate, and auth.keys_file or"
                " tls.client_ca, or insecure_public = true where the network itself is closed"
            )
        if not (is_loopback(self.metrics_host) or self.insecure_metrics):
            raise ValueError(
                f"metrics_host: {self.metrics_host!r} is not loopback: set insecure_metrics = true"
                " where the network itself is closed"
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether an address is met from this machine alone; a name other than localhost is not."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


S = TypeVar("S", bound=Settings)


def load_settings(
    settings_type: type[S],
    service: str,
    path: Path | None,
    environ: Mapping[str, str] = os.environ,
) -> S:
    """Reads a TOML file, then the environment, which wins.

    `RATCHET_JUDGE__KAFKA__BOOTSTRAP_SERVERS` sets `kafka.bootstrap_servers` of the service `judge`.

    Raises:
        ConfigError: no such file, bad TOML, an unknown key, a value of the wrong type.
    """
    values = _read_toml(path) if path else {}
    variables = _read_environment(settings_type, service, environ)
    for name, (keys, value) in variables.items():
        _put(values, keys, value, name)
    try:
        return settings_type.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        name = _variable(service, [str(part) for part in first["loc"]])
        source = f"environment variable {name}" if name in variables else path or "settings"
        unknown = first["type"] == "extra_forbidden"
        reason = "unknown setting" if unknown else first["msg"].removeprefix("Value error, ")
        # What several settings make wrong together has no key.
        raise ConfigError(": ".join(filter(None, [str(source), key, reason]))) from None


def _variable(service: str, keys: list[str]) -> str:
    return "__".join([f"RATCHET_{service}", *keys]).upper()


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _read_environment(
    settings_type: type[Settings], service: str, environ: Mapping[str, str]
) -> dict[str, tuple[list[str], object]]:
    """Every variable of this service: its name, the path of its key, its value."""
    found: dict[str, tuple[list[str], object]] = {}
    prefix = f"RATCHET_{service}__".upper()
    for name, text in environ.items():
        if name.upper().startswith(prefix):
            keys = name[len(prefix) :].lower().split("__")
            annotation = _annotation(settings_type, keys)
            if annotation is None:
                raise ConfigError(f"environment variable {name}: unknown setting")
            found[name.upper()] = (keys, _parse(name, text, annotation))
    return found


def _annotation(settings_type: type[Settings], keys: list[str]) -> Any:
    """The declared type of a nested key, None where there is no such key."""
    annotation: Any = settings_type
    for key in keys:
        if not (isinstance(annotation, type) and issubclass(annotation, Settings)):
            return None
        field = annotation.model_fields.get(key)
        annotation = field and field.annotation
    return annotation


def _parse(name: str, text: str, annotation: Any) -> object:
    """Lists and tables are written as JSON; pydantic turns any other text into its type."""
    if typing.get_origin(annotation) not in (list, tuple, dict, set, frozenset):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(f"environment variable {name}: not valid JSON: {error}") from None


def _put(values: dict[str, Any], keys: list[str], value: object, name: str) -> None:
    for key in keys[:-1]:
        inner: Any = values.setdefault(key, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"environment variable {name}: {key} is not a table in the file")
        values = cast("dict[str, Any]", inner)
    values[keys[-1]] = value
