"""The learner's loop: one thread, one decision at a time."""

import logging
import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratchet.learner import metrics
from ratchet.learner.canaries import read_canaries
from ratchet.learner.checkpoint import CheckpointStore, first_checkpoint
from ratchet.learner.commands import Command, CommandQueue
from ratchet.learner.config import LearnerSettings
from ratchet.learner.critiquing import Critiquing
from ratchet.learner.feature_store import FeatureStore
from ratchet.learner.folders import copy_files
from ratchet.learner.gate_prompt import check_room, read_gate_prompts
from ratchet.learner.group_buffer import is_scored
from ratchet.learner.judge_training import JudgeTraining, TrainedJudge
from ratchet.learner.lineage import Lineage, NothingProven, PointerMoved
from ratchet.learner.policy_testing import PolicyTesting
from ratchet.learner.policy_training import PolicyTraining
from ratchet.learner.progress import Progress
from ratchet.learner.publication import Publication
from ratchet.learner.standard_gate import StandardGate
from ratchet.learner.training_groups import token_group, training_group
from ratchet.process.errors import FailedPrecondition, FieldNotFound
from ratchet.process.failpoint import failpoint
from ratchet.process.lease import ComputeLease
from ratchet.stream.producer import Producer
from ratchet.stream.reader import Reader
from ratchet.stream.record import Record
from ratchet.stream.topics import AUDIT, JUDGEMENTS, PREFERENCES, STANDARDS, ensure_topics
from ratchet.v1 import weights_pb2 as pb
from ratchet.v1.judgement_pb2 import JudgedGroup
from ratchet.v1.prompt_pb2 import PURPOSE_GATE, PURPOSE_TRAIN
from ratchet.weights.announcer import Announcer
from ratchet.weights.registry import Registry

if TYPE_CHECKING:
    from ratchet.reward.heads import Heads

SERVICE = "learner"
IDLE_SECONDS = 0.5
READ_AT_ONCE = 256

log = logging.getLogger(__name__)


