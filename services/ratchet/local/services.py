"""The four services as `ratchet up` starts them: settings and environment of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ratchet.feedback.config import FeedbackSettings
from ratchet.judge.config import JudgeSettings
from ratchet.learner.config import LearnerSettings
from ratchet.local.overrides import Overrides
from ratchet.local.ports import HOST
from ratchet.local.state import StateDirectory
from ratchet.local.toml_text import Value, toml_text
from ratchet.policy.config import PolicySettings
from ratchet.policy.environment import policy_environment
from ratchet.process.config import ConfigError, ServiceSettings, load_settings
from ratchet.process.torch_environment import on_cpu, torch_environment

DEFAULT_STANDARD = "default"


def _no_environment() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class ServiceKind:
    """What differs between the services, seen from outside."""

    settings: type[ServiceSettings]
    environment: Callable[[], Mapping[str, str]]
    after: str | None = None
    """A service without which this one has nothing to do yet: it gets the cores for its start."""


SERVICES = {
    "learner": ServiceKind(LearnerSettings, torch_environment),
    "policy": ServiceKind(PolicySettings, policy_environment),
    "judge": ServiceKind(JudgeSettings, torch_environment, after="learner"),
    "feedback": ServiceKind(FeedbackSettings, _no_environment),
}
"""In the order of their start: the learner publishes the first version, which the policy serves."""


def write_settings(
    state: StateDirectory, model: Path, ports: Mapping[str, int], overrides: Overrides
) -> dict[str, ServiceSettings]:
    """Writes a TOML file for every service, and tells what each will read.

    Raises:
        ConfigError: an override names an unknown key, has a bad value, asks for TLS or leaves a
            port to the service.
    """
    every: dict[str, ServiceSettings] = {}
    own: dict[str, dict[str, Value]] = {
        "learner": {
            "base_model": model,
            "checkpoints": state.learner,
            "standard_id": DEFAULT_STANDARD,
        },
        "judge": {"trunk": model},
        "feedback": {"page_port": ports["feedback page"], "page_key_file": state.page_key},
    }
    for name, kind in SERVICES.items():
        shared = {
            "host": HOST,
            "port": ports[name],
            "metrics_port": ports[f"{name} metrics"],
            "registry": state.registry,
            "kafka": {"bootstrap_servers": f"{HOST}:{ports['kafka']}"},
            **({"compute_lease": state.compute_lease} if on_cpu() else {}),
        }
        path = state.config / f"{name}.toml"
        values = _with({**shared, **own.get(name, {})}, overrides.get(name, {}))
        path.write_text(toml_text(values))
        settings = load_settings(kind.settings, name, path)
        if isinstance(settings, LearnerSettings):  # the first of them
            own["feedback"]["marks_wanted"] = settings.judge.first_marks
            own["feedback"]["learner"] = {"address": f"{HOST}:{settings.port}"}
        if settings.tls.certificate is not None:
            # The supervisor's probes and the demo's calls have no certificates.
            raise ConfigError(f"--set {name}.tls: only for a service that is started alone")
        for key in ("port", "metrics_port", "page_port"):
            if getattr(settings, key, None) == 0:
                raise ConfigError(f"--set {name}.{key}: nobody would know which port was picked")
        every[name] = settings
    return every


def _with(values: Mapping[str, Value], others: Mapping[str, Value]) -> dict[str, Value]:
    """Other values over these; of a table that both have, only the keys that are given."""
    result = dict(values)
    for key, value in others.items():
        inner = result.get(key)
        if isinstance(inner, Mapping) and isinstance(value, Mapping):
            value = _with(inner, value)
        result[key] = value
    return result
