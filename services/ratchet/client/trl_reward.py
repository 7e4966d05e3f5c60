"""A judge as a reward function of TRL's GRPOTrainer."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, Unpack

from ratchet.client.asks import Options
from ratchet.client.judge_client import JudgeClient
from ratchet.client.retries import Retries
from ratchet.client.text import Prompt
from ratchet.client.tls import Tls

RewardFunction: TypeAlias = Callable[..., list[float | None]]

ITEMS_PER_CALL = 64


def trl_reward(
    target: str,
    *,
    api_key: str = "",
    tls: Tls | None = None,
    deadline: float = 300.0,
    retries: Retries | None = None,
    spread_penalty: float = 0.0,
    **options: Unpack[Options],
) -> RewardFunction:
    """A function to pass in `GRPOTrainer(reward_funcs=...)`; prompts may be texts or conversations.

    The reward is `score - spread_penalty * spread`; None, which TRL leaves out of the update, for
    an answer that the judge could not score. A call that fails as a whole raises JudgeCallError:
    training without a reward would teach nothing.

    Args:
        target: as of `JudgeClient`, like the next four.
        api_key: sent as `authorization: Bearer`.
        tls: how the connection is secured.
        deadline: seconds of a call of at most 64 answers.
        retries: the budget of a call.
        spread_penalty: how much a judge that is not sure counts against an answer.
        options: which judge is asked, and how.
    """

    @functools.cache
    def client() -> JudgeClient:
        # Made in the process that trains: gRPC's threads do not survive a fork.
        return JudgeClient(target, api_key=api_key, tls=tls, deadline=deadline, retries=retries)

    def ratchet_judge(
        prompts: Sequence[Any], completions: Sequence[Any], **_: Any
    ) -> list[float | None]:
        items = [_item(p, c) for p, c in zip(prompts, completions, strict=True)]
        rewards: list[float | None] = []
        for start in range(0, len(items), ITEMS_PER_CALL):
            part = items[start : start + ITEMS_PER_CALL]
            for scored in client().score_batch(part, **options):
                if scored.score is None or scored.spread is None:
                    rewards.append(None)
                else:
                    rewards.append(scored.score - spread_penalty * scored.spread)
        return rewards

    return ratchet_judge


def _item(prompt: Any, completion: Any) -> tuple[Prompt, str]:
    """Of an answer of several turns, such as with tools, the last is judged after the others."""
    if isinstance(completion, str):
        return prompt, completion
    *earlier, last = completion
    turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else list(prompt)
    return [*turns, *earlier], last["content"] or ""
