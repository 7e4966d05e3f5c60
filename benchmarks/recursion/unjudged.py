"""Groups that no judge has scored."""

import grpc

from ratchet.judge.judgement import failed
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.rollout_pb2 import RolloutGroup


def unjudged(group: RolloutGroup) -> JudgedGroup:
    """As the judge passes a group on while none of its versions is proven."""
    error = failed(grpc.StatusCode.UNAVAILABLE, "no judge has been fitted yet", "")
    return JudgedGroup(group=group, judgements=[error for _ in group.completions])
