"""The judge from Python: needs grpcio and protobuf, and nothing else of the project's."""

from ratchet.client.async_judge_client import AsyncJudgeClient
from ratchet.client.comparison import Comparison
from ratchet.client.critique import Critique, Verdict
from ratchet.client.errors import JudgeCallError
from ratchet.client.judge_client import JudgeClient
from ratchet.client.judge_info import JudgeInfo
from ratchet.client.retries import Retries
from ratchet.client.score import Criterion, ItemError, Score, Timings
from ratchet.client.tls import Tls
from ratchet.client.trl_reward import trl_reward

__all__ = [
    "AsyncJudgeClient",
    "Comparison",
    "Criterion",
    "Critique",
    "ItemError",
    "JudgeCallError",
    "JudgeClient",
    "JudgeInfo",
    "Retries",
    "Score",
    "Timings",
    "Tls",
    "Verdict",
    "trl_reward",
]
