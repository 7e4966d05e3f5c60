from pathlib import Path

import numpy as np
import pytest
from tests.unit.judge import judge_versions
from tests.unit.reward.tiny import VOCABULARY, save_tiny_llama

from ratchet.judge.engines.torch_engine import TorchEngine
from ratchet.judge.loader import VersionLoader
from ratchet.judge.versions import JudgeVersion, Versions
from ratchet.reward import trunk as trunk_module
from ratchet.reward.heads import Heads
from ratchet.reward.packing import TokenGroup
from ratchet.reward.trunk import Trunk
from ratchet.v1.weights_pb2 import Pointer
from ratchet.weights.registry import Registry
from ratchet.weights.verify import VersionRejected


@pytest.fixture(scope="module")
def trunk(tmp_path_factory: pytest.TempPathFactory) -> Trunk:
    return Trunk(save_tiny_llama(tmp_path_factory.mktemp("trunk")))


@pytest.fixture(scope="module")
def engine(trunk: Trunk) -> TorchEngine:
    engine = TorchEngine(trunk, context_tokens=512)
    engine.warm_up()
    return engine


@pytest.fixture(scope="module")
def heads(trunk: Trunk) -> Heads:
    return judge_versions.fit(trunk)


def test_the_context_is_never_above_the_trunks(trunk: Trunk) -> None:
    assert TorchEngine(trunk, 512).limits.context_tokens == trunk.context_tokens == 128
    assert TorchEngine(trunk, 100).limits.context_tokens == 100


def test_a_group_scores_as_its_answers_alone_also_where_it_needs_several_passes(
    engine: TorchEngine, heads: Heads, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = JudgeVersion(1, heads)
    asked = judge_versions.groups(5, VOCABULARY, seed=3, n=6)
    together = [scores.score_n for scores in engine.score(judge, asked)]
    alone = [
        np.concatenate(
            [
                engine.score(judge, [TokenGroup(group.prompt_ids, (ids,))])[0].score_n
                for ids in group.completion_ids
            ]
        )
        for group in asked
    ]
    monkeypatch.setattr(trunk_module, "PASS_TOKENS", 20)
    split = [scores.score_n for scores in engine.score(judge, asked)]
    for one, other, third in zip(together, alone, split, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
        np.testing.assert_allclose(one, third, atol=1e-4)
    assert np.std(np.concatenate(together)) > 1e-3


def test_two_versions_serve_until_the_older_one_is_replaced(
    engine: TorchEngine, trunk: Trunk, tmp_path: Path
) -> None:
    registry, versions = Registry(tmp_path), Versions(lambda standard_id: True)
    loader = VersionLoader(engine, versions)
    for number in (1, 2):
        manifest = judge_versions.publish(
            registry, trunk.sha256, number, judge_versions.fit(trunk, seed=number)
        )
        loader.follow(registry, Pointer(epoch=number), manifest)
    asked = judge_versions.groups(2, VOCABULARY)
    old, new = (engine.score(versions.find("shop", number), asked)[0].score_n for number in (1, 2))
    assert versions.find("", 0).number == 2
    assert not np.allclose(old, new)


def test_a_candidate_leaves_its_place_when_it_or_a_later_version_comes_in_force(
    engine: TorchEngine, trunk: Trunk, heads: Heads, tmp_path: Path
) -> None:
    registry, places = Registry(tmp_path), []
    versions = Versions(lambda standard_id: True)
    loader = VersionLoader(engine, versions, places.append)
    manifests = {
        number: judge_versions.publish(registry, trunk.sha256, number, heads)
        for number in range(1, 5)
    }
    judge_versions.spoil(registry.folder(manifests[4].role, 4) / "heads.safetensors")

    def in_place() -> int:
        return places[-1].number if places[-1] else 0

    loader.propose(registry, manifests[3])
    assert in_place() == 3 and versions.serving is None
    loader.follow(registry, Pointer(epoch=1), manifests[1])
    assert in_place() == 3
    with pytest.raises(VersionRejected):
        loader.propose(registry, manifests[4])
    assert in_place() == 3, "a bad one changes nothing"
    loader.follow(registry, Pointer(epoch=2), manifests[3])
    assert in_place() == 0
    loader.propose(registry, manifests[3])
    loader.propose(registry, None)
    assert in_place() == 0


@pytest.mark.parametrize("fault", ["bit flipped", "file missing", "trunk", "shape", "nan"])
def test_a_bad_version_is_rejected_and_the_old_one_goes_on(
    fault: str, engine: TorchEngine, trunk: Trunk, heads: Heads, tmp_path: Path
) -> None:
    registry, versions = Registry(tmp_path / "registry"), Versions(lambda standard_id: True)
    loader = VersionLoader(engine, versions)
    good = judge_versions.publish(registry, trunk.sha256, 1, heads)
    loader.follow(registry, Pointer(epoch=1), good)
    heads.save(tmp_path)
    tensors = Heads.load(tmp_path)._tensors
    if fault == "shape":
        tensors["mean_F"] = tensors["mean_F"][:-1]
    if fault == "nan":
        tensors["criteria_CKF"] = tensors["criteria_CKF"] * np.nan
    sha256 = "0" * 64 if fault == "trunk" else trunk.sha256
    bad = judge_versions.publish(registry, sha256, 2, Heads(heads.settings, tensors))
    folder = registry.folder(bad.role, 2)
    if fault == "bit flipped":
        judge_versions.spoil(folder / "heads.safetensors")
    if fault == "file missing":
        (folder / "heads.json").unlink()
    with pytest.raises(VersionRejected):
        loader.follow(registry, Pointer(epoch=2), bad)
    assert versions.serving is not None and versions.serving.number == 1


def test_a_versions_folder_is_served_without_a_registry(
    engine: TorchEngine, trunk: Trunk, heads: Heads, tmp_path: Path
) -> None:
    registry, versions = Registry(tmp_path), Versions(lambda standard_id: False)
    manifest = judge_versions.publish(registry, trunk.sha256, 5, heads)
    loader = VersionLoader(engine, versions)
    loader.serve_folder(registry.folder(manifest.role, 5))
    assert versions.find("shop", 5).heads.standard_version == 3
    with pytest.raises(VersionRejected, match=r"manifest\.json"):
        loader.serve_folder(tmp_path)
