"""Real judge versions from a few synthetic marks, published as the learner does."""

from pathlib import Path

import numpy as np

from ratchet.reward.fit import fit_heads
from ratchet.reward.heads import Heads
from ratchet.reward.marks import ComparedPair, MarkedAnswer
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import Trunk
from ratchet.v1.standard_pb2 import Criterion, Standard
from ratchet.v1.weights_pb2 import Manifest, Role, VersionStatus
from ratchet.weights.registry import Registry

STANDARD = Standard(
    standard_id="shop",
    version=3,
    criteria=[
        Criterion(criterion_id="short", sentence="It is short.", weight=1),
        Criterion(criterion_id="low", sentence="It begins with a low token.", weight=2),
    ],
)

SENTENCES = ((1, 2, 3), (1, 4))


def groups(count: int, vocabulary: int, seed: int = 0, n: int = 4) -> list[TokenGroup]:
    """Prompts of random tokens, each with n random completions of 1 to 12 tokens."""
    random = np.random.default_rng(seed)

    def ids(length: int) -> tuple[int, ...]:
        return tuple(int(id_) for id_ in random.integers(1, vocabulary, length))

    return [
        TokenGroup(ids(int(random.integers(3, 9))), tuple(ids(1 + 4 * i % 12) for i in range(n)))
        for _ in range(count)
    ]


def fit(trunk: Trunk, seed: int = 0) -> Heads:
    """Heads that learned what 'short' and 'low' mean from 48 answers and 12 votes."""
    marked: list[MarkedAnswer] = []
    votes: list[ComparedPair] = []
    asked = groups(12, trunk.vocabulary, seed)
    features = trunk.features(asked, SENTENCES)
    for key, (group, features_nF) in enumerate(zip(asked, features, strict=True)):
        for i, ids in enumerate(group.completion_ids):
            broken = {
                name
                for name, breaks in (
                    ("short", len(ids) > 5),
                    ("low", ids[0] > trunk.vocabulary / 2),
                )
                if breaks
            }
            marked.append(
                MarkedAnswer(
                    f"{key}/{i}", str(key), "ann", features_nF[i], frozenset(broken), len(ids)
                )
            )
        votes.append(ComparedPair(str(key), features_nF[0], features_nF[1], 1.0, "a", "b"))
    return fit_heads(marked, votes, STANDARD, SENTENCES, seed)


def publish(registry: Registry, trunk_sha256: str, number: int, heads: Heads) -> Manifest:
    """Writes a judge version into a registry."""
    staged = registry.stage(Role.ROLE_JUDGE)
    heads.save(staged)
    return registry.publish(
        staged,
        Manifest(
            role=Role.ROLE_JUDGE,
            version=number,
            parent=number - 1,
            status=VersionStatus.VERSION_STATUS_SERVING,
            standard_id=STANDARD.standard_id,
            standard_version=STANDARD.version,
            trunk_sha256=trunk_sha256,
        ),
    )


def spoil(path: Path, at: int = -8) -> None:
    """Flips one bit of a file."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
