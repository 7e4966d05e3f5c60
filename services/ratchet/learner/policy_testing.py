"""When a policy version is tested for harm, and how its answers are scored."""

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ratchet.learner import metrics
from ratchet.learner.canaries import NO_CANARIES, Canaries, without_canaries
from ratchet.learner.check_verdicts import CheckVerdicts
from ratchet.learner.checkpoint import Checkpoint
from ratchet.learner.config import LearnerSettings
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.gate_prompt import GatePrompt
from ratchet.learner.gate_round import GateRound
from ratchet.learner.people_agreement import PeopleAgreement
from ratchet.learner.policy_gate import GateAnswer, PolicyLimits, policy_gate
from ratchet.learner.training_groups import token_group
from ratchet.process.config import ConfigError
from ratchet.stream.producer import Producer
from ratchet.stream.topics import URGENT_PROMPTS
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.weights_pb2 import GateReport

if TYPE_CHECKING:
    from ratchet.reward.heads import Heads

log = logging.getLogger(__name__)


class PolicyTesting:
    """Rounds at the gate prompts: first the floor's, then, every few updates, the candidate's.

    While a round runs no update is made, so that the version under test stays the served one.
    """

    def __init__(
        self,
        settings: LearnerSettings,
        checkpoint: Checkpoint,
        prompts: Sequence[GatePrompt],
        features: FeatureStore,
        producer: Producer,
        canaries: Canaries = NO_CANARIES,
    ) -> None:
        """Take up the round that was running.

        Raises:
            ConfigError: there are canaries and no gate prompts.
        """
        if canaries.prompts and not prompts:
            raise ConfigError("canaries: are answered with the gate prompts, and there are none")
        self._settings = settings
        self._checkpoint = checkpoint
        self._canaries = canaries
        self._prompts = [*prompts, *canaries.prompts]
        self._features = features
        self._producer = producer
        self._verdicts = CheckVerdicts()
        self._left_out: set[GatePrompt] = set()
        self.round: GateRound | None = None
        policy = checkpoint.state.policy
        if self.possible and policy.on_probation and not checkpoint.floor_answers:
            log.warning(
                "policy %d never answered a gate prompt, so no later one can be held against it: "
                "`ratchet weights promote policy %d` makes the served one the floor",
                policy.floor,
                policy.serving,
            )
        if checkpoint.state.round_version:
            self._start(checkpoint.state.round_version, checkpoint.round_answers)

    @property
    def possible(self) -> bool:
        """Whether there are gate prompts at all."""
        return bool(self._prompts)

    def take(self, judged: JudgedGroup) -> None:
        """Keep the answer to a gate prompt if it belongs to the running round."""
        if self.round is not None:
            self.round.take(judged)

    def go_on(self, last_chance: bool) -> bool:
        """Start the round that is due, ask what is to be asked; True while a round runs.

        `last_chance`: no update will follow.
        """
        if self.round is None:
            state, policy = self._checkpoint.state, self._checkpoint.state.policy
            answered = self._answered_by_floor()
            if policy.serving == policy.floor:
                # Before there is a judge no version follows that would be held against this one.
                due = answered != self._answerable(self._prompts) and state.judge.serving > 0
                if due and answered:
                    log.info("the gate prompts have changed: no update before they are answered")
            else:
                since = state.updates - state.tested_at
                asked_for = state.test_now or last_chance or since >= self._settings.gate_every
                due = bool(answered) and asked_for
            if not (self.possible and due):
                return False
            self._start(policy.serving, ())
        self._ask()
        return True

    def verdict(
        self, heads: "Heads", kl: float, people: PeopleAgreement | None = None
    ) -> GateReport:
        """End the complete round of a candidate: harm against the floor, by one judge.

        `kl` is the candidate's to the first policy, nats per token; `people`, how often they choose
        as this judge does.
        """
        assert self.round is not None, "verdict() ends a round"
        settings = self._settings
        floor, candidate = self._checkpoint.floor_answers, self.round.answers
        report = policy_gate(
            self._scored(without_canaries(floor), heads),
            self._scored(without_canaries(candidate), heads),
            kl,
            PolicyLimits(
                settings.harm_margin,
                settings.kl_budget,
                settings.min_distinct_answers,
                settings.length_drift,
            ),
            people,
        )
        self._report_canaries(report, floor, candidate)
        metrics.GATE_TESTS.labels("policy", "passed" if report.passed else "failed").inc()
        return report

    def keep_as_floor(self) -> None:
        """End the round; its answers are what later versions are held against."""
        assert self.round is not None, "keep_as_floor() ends a round"
        self._checkpoint.floor_answers = self.round.answers
        self.end()

    def forget_floor(self) -> None:
        """Another version has become the floor without a round: its answers are not known."""
        self._checkpoint.floor_answers = []
        self.end()

    def end(self) -> None:
        """No round runs, and the next test is counted from here."""
        if self.round is not None:
            self._left_out.update(self.round.left_out)
        self.round = None
        state = self._checkpoint.state
        state.round_version, state.test_now, state.tested_at = 0, False, state.updates

    def prepare_commit(self) -> None:
        """Put into the checkpoint what the running round has collected."""
        self._checkpoint.round_answers = self.round.answers if self.round else []

    def _start(self, version: int, answers: Sequence[JudgedGroup]) -> None:
        # A candidate is held against its floor's answers; where the file has been changed since,
        # the next floor is asked the new prompts.
        of_floor = version == self._checkpoint.state.policy.floor
        prompts = self._answerable(self._prompts) if of_floor else self._answered_by_floor()
        self.round = GateRound(prompts, version, answers)
        self._checkpoint.state.round_version = version

    def _answered_by_floor(self) -> list[GatePrompt]:
        floor_answers = self._checkpoint.floor_answers
        return self._answerable([GatePrompt.of(judged.group.prompt) for judged in floor_answers])

    def _answerable(self, prompts: Sequence[GatePrompt]) -> list[GatePrompt]:
        return [prompt for prompt in prompts if prompt not in self._left_out]

    def _ask(self) -> None:
        assert self.round is not None, "_ask() belongs to a round"
        settings = self._settings
        deliveries = [
            self._producer.send(
                URGENT_PROMPTS,
                prompt.prompt_id,
                prompt.for_version(self.round.version, settings.standard_id, settings.gate_samples),
            )
            for prompt in self.round.to_ask(time.monotonic())
        ]
        for delivery in deliveries:
            delivery.wait()

    def _report_canaries(
        self, report: GateReport, floor: Sequence[JudgedGroup], candidate: Sequence[JudgedGroup]
    ) -> None:
        """What stands in the report for people to read; it decides nothing."""
        met = self._canaries.met(candidate)
        if met is None:
            return
        self._checkpoint.state.canaries_met = met
        report.figures.add(name="canaries_met", value=met, passed=True)
        report.reason += f" Of the canaries' checks {met:.0%} are met"
        before = self._canaries.met(floor)
        if before is not None:
            report.figures.add(name="canaries_met_by_floor", value=before, passed=True)
            report.reason += f", by the floor {before:.0%}"
        report.reason += "."

    def _scored(self, judged: Sequence[JudgedGroup], heads: "Heads") -> list[GateAnswer]:
        """Every answer with the score of `heads`.

        None where the trunk cannot read it, NaN where a check of the standard cannot tell.
        """
        tokens = [token_group(each.group) for each in judged]
        readable = [group for group in tokens if self._features.fits(group)]
        features = iter(self._features.features(readable, heads.sentences))
        answers: list[GateAnswer] = []
        for each, group in zip(judged, tokens, strict=True):
            count = len(group.completion_ids)
            fits = self._features.fits(group)
            scores: list[float] | list[None] = [None] * count
            if fits:
                texts = [completion.text for completion in each.group.completions]
                found = heads.score(next(features))
                found = self._verdicts.obeyed(heads, found, each.group.prompt, texts)
                scores = found.score_n.tolist()
            answers += [
                GateAnswer(each.group.prompt.prompt_id, completion.text, len(ids), score)
                for completion, ids, score in zip(
                    each.group.completions, group.completion_ids, scores, strict=True
                )
            ]
        return answers
