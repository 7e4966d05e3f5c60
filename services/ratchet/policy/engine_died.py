"""The one failure of the engine that the service does not outlive."""

from ratchet.process.errors import RestartRequired


class EngineDied(RestartRequired):
    """vLLM's process is gone or in doubt: this process must end and be started anew."""
