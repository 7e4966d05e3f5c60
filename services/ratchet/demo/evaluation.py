"""What the served policy answers to never-trained prompts."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from pydantic import BaseModel

from ratchet.demo.prompts import NEVER_TRAINED, CustomerPrompt
from ratchet.process.packed import unpack_u32
from ratchet.v1.chat_pb2 import Message
from ratchet.v1.policy_service_pb2 import GenerateRequest
from ratchet.v1.policy_service_pb2_grpc import PolicyServiceStub
from ratchet.v1.rollout_pb2 import Completion

ANSWERS_PER_PROMPT = 2
"""Two, so that a judge can be asked which is better."""

CALLS_AT_ONCE = 48
CALL_SECONDS = 600.0


class EvaluatedAnswer(BaseModel, frozen=True):
    """One answer, as the service returned it."""

    prompt_id: str
    text: str
    finish_reason: str
    token_ids: tuple[int, ...]
    policy_version: int

    @classmethod
    def of(cls, prompt: CustomerPrompt, completion: Completion) -> "EvaluatedAnswer":
        """What of a completion is kept."""
        return cls(
            prompt_id=prompt.prompt_id,
            text=completion.text,
            finish_reason=completion.finish_reason,
            token_ids=tuple(unpack_u32(completion.token_ids)),
            policy_version=completion.weight_spans[-1].policy_version,
        )


def evaluate(policy: PolicyServiceStub, answers: int) -> list[EvaluatedAnswer]:
    """Two answers to each of the first never-trained prompts, in the prompts' order.

    Raises:
        grpc.RpcError: a call failed; none may.
    """
    prompts = NEVER_TRAINED[: answers // ANSWERS_PER_PROMPT]
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        pairs = list(pool.map(partial(_ask, policy), prompts))
    return [answer for pair in pairs for answer in pair]


def messages_of(prompt: CustomerPrompt) -> list[Message]:
    """As the services take them."""
    return [Message(role=role, content=content) for role, content in prompt.messages]


def _ask(policy: PolicyServiceStub, prompt: CustomerPrompt) -> list[EvaluatedAnswer]:
    request = GenerateRequest(messages=messages_of(prompt), n=ANSWERS_PER_PROMPT)
    response = policy.Generate(request, timeout=CALL_SECONDS)
    return [EvaluatedAnswer.of(prompt, completion) for completion in response.completions]
