"""The heads of a judge version: what it makes of an answer's features."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from ratchet.reward.criterion_checks import CheckFields, CriterionChecks
from ratchet.reward.labeler import Labeler
from ratchet.reward.sentences import Sentences, length_feature

TENSORS, SETTINGS = "heads.safetensors", "heads.json"

Verdict = np.ndarray | str
"""What the checks say of an answer [C], as `CriterionChecks.broken_C`, or why they cannot tell."""


@dataclass(frozen=True)
class Scores:
    """What the heads say of n answers. NaN in `broken_nC`: too few marks to know.

    Where the standard has checks, `Heads.obey` tells what they say: until then there is no score.
    """

    score_n: np.ndarray
    spread_n: np.ndarray
    preferred_to_anchor_n: np.ndarray
    preferred_bootstrap_nK: np.ndarray
    broken_nC: np.ndarray
    broken_bootstrap_nCK: np.ndarray
    unchecked_n: np.ndarray | None = None
    """As if every check were met, unbounded; None where there are none."""
    errors: Sequence[str] = ()
    """Of each answer why a check cannot tell, so that it has no score; empty where all could."""


@dataclass(frozen=True)
class HeadsSettings:
    """What is known of a judge version beside its tensors."""

    standard_id: str
    standard_version: int
    criterion_ids: tuple[str, ...]
    criterion_weights: tuple[float, ...]
    known: tuple[bool, ...]
    """Per criterion: whether enough marks were there to fit its head."""
    detection_rate: float
    marked_answers: int
    sentences: Sentences
    """Of the criteria, as the trunk's tokens: the last features tell how nearly they are said."""
    labelers: tuple[Labeler, ...] = ()
    """Those whose marks the version was fitted on."""
    length_slopes: tuple[float, ...] = ()
    """What the score gains per natural logarithm of an answer's tokens, on the anchor set: by the
    fit on all marks, and by each of its copies."""
    length_controlled: bool = False
    """Whether that gain is taken out of the scores."""
    checks: tuple[CheckFields | None, ...] = ()
    """Per criterion: the check that tells in place of its head."""


