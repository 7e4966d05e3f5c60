"""What has happened so far, for those who want to know how it stands."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

from ratchet.autonomy.likeness import Likeness, likeness
from ratchet.feedback.pairs import IMPORT, RANDOM, policy_version
from ratchet.feedback.recent_answers import RecentAnswers
from ratchet.standard.marked_answers import marked_answers
from ratchet.v1.gate_pb2 import AUTONOMY_UNSPECIFIED, GateState
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.preference_pb2 import VOTE_A, VOTE_B, Comparison, Preference, Vote
from ratchet.v1.weights_pb2 import Manifest, Role, WeightsRecord
from ratchet.weights.ledger import Ledger

MOST_GROUPS = 20_000
"""Judged groups whose scores are remembered; the oldest make way."""

NEWEST_GROUPS = 32
"""Whose answers are held against each other."""

SHORT_TERM_SECONDS = 7 * 24 * 3600.0
"""As long as Kafka keeps judgements."""


@dataclass(frozen=True)
class LabelNote:
    """What is kept of a label."""

    at: float
    """Unix time, seconds"""
    pair_id: str
    labeler: str
    vote: Vote
    at_random: bool
    """Picked by lot and read without help: only such labels show fairly how often the judge agrees
    with people."""
    imported: bool
    """From a file: work that was not done here, on answers that no policy wrote."""
    marks: Sequence[frozenset[str]]
    """Of each answer that was marked at all: ids of the criteria that it breaks."""
    assisted: bool = False
    """The labeler was shown critiques of both answers."""


@dataclass
class VersionScores:
    """The judge's scores of one policy version's answers."""

    count: int = 0
    total: float = 0.0

    @property
    def mean(self) -> float:
        """0 to 1."""
        return self.total / self.count


class History:
    """Labels, scores, gates and the weights' ledger, from the topics. Pure.

    Not thread-safe.
    """

    def __init__(self) -> None:
        self.revision = 0
        """Counts up with every change."""
        self.ledger = Ledger()
        self.gates: dict[str, GateState] = {}
        """By standard id; without those whose gate is off."""
        self.answers = RecentAnswers()
        self._labels: defaultdict[str, list[LabelNote]] = defaultdict(list)
        self._submissions: set[str] = set()
        self._scores: dict[str, Sequence[float | None]] = {}  # group id -> of each completion
        self._graded: defaultdict[str, deque[tuple[float, int]]] = defaultdict(deque)
        self._by_version: defaultdict[str, dict[int, VersionScores]] = defaultdict(dict)
        # By standard id: what was asked, and the answers.
        self._newest: defaultdict[str, deque[tuple[str, Sequence[str]]]] = defaultdict(
            lambda: deque(maxlen=NEWEST_GROUPS)
        )

    def add_label(self, preference: Preference, at: float) -> None:
        """A label that the topic holds; again changes nothing."""
        if preference.submission_id in self._submissions:
            return
        self._submissions.add(preference.submission_id)
        comparison = preference.comparison
        marks = preference.marks_a.broken_criterion_ids, preference.marks_b.broken_criterion_ids
        note = LabelNote(
            at,
            comparison.pair_id,
            preference.labeler,
            preference.vote,
            comparison.picked_because == RANDOM and not preference.assisted,
            comparison.picked_because == IMPORT,
            [frozenset(marks[answer]) for answer in marked_answers(preference)],
            preference.assisted,
        )
        self._labels[comparison.standard_id].append(note)
        self.revision += 1

    def add_group(self, judged: JudgedGroup, at: float) -> None:
        """A group that the topic holds; again changes nothing, nor does one without a judge."""
        group_id = judged.group.group_id
        self.answers.add(judged.group)
        if judged.judge_version == 0 or group_id in self._scores:
            return
        scores = [None if j.HasField("error") else j.score for j in judged.judgements]
        self._scores[group_id] = scores
        if len(self._scores) > MOST_GROUPS:
            del self._scores[next(iter(self._scores))]
        standard_id = judged.group.prompt.standard_id
        graded = self._graded[standard_id]
        graded.append((at, sum(score is not None for score in scores)))
        while graded[0][0] < at - SHORT_TERM_SECONDS:
            graded.popleft()
        asked = "\n".join(message.content for message in judged.group.prompt.messages)
        texts = [completion.text for completion in judged.group.completions]
        self._newest[standard_id].append((asked, texts))
        for completion, score in zip(judged.group.completions, scores, strict=False):
            if score is not None:
                version = policy_version(Comparison(answer_a=completion))
                seen = self._by_version[standard_id].setdefault(version, VersionScores())
                seen.count += 1
                seen.total += score
        self.revision += 1

    def apply_weights(self, record: WeightsRecord) -> None:
        """A manifest or a pointer; raises RecordRefused as the ledger does."""
        if self.ledger.apply(record):
            self.revision += 1

    def take_gate(self, state: GateState) -> None:
        """The newest word of a standard's gate."""
        if state.state == AUTONOMY_UNSPECIFIED:
            self.gates.pop(state.standard_id, None)
        else:
            self.gates[state.standard_id] = state
        self.revision += 1

    def versions(self, role: Role, standard_id: str) -> list[Manifest]:
        """Those that were made for a standard, the newest first."""
        found = [
            manifest
            for manifest in self.ledger.manifests.values()
            if manifest.role == role and manifest.standard_id == standard_id
        ]
        return sorted(found, key=lambda manifest: -manifest.version)

    def in_force(self, role: Role, standard_id: str) -> Manifest | None:
        """The version that is served, if it was made for this standard."""
        pointer = self.ledger.pointers.get(role)
        manifest = self.ledger.manifest_of(pointer) if pointer else None
        return manifest if manifest and manifest.standard_id == standard_id else None

    def labels(self, standard_id: str) -> Sequence[LabelNote]:
        """In the order in which Kafka took them."""
        return self._labels.get(standard_id, ())

    def graded(self, standard_id: str, since: float) -> int:
        """Answers that a proven judge has scored since then, at most SHORT_TERM_SECONDS back."""
        return sum(count for at, count in self._graded.get(standard_id, ()) if at >= since)

    def scores(self, standard_id: str) -> dict[int, VersionScores]:
        """By the policy's version, from the first on."""
        return dict(sorted(self._by_version.get(standard_id, {}).items()))

    def likeness(self, standard_id: str) -> Likeness | None:
        """How alike the newest graded answers to different prompts are; None before there are."""
        return likeness(self._newest.get(standard_id, ()))

    def agreement(self, standard_id: str) -> list[float]:
        """Of each label that was picked by lot: 1 if the judge chose as people did, 0 if not.

        0.5 where the judge's scores are equal; left out where people had no preference, or the
        judge's scores are not known any more.
        """
        outcomes: list[float] = []
        for note in self.labels(standard_id):
            scores = self._pair_scores(note.pair_id)
            if note.at_random and note.vote in (VOTE_A, VOTE_B) and scores is not None:
                for_a = scores[0] - scores[1]
                lead = for_a if note.vote == VOTE_A else -for_a
                outcomes.append(0.5 if lead == 0 else float(lead > 0))
        return outcomes

    def _pair_scores(self, pair_id: str) -> tuple[float, float] | None:
        group_id, _, places = pair_id.rpartition("/")
        scores = self._scores.get(group_id)
        if scores is None:
            return None
        a, b = (scores[int(place)] for place in places.split("-"))
        return None if a is None or b is None else (a, b)
