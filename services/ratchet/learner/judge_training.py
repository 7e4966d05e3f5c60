"""People's marks, and the judges that are fitted to them."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from ratchet.autonomy.label import Label
from ratchet.learner.agreement_figures import agreement_figures
from ratchet.learner.check_verdicts import CheckVerdicts
from ratchet.learner.config import JudgeSettings
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.judge_gate import HeldOutMarks, judge_gate
from ratchet.learner.judge_labels import judge_labels, pair_scores
from ratchet.learner.labeled_pair import (
    OUTCOMES,
    LabeledPair,
    count_marked,
    digest,
    firsts,
    newest_helper,
    texts,
)
from ratchet.learner.people_agreement import PeopleAgreement
from ratchet.learner.state import LearnerState
from ratchet.process.packed import unpack_u32
from ratchet.reward.criterion_checks import CriterionChecks, fields_of
from ratchet.reward.marks import ComparedPair, MarkedAnswer, answer_id, is_held_out, prompt_key
from ratchet.reward.sentences import Sentences, sentences_of
from ratchet.standard.marked_answers import marked_answers
from ratchet.v1.critique_pb2 import Helper
from ratchet.v1.preference_pb2 import Preference
from ratchet.v1.standard_pb2 import Standard
from ratchet.v1.weights_pb2 import GateReport

if TYPE_CHECKING:
    from ratchet.reward.heads import Heads, Verdict
    from ratchet.reward.packing import TokenGroup

log = logging.getLogger(__name__)

PAIRS_AT_ONCE = 16
"""Pairs that the trunk reads in one turn of the loop, so that operators are heard in between."""

DOUBTFUL = 0.5
"""Weight of a labeler below which the log says so."""


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

    The topics keep both, but for what was erased, and are read again at every start; features are
    kept on disk, so that this costs no model.
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
        self._checks = CriterionChecks(())
        self._verdicts = CheckVerdicts()
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
        """Whether trunk and checks have read all answers, as far as is known."""
        return not self._unread

    @property
    def marked_answers(self) -> int:
        """Readings of an answer so far: two a preference, none where it has no marks."""
        return count_marked(self._pairs.values())

    def fits(self, group: "TokenGroup") -> bool:
        """Whether the trunk, and so the policy, can read it."""
        return self._features.fits(group)

    def add_standard(self, standard: Standard) -> None:
        """Take in a version of the standard."""
        if standard.standard_id != self._standard_id:
            return
        self._standards[standard.version] = standard
        newest = self._standards[max(self._standards)]
        self._sentences = sentences_of(newest, self._token_ids)
        names = [criterion.criterion_id for criterion in newest.criteria]
        self._checks = CriterionChecks(names, fields_of(newest))
        # In other words every answer reads differently.
        self._unread = list(self._pairs.values())

    def add_preference(self, preference: Preference) -> None:
        """Take a preference in, once.

        Raises:
            ValueError: its answers are no tokens that the trunk can read.
        """
        from ratchet.reward.packing import TokenGroup

        comparison = preference.comparison
        if comparison.standard_id != self._standard_id or preference.submission_id in self._pairs:
            return
        answers = [unpack_u32(a.token_ids) for a in (comparison.answer_a, comparison.answer_b)]
        tokens = TokenGroup(
            tuple(unpack_u32(comparison.prompt_token_ids)), tuple(tuple(ids) for ids in answers)
        )
        if not self._features.fits(tokens):
            raise ValueError("the trunk cannot read these tokens")
        messages = [(message.role, message.content) for message in comparison.prompt.messages]
        pair = LabeledPair(preference, tokens, prompt_key(messages))
        self._pairs[preference.submission_id] = pair
        self._newest_version = max(self._newest_version, pair.policy_version)
        self._unread.append(pair)

    def read_some(self) -> bool:
        """Have trunk and checks read some of the new answers; False where none are left.

        Programs take their time: a few in each turn, and none when a judge is tried. What they said
        is not kept on disk, as features are.
        """
        self._unread = [pair for pair in self._unread if not self._is_read(pair)]
        some = self._unread[:PAIRS_AT_ONCE]
        self._read(some)
        for pair in some:
            if self._is_checked(pair):
                self._verdicts.of_pair(self._checks, pair.preference.comparison)
        return bool(self._unread)

    @property
    def due(self) -> bool:
        """Whether there are marks enough, other words, or something to forget, for another try."""
        standard, state = self.standard, self._state
        if standard is None or self.usable_marks < self._settings.first_marks:
            return False
        changed = standard.version != state.fitted_standard
        new = self.usable_marks - state.fitted_marks
        return changed or new >= self._settings.refit_marks or self._fitted_is_erased()

    @property
    def usable_marks(self) -> int:
        """Readings made under the criteria of the newest standard."""
        return count_marked(self._usable())

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
        self._state.fitted_marks = count_marked(pairs)
        self._state.fitted_standard = standard.version
        self._state.fitted_pairs = len(pairs)
        self._state.fitted_digest = digest(pairs)
        train = [pair for pair in pairs if not is_held_out(pair.key)]
        held_out = [pair for pair in pairs if is_held_out(pair.key) and pair.fair]
        marks = [mark for pair in train for mark in self._marks(pair)]
        votes = [self._vote(pair) for pair in train]
        heads = fit_heads(marks, votes, standard, self._sentences, seed, obeys_checks=True)
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
        held_out, verdicts = self._told(heads, held_out)
        if not any(places[id(pair)] >= first for pair in held_out):
            return []
        labels = judge_labels(
            heads,
            [texts(pair) for pair in self._usable() if not is_held_out(pair.key)],
            [self._vote(pair, heads.sentences) for pair in held_out],
            [pair.fair and first for pair, first in zip(held_out, firsts(held_out), strict=True)],
            verdicts,
        )
        found = zip((places[id(pair)] for pair in held_out), labels, strict=True)
        return [(place, label) for place, label in found if place >= first]

    def people_agreement(self, heads: "Heads") -> PeopleAgreement:
        """With a judge, on answers of policies up to the floor, and on those of later ones.

        Of the hold-out, by pairs that were picked at random: what the judge has not learned from.
        Of a group the first vote alone. Answers of versions that were turned down are on neither
        side: the floor that came back in their place has a later number, and never wrote them.
        """
        from ratchet.reward.agreement import called_right

        policy = self._state.policy
        decided = [
            pair
            for pair in self._usable()
            if is_held_out(pair.key)
            and pair.fair
            and pair.preference.vote in OUTCOMES
            and pair.policy_versions.isdisjoint(policy.rejected)
        ]
        held_out, verdicts = self._told(heads, list(compress(decided, firsts(decided))))
        votes = [self._vote(pair, heads.sentences) for pair in held_out]
        if not votes:
            return PeopleAgreement.of(np.zeros(0), np.zeros(0, bool))
        score_a, score_b = pair_scores(heads, votes, verdicts)
        right_n = called_right(score_a - score_b, np.array([vote.outcome for vote in votes]))
        now_n = np.array([pair.policy_version > policy.floor for pair in held_out])
        return PeopleAgreement.of(right_n, now_n)

    def _is_read(self, pair: LabeledPair) -> bool:
        if not self._features.has(pair.tokens, self._sentences):
            return False
        comparison = pair.preference.comparison
        return not self._is_checked(pair) or self._verdicts.has_pair(self._checks, comparison)

    def _is_checked(self, pair: LabeledPair) -> bool:
        return bool(self._checks) and is_held_out(pair.key)

    def _read(self, pairs: Sequence[LabeledPair]) -> list[np.ndarray]:
        return self._features.features([pair.tokens for pair in pairs], self._sentences)

    def _told(
        self, heads: "Heads", pairs: list[LabeledPair]
    ) -> "tuple[list[LabeledPair], list[tuple[Verdict, Verdict]]]":
        """The pairs that have scores, and what checks say of them; all where there are no checks.

        An answer of which a check cannot tell has no score.
        """
        if not heads.checks:
            return pairs, []
        verdicts = [
            self._verdicts.of_pair(heads.checks, pair.preference.comparison) for pair in pairs
        ]
        told = [not (isinstance(a, str) or isinstance(b, str)) for a, b in verdicts]
        return list(compress(pairs, told)), list(compress(verdicts, told))

    def _fitted_is_erased(self) -> bool:
        """Whether any pair of the last fit is gone: its judge is to forget it.

        The topic keeps its order, so that what was fitted comes first for as long as it is whole.
        """
        fitted = self._usable()[: self._state.fitted_pairs]
        return digest(fitted) != self._state.fitted_digest

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
            texts(pair),
            features_a=features[0],
            features_b=features[1],
            weight=self._weight(pair),
        )

    def _held_out_marks(self, heads: "Heads", held_out: Sequence[LabeledPair]) -> HeldOutMarks:
        """Of the criteria without a check: what a check says is not for marks to prove."""
        marks = [mark for pair in held_out for mark in self._marks(pair)]
        learned_C = ~heads.checks.has_C
        ids = list(compress(heads.criterion_ids, learned_C))
        if not marks:
            return HeldOutMarks(np.zeros((0, len(ids))), np.zeros((0, len(ids)), bool), ())
        scores = heads.score(np.stack([mark.features for mark in marks]))
        return HeldOutMarks(
            broken_nC=scores.broken_nC[:, learned_C],
            marked_nC=np.array([[name in mark.broken for name in ids] for mark in marks]),
            prompt_keys=[mark.prompt_key for mark in marks],
        )

    def _agreement(
        self, heads: "Heads", train: Sequence[LabeledPair], held_out: Sequence[LabeledPair]
    ) -> dict[str, float]:
        told, verdicts = self._told(heads, list(held_out))
        votes = [self._vote(pair) for pair in told]
        if not votes:
            return {}
        score_a, score_b = pair_scores(heads, votes, verdicts)
        return agreement_figures(score_a - score_b, votes, [self._vote(pair) for pair in train])


def _criteria(standard: Standard) -> frozenset[str]:
    return frozenset(criterion.criterion_id for criterion in standard.criteria)
