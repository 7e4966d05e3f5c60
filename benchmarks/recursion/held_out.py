"""Which prompts' marks prove judges, and so teach nobody: neither a judge nor a critic."""

from ratchet.reward.marks import is_held_out, prompt_key
from ratchet.v1.prompt_pb2 import Prompt


def held_out(prompt: Prompt) -> bool:
    """As the learner has it."""
    return is_held_out(prompt_key([(message.role, message.content) for message in prompt.messages]))
