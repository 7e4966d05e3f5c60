"""Where the time and the tokens went."""

from dataclasses import dataclass

from ratchet.demo.report.records import Records


@dataclass(frozen=True)
class Stage:
    """One kind of work of one service, over the whole run."""

    service: str
    name: str
    seconds: float
    tokens: int | None
    """None where tokens are no measure of the work."""


def stages(records: Records) -> list[Stage]:
    """Work of policy, judge and learner; what the learner waited for included."""
    bulk = sum(
        records.metric("ratchet_policy_tokens_total", purpose=purpose)
        for purpose in ("train", "label", "gate")
    )
    calls = records.metric("ratchet_policy_tokens_total", purpose="interactive")
    found = [
        Stage("policy", "sampling", records.metric("ratchet_policy_turn_seconds_sum"), int(bulk)),
        Stage("policy", "answering calls", _evaluation_seconds(records), int(calls)),
        Stage(
            "judge",
            "scoring",
            records.metric("ratchet_judge_model_seconds_sum"),
            int(records.metric("ratchet_judge_batch_tokens_sum")),
        ),
    ]
    trained = int(records.metric("ratchet_learner_trained_tokens_total"))
    for row in records.metrics:
        if row["name"] == "ratchet_learner_stage_seconds_total":
            name = row["labels"]["stage"]
            tokens = trained if name == "updating the policy" else None
            found.append(Stage("learner", name, row["value"], tokens))
    return found


def _evaluation_seconds(records: Records) -> float:
    """Nearly all calls are the evaluation's; they overlap, so their own times do not add up."""
    at = records.events
    return at["answers_before"] - at["first judge"] + at["answers_after"] - at["finished"]
