from pathlib import Path

import pytest

from ratchet.process.config import ConfigError, ServiceSettings, load_settings


class TurnSettings(ServiceSettings):
    port: int = 50051
    metrics_port: int = 9101
    layers: tuple[int, ...] = (10, 20)
    """depths"""


def written(folder: Path, text: str) -> Path:
    path = folder / "judge.toml"
    path.write_text(text)
    return path


def load(path: Path | None, **environ: str) -> TurnSettings:
    return load_settings(TurnSettings, "judge", path, environ)


def test_the_environment_wins_over_the_file(tmp_path: Path):
    path = written(tmp_path, 'registry = "r"\nport = 1\n[kafka]\nbootstrap_servers = "a:1"')
    settings = load(path, RATCHET_JUDGE__KAFKA__BOOTSTRAP_SERVERS="b:2", OTHER="x")
    assert settings.registry == Path("r")
    assert settings.port == 1
    assert settings.kafka.bootstrap_servers == "b:2"


def test_values_from_the_environment_get_their_type():
    settings = load(
        None,
        RATCHET_JUDGE__REGISTRY="r",
        RATCHET_JUDGE__PORT="7",
        RATCHET_JUDGE__LAYERS="[1, 2]",
        RATCHET_JUDGE__KAFKA__SASL_PASSWORD="[1]",
        RATCHET_LEARNER__PORT="8",
    )
    assert settings.port == 7
    assert settings.layers == (1, 2)
    assert settings.kafka.client_options()["sasl_plain_password"] == "[1]"


@pytest.mark.parametrize(
    ("text", "environ", "told"),
    [
        ("prot = 1", {}, "judge.toml: prot: unknown setting"),
        ("[kafka]\nbootstrap = 1", {}, "judge.toml: kafka.bootstrap: unknown setting"),
        ('port = "x"', {}, "judge.toml: port: Input should be a valid integer"),
        ("port = ", {}, "judge.toml: not valid TOML"),
        ("kafka = 3", {"RATCHET_JUDGE__KAFKA__TOPIC_PREFIX": "x"}, "kafka is not a table"),
        ("", {"RATCHET_JUDGE__PROT": "1"}, "RATCHET_JUDGE__PROT: unknown setting"),
        ("", {"RATCHET_JUDGE__PORT__X": "1"}, "RATCHET_JUDGE__PORT__X: unknown setting"),
        ("", {"RATCHET_JUDGE__PORT": "x"}, "variable RATCHET_JUDGE__PORT: port: Input should"),
        ("", {"RATCHET_JUDGE__LAYERS": "1, 2"}, "RATCHET_JUDGE__LAYERS: not valid JSON"),
        ("", {}, "judge.toml: registry: Field required"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_key(
    tmp_path: Path, text: str, environ: dict[str, str], told: str
):
    path = written(tmp_path, ("" if told.endswith("required") else 'registry = "r"\n') + text)
    with pytest.raises(ConfigError) as caught:
        load(path, **environ)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


KEYS = '[tls]\ncertificate = "c"\nprivate_key = "k"\n[auth]\nkeys_file = "f"'
MTLS = '[tls]\ncertificate = "c"\nprivate_key = "k"\nclient_ca = "a"'


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.1", "judge.example", "127.0.0.1.io"])
def test_beyond_loopback_a_server_that_anyone_could_call_is_refused(tmp_path: Path, host: str):
    plain = f'registry = "r"\nhost = "{host}"\n'
    with pytest.raises(ConfigError, match=r"judge\.toml: host: .* is not loopback"):
        load(written(tmp_path, plain))
    with pytest.raises(ConfigError, match="host: "):
        load(written(tmp_path, plain + MTLS.replace('client_ca = "a"', "")))
    with pytest.raises(ConfigError, match="host: "):  # a key would go in the clear
        load(written(tmp_path, plain + '[auth]\nkeys_file = "f"'))
    assert load(written(tmp_path, plain + "insecure_public = true")).host == host
    assert load(written(tmp_path, plain + MTLS)).host == host
    assert load(written(tmp_path, plain + KEYS)).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "localhost", "::1", "[::1]"])
def test_loopback_needs_nothing(tmp_path: Path, host: str):
    settings = load(written(tmp_path, f'registry = "r"\nhost = "{host}"\nmetrics_host = "{host}"'))
    assert settings.host == settings.metrics_host == host


def test_metrics_beyond_loopback_are_asked_for_by_name(tmp_path: Path):
    public = 'registry = "r"\nmetrics_host = "0.0.0.0"\n'
    with pytest.raises(ConfigError, match=r"metrics_host: '0\.0\.0\.0' is not loopback"):
        load(written(tmp_path, public + MTLS))
    assert load(written(tmp_path, public + "insecure_metrics = true")).insecure_metrics


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"CERTIFICATE": "c"}, "settings: tls: certificate and private_key go together"),
        ({"PRIVATE_KEY": "k"}, "settings: tls: certificate and private_key go together"),
        ({"CLIENT_CA": "a"}, "settings: tls: client_ca needs certificate"),
    ],
)
def test_half_of_a_key_pair_is_told(given: dict[str, str], told: str):
    environ = {f"RATCHET_JUDGE__TLS__{name}": value for name, value in given.items()}
    with pytest.raises(ConfigError, match=told):
        load(None, RATCHET_JUDGE__REGISTRY="r", **environ)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"gone\.toml: cannot be read: No such file"):
        load(tmp_path / "gone.toml")


def test_a_password_is_never_shown():
    settings = load(None, RATCHET_JUDGE__REGISTRY="r", RATCHET_JUDGE__KAFKA__SASL_PASSWORD="hush")
    assert "hush" not in f"{settings!r} {settings}"


def test_login_and_tls_reach_the_client():
    settings = load(
        None,
        RATCHET_JUDGE__REGISTRY="r",
        RATCHET_JUDGE__KAFKA__BOOTSTRAP_SERVERS="a:1, b:2",
        RATCHET_JUDGE__KAFKA__SECURITY_PROTOCOL="SASL_SSL",
        RATCHET_JUDGE__KAFKA__SASL_MECHANISM="PLAIN",
        RATCHET_JUDGE__KAFKA__SASL_USERNAME="me",
        RATCHET_JUDGE__KAFKA__SSL_CAFILE="/ca.pem",
    )
    options = settings.kafka.client_options()
    assert options["bootstrap_servers"] == ["a:1", "b:2"]
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "PLAIN"
    assert options["sasl_plain_username"] == "me"
    assert options["ssl_cafile"] == "/ca.pem"
    assert "ssl_keyfile" not in options
