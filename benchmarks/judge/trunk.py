"""Rows of the loop's own judge: the lowest layers of a model, and heads on their hidden states."""

from contextlib import ExitStack

from benchmarks.judge.offline import race
from benchmarks.judge.setting import Setting
from benchmarks.row import Row


def trunk_rows(setting: Setting) -> list[Row]:
    """Ours against transformers with the same layers, on conversations and on groups.

    In float32 both, as the trunk always is. transformers reads the hidden states of both depths and
    their means over the answers; of the features that heads stand on, ours are these and all
    others, such as what an answer repeats of its prompt, which the peer is spared.
    """
    with ExitStack() as stack:
        ours = stack.enter_context(setting.trunk())
        theirs = stack.enter_context(setting.transformers_trunk())
        peer = "transformers"
        return [
            race("trunk single transformers", peer, ours, theirs, setting.single()),
            race("trunk group transformers", peer, ours, theirs, setting.group()),
        ]
