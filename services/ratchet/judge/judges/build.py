"""Settings to judges, of the kinds that need no local model."""

from collections.abc import Mapping

from ratchet.judge.judges.base import Judge
from ratchet.judge.judges.panel import PanelJudge
from ratchet.judge.judges.program import ProgramJudge
from ratchet.judge.judges.prompted import PromptedJudge
from ratchet.judge.judges.settings import PanelSettings, ProgramSettings, PromptedSettings


def build(
    name: str,
    settings: ProgramSettings | PanelSettings | PromptedSettings,
    judges: Mapping[str, Judge],
) -> Judge:
    """Builds one judge; a panel's members are in `judges` already (`settings.members_first`)."""
    match settings:
        case ProgramSettings():
            return ProgramJudge(name, settings)
        case PanelSettings():
            return PanelJudge(name, settings, judges)
        case PromptedSettings():
            return PromptedJudge(name, settings)