class Learner:
    """Turns judgements into policy versions and preferences into judge versions.

    Each decision goes the same way: it is made in the checkpoint in memory, `_commit` writes that
    to disk, and only then is it published, announced and pointed to.
    """

    def __init__(
        self,
        settings: LearnerSettings,
        commands: "CommandQueue[Learner]",
        progress: Progress,
    ) -> None:
        """Connect, load the models, and take up the newest checkpoint.

        Raises:
            ConfigError: the gate prompts cannot be read, or answered.
            CheckpointLost: versions were published that no checkpoint knows.
            BrokerUnreachable: no broker answers.
        """
        from ratchet.learner.model import PolicyTrainer
        from ratchet.reward.tokens import ChatTokenizer
        from ratchet.reward.trunk import Trunk

        prompts = read_gate_prompts(settings.gate_prompts)
        canaries = read_canaries(settings.canaries)
        ensure_topics(settings.kafka)
        self._settings, self._commands, self._progress = settings, commands, progress
        self._registry = Registry(settings.registry)
        self._store = CheckpointStore(settings.checkpoints)
        self._checkpoint = self._store.load() or first_checkpoint(self._registry)
        self._state = self._checkpoint.state
        self._lease = ComputeLease(settings.compute_lease)
        self._producer = Producer(settings.kafka, SERVICE)
        self._publication = Publication(self._registry, Announcer(self._producer, self._registry))
        self._features = FeatureStore(
            settings.checkpoints / "features", Trunk(settings.base_model), self._lease
        )
        tokenizer = ChatTokenizer(settings.base_model)
        room = settings.gate_answer_tokens, self._features.trunk.context_tokens
        check_room(prompts, tokenizer.prompt_ids, *room)
        check_room(canaries.prompts, tokenizer.prompt_ids, *room, "canaries")
        self._judges = JudgeTraining(
            settings.judge,
            settings.standard_id,
            self._state,
            self._features,
            lambda text: tokenizer.completion_ids(text, finished=False),
        )
        self._gate = StandardGate(settings, self._state, self._judges, self._producer)
        self._critic = Critiquing(settings, self._state, self._judges, self._lease, self._producer)
        trainer = PolicyTrainer(settings.base_model, settings.trainer)
        if self._state.policy.serving:
            trainer.load(self._store.trainer(self._state.policy.serving))
        self._policy = PolicyTraining(settings, self._checkpoint, self._store, trainer, self._lease)
        self._testing = PolicyTesting(
            settings, self._checkpoint, prompts, self._features, self._producer, canaries
        )
        # Standards and preferences are read from their start each time: the topics are their store.
        offsets = self._state.offsets.get(JUDGEMENTS.name, {})
        self._reader = Reader(
            settings.kafka,
            [STANDARDS, PREFERENCES, JUDGEMENTS],
            SERVICE,
            {(JUDGEMENTS.name, partition): offset for partition, offset in offsets.items()},
        )

    def close(self) -> None:
        """Disconnect."""
        self._reader.close()
        self._producer.close()

    def start(self) -> None:
        """Publish what the checkpoint decided and was not published; read what people have said."""
        if self._state.policy.serving:
            self._publish()
        else:
            first = self._planned(self._state.policy.newest + 1)
            self._checkpoint.outbox += self._state.policy.serve_proven(first)
            self._commit()
        while not self._reader.caught_up():
            self._read()
        self._gate.recount()

    def run(self, stop: threading.Event) -> None:
        """Until asked to stop: obey, read, bet (also in a pause), judge, test, update."""
        while not stop.is_set():
            self._commands.obey(self, self._audit)
            self._tell()
            with self._progress.stage(self._waiting_for()):
                self._read()
            with self._progress.stage("reading marked answers"):
                self._judges.read_some()
            # Before a newer judge is fitted, which is held against what is proven by then.
            self._bet_on_judge()
            if self._state.paused:
                continue
            self._train_judge()
            self._critic.go_on(self._progress)
            if not self._test_policy():
                self._update_policy()
        self._commit()

    # What operators ask; each raises RpcFault where it cannot be done.

    def promote(self, role: pb.Role, version: int, expected_epoch: int = 0) -> pb.Pointer:
        """Make a version the served one and the floor; `expected_epoch` as the request has it."""
        self._expect(role, expected_epoch)
        if version not in self._registry.versions(role):
            raise FieldNotFound("version", f"no {pb.Role.Name(role)} {version} in the registry")
        if role == pb.ROLE_JUDGE:
            self._checkpoint.outbox += self._state.judge.promote(version)
        else:
            if not self._store.trainer(version).exists():
                raise FailedPrecondition(
                    f"the trainer's state of policy {version} is no longer kept"
                )
            if version == self._state.policy.floor:
                self._testing.end()
            else:
                self._testing.forget_floor()
            self._policy.promote(version, self._registry.manifest(role, version).updates)
        self._commit()
        return self._lineage(role).pointer

    def roll_back(self, role: pb.Role, expected_epoch: int = 0) -> pb.Pointer:
        """Go back to the floor; `expected_epoch` as the request has it."""
        self._expect(role, expected_epoch)
        try:
            if role == pb.ROLE_JUDGE:
                self._checkpoint.outbox += self._state.judge.step_back()
            else:
                self._policy.roll_back(self._planned(self._state.policy.newest + 1), None)
                self._testing.end()
        except NothingProven:
            raise FailedPrecondition("the floor is being served already") from None
        self._commit()
        return self._lineage(role).pointer

    def pause(self) -> None:
        """Stop learning while serving goes on."""
        self._state.paused = True
        self._commit()

    def resume(self) -> None:
        """End a pause, or a halt."""
        self._state.paused, self._state.skipped_in_a_row = False, 0
        self._commit()

    def set_updates_wanted(self, updates: int) -> None:
        """Stop by itself after so many updates, and test the last version then."""
        self._state.updates_wanted = updates
        self._commit()

    def corrupt_next_update(self) -> None:
        """Have the next update spoiled."""
        if not self._testing.possible:
            raise FailedPrecondition("without gate prompts no gate would find it")
        self._state.corrupt_next = True
        self._commit()

    # The steps of the loop.

    def _read(self) -> None:
        for record in self._reader.poll(IDLE_SECONDS, READ_AT_ONCE):
            try:
                self._take(record)
            except ValueError as error:
                self._reader.reject(record, str(error))
        offsets: dict[str, dict[int, int]] = {}
        for (topic, partition), offset in self._reader.positions().items():
            offsets.setdefault(topic, {})[partition] = offset
        self._state.offsets = offsets

    def _take(self, record: Record[Any]) -> None:
        if record.topic == PREFERENCES.name:
            self._judges.add_preference(record.value)
        elif record.topic == JUDGEMENTS.name:
            self._take_group(record.value)
        else:
            self._judges.add_standard(record.value)

    def _take_group(self, judged: JudgedGroup) -> None:
        graded = sum(is_scored(judgement) for judgement in judged.judgements)
        self._state.graded_answers += graded
        metrics.GRADED_ANSWERS.inc(graded)
        self._critic.take(judged.group)
        purpose = judged.group.prompt.purpose
        if purpose not in (PURPOSE_TRAIN, PURPOSE_GATE):
            return
        # Raises where an update or a test would later stumble over it.
        training_group(judged, self._settings.spread_penalty)
        if not self._features.fits(token_group(judged.group)):
            raise ValueError("the policy cannot read these tokens")
        if purpose == PURPOSE_TRAIN:
            self._gate.watch(judged)
            self._policy.take(judged)
        else:
            self._testing.take(judged)

    def _train_judge(self) -> None:
        """Fit, test and serve a judge when enough new marks are there, and read."""
        state, judges = self._state, self._judges
        if not (judges.all_read and judges.due):
            return
        with self._progress.stage("training the judge"):
            version = max([state.judge.newest, *self._registry.versions(pb.ROLE_JUDGE)]) + 1
            try:
                with self._lease.held():
                    trained = judges.train(seed=version)
            except ValueError as error:
                log.warning("no judge can be fitted yet: %s", error)
                return
            self._decide_judge(version, trained)
            self._commit()

    def _decide_judge(self, version: int, trained: TrainedJudge) -> None:
        state, report = self._state, trained.report
        planned = self._planned(version)
        planned.role, planned.parent = pb.ROLE_JUDGE, state.judge.serving
        planned.standard_version = trained.standard.version
        planned.trunk_sha256 = self._features.trunk.sha256
        planned.MergeFrom(pb.Manifest(gate_report=report, helper=trained.helper))
        # Heads are not in the checkpoint, so their folder is written first. Until it is announced
        # no reader looks there; if this process dies before, it stays unused and its number too.
        if report.passed and self._gate.admits(trained.heads):
            records = state.judge.serve_proven(planned, floor=state.judge.serving)
            if math.isfinite(trained.agreement):
                state.judge_agreement = trained.agreement
        else:
            records = state.judge.propose(planned)
        self._publication.stage(planned, trained.heads.save)
        self._checkpoint.outbox += records
        metrics.GATE_TESTS.labels("judge", "passed" if report.passed else "failed").inc()
        log.info("judge %d: %s", version, report.reason)

    def _bet_on_judge(self) -> None:
        """What people have said since decides how far the judge in force may act."""
        if self._gate.due:
            with self._progress.stage("betting on the judge"):
                self._gate.bet(self._heads_in_force())
        if self._gate.changed:
            self._commit()
            self._gate.publish()

    def _test_policy(self) -> bool:
        """Go on with a round at the gate prompts; True while one holds up the updates."""
        if not self._testing.go_on(last_chance=self._policy.all_done):
            return False
        round_ = self._testing.round
        if round_ is None or not round_.complete:
            return True
        if round_.version == self._state.policy.floor:
            self._testing.keep_as_floor()
        else:
            with self._progress.stage("testing the policy"):
                heads = self._heads_in_force()
                people = self._judges.people_agreement(heads)
                report = self._testing.verdict(heads, self._policy.kl(round_.answers), people)
            log.info("policy %d: %s", round_.version, report.reason)
            if report.passed:
                self._policy.prove(report)
                self._testing.keep_as_floor()
            else:
                self._policy.roll_back(self._planned(self._state.policy.newest + 1), report)
                self._testing.end()
        self._commit()
        return False

    def _update_policy(self) -> None:
        """One update, once a judge is proven and enough groups are there."""
        policy, judge = self._policy, self._state.judge.serving
        if not judge or policy.all_done or policy.halted or not policy.ready():
            return
        with self._progress.stage("updating the policy"):
            self._policy.update(self._planned(self._state.policy.newest + 1))
        with self._progress.stage("publishing"):
            self._commit()

    # Making decisions durable, then known.

    def _commit(self) -> None:
        self._policy.prepare_commit()
        self._testing.prepare_commit()
        self._store.save(self._checkpoint, self._policy.trainer.save)
        failpoint("learner-after-checkpoint")
        self._publish()

    def _publish(self) -> None:
        policy, outbox = self._state.policy, self._checkpoint.outbox
        self._publication.send(outbox, policy.serving, self._fill(policy.serving))
        outbox.clear()
        for role, lineage, newest in (
            (pb.ROLE_POLICY, policy, self._settings.keep_policies),
            (pb.ROLE_JUDGE, self._state.judge, self._settings.keep_judges),
        ):
            self._publication.prune(role, {lineage.serving, lineage.floor}, newest)
        # What an operator may promote can be trained on.
        self._store.prune_trainers(self._registry.versions(pb.ROLE_POLICY))
        self._tell()

    def _fill(self, version: int) -> Callable[[Path], None]:
        if version > 1:
            return self._policy.trainer.export
        return lambda folder: copy_files(self._settings.base_model, folder)

    def _planned(self, version: int) -> pb.Manifest:
        standard = self._judges.standard
        return pb.Manifest(
            version=version,
            standard_id=self._settings.standard_id,
            standard_version=standard.version if standard else 0,
            consumed_offsets=self._state.consumed_offsets(),
        )

    def _heads_in_force(self) -> "Heads":
        from ratchet.reward.heads import Heads

        return Heads.load(self._registry.folder(pb.ROLE_JUDGE, self._state.judge.serving))

    def _expect(self, role: pb.Role, epoch: int) -> None:
        try:
            self._lineage(role).expect(epoch)
        except PointerMoved as error:
            raise FailedPrecondition(f"{error}: nothing was done") from None

    def _lineage(self, role: pb.Role) -> Lineage:
        return self._state.judge if role == pb.ROLE_JUDGE else self._state.policy

    # Telling others.

    def _audit(self, command: "Command[Learner]") -> None:
        record = command.audit_record(SERVICE)
        self._producer.send(AUDIT, f"{record.actor}/{record.at:.6f}", record).wait()

    def _waiting_for(self) -> str:
        if self._state.paused:
            return "paused"
        if self._policy.halted:
            return "halted: the loss is not finite"
        if self._testing.round is not None:
            return "waiting for gate answers"
        if self._policy.all_done:
            return "finished"
        return "waiting for rollouts" if self._state.judge.serving else "waiting for labels"

    def _tell(self) -> None:
        self._progress.show(self._state, self._policy.updates_wanted, self._judges.marked_answers)