class Heads:
    """Criterion heads and preference heads, each with K bootstrap copies.

    Tensors: `mean_F` and `scale_F` standardise; `criteria_CKF` and `preference_KF` hold a head's
    weights, the intercept last, the fit on all marks at index 0 of K and its bootstrap copies
    behind; `anchor_score_K` and `anchor_preference_K` re-centre each copy on the anchor set.
    """

    def __init__(self, settings: HeadsSettings, tensors: dict[str, np.ndarray]) -> None:
        self.settings = settings
        self._tensors = tensors
        self.checks = CriterionChecks(settings.criterion_ids, settings.checks)
        self._known_C = np.array(settings.known) & ~self.checks.has_C
        if not self._known_C.any():
            raise ValueError("no criterion that people mark has enough marks to be judged")
        weights_C = np.array(settings.criterion_weights) * (self._known_C | self.checks.has_C)
        self._shares_C = weights_C / weights_C.sum()

    @property
    def criterion_ids(self) -> tuple[str, ...]:
        """Criteria in the order of the arrays' C axis."""
        return self.settings.criterion_ids

    @property
    def sentences(self) -> Sentences:
        """The criteria's sentences, which the trunk must know for this version's features."""
        return self.settings.sentences

    @property
    def standard_id(self) -> str:
        """The standard that the marks were made by."""
        return self.settings.standard_id

    @property
    def standard_version(self) -> int:
        """Version of that standard."""
        return self.settings.standard_version

    def score(self, features_nF: np.ndarray) -> Scores:
        """Scores answers from their features [n, F].

        A score is the expected share of the standard's weight that the answer meets, 0 to 1. Its
        spread is taken over copies centred on the anchor set: a copy's own offset says nothing of
        how sure it is that one answer is better than another.

        Where the length is controlled, an answer as long as the anchor set's geometric mean keeps
        its score; what is preferred, and what is broken, is left as it is.
        """
        standardised_nF = self._standardise(features_nF)
        broken_nCK = self._broken(standardised_nF)
        scores_nK = 1 - np.einsum("nck,c->nk", broken_nCK, self._shares_C)
        if self.settings.length_controlled:
            scores_nK = scores_nK - self._gained_by_length(features_nF)
        centred_nK = scores_nK - self._tensors["anchor_score_K"]
        logits_nK = self._preference(standardised_nF) - self._tensors["anchor_preference_K"]
        preferred_nK = _sigmoid(logits_nK)
        shown_nCK = np.where(self._known_C[None, :, None], broken_nCK, np.nan)
        unchecked_n = scores_nK[:, 0] if self.checks else None
        return Scores(
            score_n=scores_nK[:, 0].clip(0, 1) if unchecked_n is None else unchecked_n * np.nan,
            spread_n=centred_nK[:, 1:].std(axis=1),
            preferred_to_anchor_n=preferred_nK[:, 0],
            preferred_bootstrap_nK=preferred_nK[:, 1:],
            broken_nC=shown_nCK[:, :, 0],
            broken_bootstrap_nCK=shown_nCK[:, :, 1:],
            unchecked_n=unchecked_n,
        )

    def obey(self, scores: Scores, verdicts: Sequence[Verdict]) -> Scores:
        """The scores where the checks have told, for each answer, what is broken.

        A check is as sure as can be: its criterion is broken by every copy or by none, so that the
        spread is that of what people marked. What is preferred was learned from votes, and is left
        as it is. An answer of which a check cannot tell has an error and no score.
        """
        if scores.unchecked_n is None:
            return scores
        errors = [each if isinstance(each, str) else "" for each in verdicts]
        unknown_C = np.full(len(self.criterion_ids), np.nan)
        checked_nC = np.stack([unknown_C if isinstance(v, str) else v for v in verdicts])
        has_C = self.checks.has_C
        lost_n = checked_nC[:, has_C] @ self._shares_C[has_C]
        told_nCK = np.where(
            has_C[None, :, None], checked_nC[:, :, None], scores.broken_bootstrap_nCK
        )
        return replace(
            scores,
            score_n=(scores.unchecked_n - lost_n).clip(0, 1),
            broken_nC=np.where(has_C, checked_nC, scores.broken_nC),
            broken_bootstrap_nCK=told_nCK,
            errors=errors if any(errors) else (),
        )

    def centre(self, anchors_nF: np.ndarray) -> None:
        """Takes the anchor set's mean score and median preference as each copy's zero.

        How the score follows the length is measured there, too. Both are of what people marked:
        a check that asks for a length means it.
        """
        standardised_nF = self._standardise(anchors_nF)
        scores_nK = 1 - np.einsum("nck,c->nk", self._broken(standardised_nF), self._shares_C)
        self._tensors["anchor_score_K"] = scores_nK.mean(axis=0)
        self._tensors["anchor_preference_K"] = np.median(self._preference(standardised_nF), axis=0)
        length_n = anchors_nF[:, self._length] - anchors_nF[:, self._length].mean()
        # Where all anchors are of one length nothing is known of others.
        slopes_K = length_n @ scores_nK / (np.square(length_n).sum() or np.inf)
        self.settings = replace(self.settings, length_slopes=tuple(slopes_K.tolist()))

    def length_controlled(self) -> "Heads":
        """The same heads, whose scores no longer gain by length; call after `centre`."""
        return Heads(replace(self.settings, length_controlled=True), self._tensors)

    def save(self, folder: Path) -> None:
        """Writes `heads.safetensors` and `heads.json`."""
        tensors = {
            name: np.ascontiguousarray(array, np.float32) for name, array in self._tensors.items()
        }
        save_file(tensors, folder / TENSORS)
        (folder / SETTINGS).write_text(json.dumps(asdict(self.settings), indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path) -> "Heads":
        """Reads what `save` wrote."""
        fields: dict[str, Any] = json.loads((folder / SETTINGS).read_text())
        for name in ("criterion_ids", "criterion_weights", "known", "length_slopes", "checks"):
            fields[name] = tuple(fields.get(name, ()))
        fields["labelers"] = tuple(Labeler(**each) for each in fields.get("labelers", ()))
        fields["sentences"] = tuple(tuple(ids) for ids in fields["sentences"])
        return cls(HeadsSettings(**fields), load_file(folder / TENSORS))

    def _standardise(self, features_nF: np.ndarray) -> np.ndarray:
        return (features_nF - self._tensors["mean_F"]) / self._tensors["scale_F"]

    @property
    def _length(self) -> int:
        return length_feature(self.sentences)

    def _gained_by_length(self, features_nF: np.ndarray) -> np.ndarray:
        """By each copy [n, K]; 0 on the average of the anchor set."""
        longer_n = features_nF[:, self._length] - self._tensors["mean_F"][self._length]
        return longer_n[:, None] * np.array(self.settings.length_slopes)

    def _broken(self, standardised_nF: np.ndarray) -> np.ndarray:
        weights_CKF = self._tensors["criteria_CKF"]
        logits_nCK = np.einsum(
            "nf,ckf->nck", standardised_nF, weights_CKF[:, :, :-1], optimize=True
        )
        marked_nCK = _sigmoid(logits_nCK + weights_CKF[:, :, -1])
        # A labeler marks only a part of what is broken.
        broken_nCK = np.minimum(marked_nCK / self.settings.detection_rate, 1.0)
        return np.where(self.checks.has_C[None, :, None], 0.0, broken_nCK)

    def _preference(self, standardised_nF: np.ndarray) -> np.ndarray:
        return standardised_nF @ self._tensors["preference_KF"][:, :-1].T


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logits, -50, 50)))
