"""People's marks, and the judges that are fitted to them."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from ratchet.autonomy.label import Label
from ratchet.learner.config import JudgeSettings
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.judge_gate import HeldOutMarks, judge_gate
from ratchet.learner.judge_labels import judge_labels
from ratchet.learner.labeled_pair import LabeledPair, newest_helper
from ratchet.learner.people_agreement import PeopleAgreement
from ratchet.learner.state import LearnerState
from ratchet.reward.marks import ComparedPair, MarkedAnswer, answer_id, is_held_out
from ratchet.reward.sentences import Sentences, sentences_of
from ratchet.standard.marked_answers import marked_answers
from ratchet.v1.critique_pb2 import Helper
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, Preference
from ratchet.v1.standard_pb2 import Standard
from ratchet.v1.weights_pb2 import GateReport

if TYPE_CHECKING:
    from ratchet.reward.heads import Heads
    from ratchet.reward.packing import TokenGroup

log = logging.getLogger(__name__)

PAIRS_AT_ONCE = 16
"""Pairs that the trunk reads in one turn of the loop, so that operators are heard in between."""

DOUBTFUL = 0.5
"""Weight of a labeler below which the log says so."""

OUTCOMES = {VOTE_A: 1.0, VOTE_B: 0.0}


@dataclass(frozen=True)
class TrainedJudge:
    """Heads, and what the gate says of them."""

    heads: "Heads"
    report: GateReport
    standard: Standard
    agreement: float
    """With held-out votes; NaN without any."""
    helper: Helper | None = None
    """The newest that labelers of the marks and votes had; None: people alone."""


class JudgeTraining:
    """All preferences so far, in the topic's order, and all versions of the standard.

    The topics keep both for ever and are read again at every start; features are kept on disk, so
    that this costs no model.
    """

    def __init__(
        self,
        settings: JudgeSettings,
        standard_id: str,
        state: LearnerState,
        features: FeatureStore,
        token_ids: Callable[[str], tuple[int, ...]],
    ) -> None:
        self._settings = settings
        self._standard_id = standard_id
        self._state = state
        self._features = features
        self._token_ids = token_ids
        self._standards: dict[int, Standard] = {}
        self._sentences: Sentences = ()
        self._pairs: dict[str, LabeledPair] = {}
        self._unread: list[LabeledPair] = []
        self._newest_version = 0

    @property
    def standard(self) -> Standard | None:
        """The newest version."""
        return self._standards[max(self._standards)] if self._standards else None

    @property
    def sentences(self) -> Sentences:
        """Of the newest standard."""
        return self._sentences

    @property
    def preferences(self) -> int:
        """How many were taken in so far."""
        return len(self._pairs)

    @property
    def all_read(self) -> bool:
        """Whether the trunk has read all answers, as far as is known."""
        return not self._unread

    @property
    def marked_answers(self) -> int:
        """Readings of an answer so far: two a preference, none where it has no marks."""
        return _count_marked(self._pairs.values())

    def fits(self, group: "TokenGroup") -> bool:
        """Whether the trunk, and so the policy, can read it."""
        return self._features.fits(group)

    def add_standard(self, standard: Standard) -> None:
        """Take in a version of the standard."""
        if standard.standard_id != self._standard_id:
            return
        self._standards[standard.version] = standard
        self._sentences = sentences_of(self._standards[max(self._standards)], self._token_ids)
        # In other words every answer reads differently.
        self._unread = list(self._pairs.values())

    def add_preference(self, preference: Preference) -> None:
        """Take a preference in, once.

        Raises:
            ValueError: its answers are no tokens that the trunk can read.
        """
        comparison = preference.comparison
        if comparison.standard_id != self._standard_id or preference.submission_id in self._pairs:
            return
        pair = LabeledPair.of(preference)
        if not self._features.fits(pair.tokens):
            raise ValueError("the trunk cannot read these tokens")
        self._pairs[preference.submission_id] = pair
        self._newest_version = max(self._newest_version, pair.policy_version)
        self._unread.append(pair)

    def read_some(self) -> bool:
        """Have the trunk read some of the new answers; False where none are left."""
        has = self._features.has
        self._unread = [pair for pair in self._unread if not has(pair.tokens, self._sentences)]
        self._read(self._unread[:PAIRS_AT_ONCE])
        return bool(self._unread)

    @property
    def due(self) -> bool:
        """Whether there are marks enough, or other words, for another try."""
        standard, state = self.standard, self._state
        if standard is None or self.usable_marks < self._settings.first_marks:
            return False
        changed = standard.version != state.fitted_standard
        new = self.usable_marks - state.fitted_marks
        # Fewer than before: some were erased, and the judge is to forget them.
        return changed or new < 0 or new >= self._settings.refit_marks

    @property
    def usable_marks(self) -> int:
        """Readings made under the criteria of the newest standard."""
        return _count_marked(self._usable())

    @property
    def training_marks(self) -> int:
        """Readings among the `training_preferences`."""
        return sum(len(marked_answers(found)) for found in self.training_preferences())

    def training_preferences(self) -> list[Preference]:
        """Those with marks under the newest criteria and outside the hold-out, in order."""
        return [
            pair.preference
            for pair in self._usable()
            if marked_answers(pair.preference) and not is_held_out(pair.key)
        ]

    def labeled_groups(self) -> set[str]:
        """Ids of the groups of which somebody has labeled a pair."""
        return {pair.preference.comparison.group_id for pair in self._pairs.values()}

    def train(self, seed: int) -> TrainedJudge:
        """Fit heads on the marks outside the hold-out, and test them on those inside.

        Raises:
            ValueError: no criterion has enough marks; the next try is due once there are more.
        """
        from ratchet.reward.fit import fit_heads

        standard, pairs = self.standard, self._usable()
        assert standard is not None, "train() is called where `due` is true"
        self._state.fitted_marks = _count_marked(pairs)
        self._state.fitted_standard = standard.version
        train = [pair for pair in pairs if not is_held_out(pair.key)]
        held_out = [pair for pair in pairs if is_held_out(pair.key) and pair.fair]
        marks = [mark for pair in train for mark in self._marks(pair)]
        votes = [self._vote(pair) for pair in train]
        heads = fit_heads(marks, votes, standard, self._sentences, seed)
        if self._settings.length_control:
            heads = heads.length_controlled()
        for labeler in heads.settings.labelers:
            if labeler.weight < DOUBTFUL:
                log.warning(
                    "of %d readings by %r, each weighs %.2f: everybody's do not bear them out",
                    labeler.readings,
                    labeler.name,
                    labeler.weight,
                )
        figures = self._agreement(heads, train, held_out)
        figures["length_slope"] = heads.settings.length_slopes[0]
        report = judge_gate(
            self._held_out_marks(heads, held_out),
            figures,
            auc_threshold=self._settings.auc_threshold,
            fewest_held_out=self._settings.fewest_held_out,
            seed=seed,
        )
        agreement = figures.get("agreement", float("nan"))
        return TrainedJudge(heads, report, standard, agreement, newest_helper(train))

    def labels(self, heads: "Heads", first: int) -> list[tuple[int, Label]]:
        """What votes of the hold-out say of a version, from the `first`-th preference on.

        Each with its place among all preferences, in the topic's order. Of a group only the first
        label may bet: others of the same answers, or of the same prompt at the same time, say much
        of what that one has said.
        """
        places = {id(pair): place for place, pair in enumerate(self._pairs.values())}
        held_out = [pair for pair in self._usable() if is_held_out(pair.key)]
        if not any(places[id(pair)] >= first for pair in held_out):
            return []
        labels = judge_labels(
            heads,
            [_texts(pair) for pair in self._usable() if not is_held_out(pair.key)],
            [self._vote(pair, heads.sentences) for pair in held_out],
            [pair.fair and first for pair, first in zip(held_out, _firsts(held_out), strict=True)],
        )
        found = zip((places[id(pair)] for pair in held_out), labels, strict=True)
        return [(place, label) for place, label in found if place >= first]

    def people_agreement(self, heads: "Heads", floor: int) -> PeopleAgreement:
        """With a judge, on answers of policies up to the floor, and on those of later ones.

        Of the hold-out, by pairs that were picked at random: what the judge has not learned from.
        """
        from ratchet.reward.agreement import called_right

        held_out = [
            pair
            for pair in self._usable()
            if is_held_out(pair.key) and pair.fair and pair.preference.vote in OUTCOMES
        ]
        votes = [self._vote(pair, heads.sentences) for pair in held_out]
        right: dict[bool, list[float]] = {False: [], True: []}
        for pair, vote in zip(held_out, votes, strict=True):
            score_a, score_b = heads.score(np.stack([vote.features_a, vote.features_b])).score_n
            outcome = called_right(np.array(score_a - score_b), np.array(vote.outcome))
            right[pair.policy_version > floor].append(float(outcome))
        before, now = right[False], right[True]
        means = [fmean(values) if values else float("nan") for values in (before, now)]
        return PeopleAgreement(means[0], len(before), means[1], len(now))

    def _read(self, pairs: Sequence[LabeledPair]) -> list[np.ndarray]:
        return self._features.features([pair.tokens for pair in pairs], self._sentences)

    def _usable(self) -> list[LabeledPair]:
        standard = self.standard
        if standard is None:
            return []
        wanted = _criteria(standard)
        same = {v for v, known in self._standards.items() if _criteria(known) == wanted}
        return [
            pair
            for pair in self._pairs.values()
            if pair.preference.comparison.standard_version in same
        ]

    def _weight(self, pair: LabeledPair) -> float:
        """Less for answers that the policy has moved on from."""
        if not self._settings.half_life:
            return 1.0
        age = self._newest_version - pair.policy_version
        return 0.5 ** (age / self._settings.half_life)

    def _marks(self, pair: LabeledPair) -> list[MarkedAnswer]:
        [features] = self._read([pair])
        said = (pair.preference.marks_a, pair.preference.marks_b)
        return [
            MarkedAnswer(
                answer_id=answer_id(pair.tokens.prompt_ids, pair.tokens.completion_ids[i]),
                prompt_key=pair.key,
                labeler=pair.preference.labeler,
                features=features[i],
                broken=frozenset(said[i].broken_criterion_ids),
                tokens=len(pair.tokens.completion_ids[i]),
                weight=self._weight(pair),
            )
            for i in marked_answers(pair.preference)
        ]

    def _vote(self, pair: LabeledPair, sentences: Sentences | None = None) -> ComparedPair:
        """With the features for `sentences`; None: those of the newest standard."""
        wanted = self._sentences if sentences is None else sentences
        [features] = self._features.features([pair.tokens], wanted)
        return replace(
            _texts(pair),
            features_a=features[0],
            features_b=features[1],
            weight=self._weight(pair),
        )

    def _held_out_marks(self, heads: "Heads", held_out: Sequence[LabeledPair]) -> HeldOutMarks:
        marks = [mark for pair in held_out for mark in self._marks(pair)]
        ids = heads.criterion_ids
        if not marks:
            return HeldOutMarks(np.zeros((0, len(ids))), np.zeros((0, len(ids)), bool), ())
        return HeldOutMarks(
            broken_nC=heads.score(np.stack([mark.features for mark in marks])).broken_nC,
            marked_nC=np.array([[name in mark.broken for name in ids] for mark in marks]),
            prompt_keys=[mark.prompt_key for mark in marks],
        )

    def _agreement(
        self, heads: "Heads", train: Sequence[LabeledPair], held_out: Sequence[LabeledPair]
    ) -> dict[str, float]:
        """Agreement with held-out votes: the judge's, also where length tells nothing; the floors'.

        NaN where nobody has decided a pair.
        """
        from ratchet.reward.agreement import (
            length_differences,
            length_matched,
            pair_agreement,
            tfidf_differences,
        )

        votes = [self._vote(pair) for pair in held_out]
        if not votes:
            return {}
        outcomes = np.array([vote.outcome for vote in votes])
        score_a = heads.score(np.stack([vote.features_a for vote in votes])).score_n
        score_b = heads.score(np.stack([vote.features_b for vote in votes])).score_n
        longer = length_differences(votes)
        floors = {"longer": longer, "shorter": -longer}
        try:
            floors["tfidf"] = tfidf_differences([self._vote(pair) for pair in train], votes)
        except ValueError:  # too few words in common to make a vocabulary of
            log.info("too few words for the TF-IDF floor")
        judge, matched = score_a - score_b, length_matched(votes)
        return {
            "agreement": pair_agreement(judge, outcomes),
            "agreement_length_matched": pair_agreement(judge[matched], outcomes[matched]),
            **{f"agreement_{name}": pair_agreement(d, outcomes) for name, d in floors.items()},
        }


def _count_marked(pairs: Iterable[LabeledPair]) -> int:
    return sum(len(marked_answers(pair.preference)) for pair in pairs)


def _texts(pair: LabeledPair) -> ComparedPair:
    """The vote without features, which cost a pass of the trunk."""
    comparison = pair.preference.comparison
    return ComparedPair(
        prompt_key=pair.key,
        features_a=np.zeros(0),
        features_b=np.zeros(0),
        outcome=OUTCOMES.get(pair.preference.vote, 0.5),
        text_a=comparison.answer_a.text,
        text_b=comparison.answer_b.text,
        labeler=pair.preference.labeler,
    )


def _firsts(pairs: Sequence[LabeledPair]) -> list[bool]:
    """Whether each is the first of its group."""
    seen: set[str] = set()
    groups = [pair.preference.comparison.group_id for pair in pairs]
    return [not (group in seen or seen.add(group)) if group else True for group in groups]


def _criteria(standard: Standard) -> frozenset[str]:
    return frozenset(criterion.criterion_id for criterion in standard.criteria)
