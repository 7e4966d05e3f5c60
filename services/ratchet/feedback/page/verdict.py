"""May the judge act alone, and how sure are we? In words for the owner of a standard."""

from collections.abc import Sequence
from dataclasses import dataclass

from ratchet.feedback.history import History
from ratchet.v1.gate_pb2 import AUTONOMY_ASSISTED, AUTONOMY_AUTONOMOUS, AUTONOMY_LEARNING, GateState
from ratchet.v1.weights_pb2 import ROLE_JUDGE, GateFigure, Manifest

HEADLINES = {
    AUTONOMY_LEARNING: "Not yet",
    AUTONOMY_ASSISTED: "With your help",
    AUTONOMY_AUTONOMOUS: "Yes, and you spot-check",
}
MEANS = {
    AUTONOMY_LEARNING: "No score of the judge teaches the policy, and people are asked to label "
    "every pair.",
    AUTONOMY_ASSISTED: "The judge's scores teach the policy. People are asked to label {share} of "
    "the pairs, and are shown no others.",
    AUTONOMY_AUTONOMOUS: "The judge's scores teach the policy. People are asked to check {share} "
    "of the pairs, drawn by lot, and are shown no others.",
}


@dataclass(frozen=True)
class Verdict:
    """The first thing to be read."""

    headline: str
    text: str
    good: bool
    figures: Sequence[GateFigure] = ()
    """What the gate asks for before it goes further, and what would take it back."""


def verdict_on(history: History, standard_id: str, marks_wanted: int) -> Verdict:
    """`marks_wanted`: answers to be marked before a first judge is tried."""
    labels = history.labels(standard_id)
    missing = marks_wanted - sum(len(note.marks) for note in labels)
    gate = history.gates.get(standard_id)
    if gate is not None and gate.judge_version:
        return _of_gate(gate)
    judge = history.in_force(ROLE_JUDGE, standard_id)
    if judge is not None:
        return Verdict(f"Yes: judge {judge.version} grades answers", _how_sure(judge), good=True)
    tried = history.versions(ROLE_JUDGE, standard_id)
    if tried:
        text = f"Judge {tried[0].version} was tried and is not good enough yet: label more pairs."
        return Verdict("Not yet", f"{text} {_how_sure(tried[0])}".strip(), good=False)
    if missing > 0:
        text = f"{(missing + 1) // 2} more pairs have to be labeled before a first judge is tried."
        return Verdict("Not yet", text, good=False)
    return Verdict("Not yet", "No judge has been tried so far.", good=False)


def _of_gate(gate: GateState) -> Verdict:
    means = MEANS.get(gate.state, "").format(share=f"{gate.label_share:.0%}")
    asks = (
        "to go on alone it must not fall below"
        if gate.state == AUTONOMY_AUTONOMOUS
        else "the next step asks for"
    )
    text = f"{means} {_agreement(gate.report.figures, asks)}".strip()
    good = gate.state > AUTONOMY_LEARNING
    return Verdict(HEADLINES.get(gate.state, "Not yet"), text, good, gate.report.figures)


def _agreement(figures: Sequence[GateFigure], asks: str) -> str:
    """What people's labels prove, and what is asked; empty where there are none."""
    found = {figure.name: figure for figure in figures}
    if "random_labels" not in found or "agreement" not in found:
        return ""
    labels, agreement = found["random_labels"].value, found["agreement"]
    if not labels:
        return "No pair that was drawn by lot has been labeled yet."
    return (
        f"On {labels:.0f} pairs drawn by lot it chose as people did {agreement.value:.0%} of the "
        f"time, and 95% surely more than {agreement.bound:.0%}; {asks} "
        f"{agreement.threshold:.0%}."
    )


def _how_sure(manifest: Manifest) -> str:
    """The area under the ROC curve, in plain words; empty where it was not measured."""
    for figure in manifest.gate_report.figures:
        if figure.name == "mean_auc" and figure.HasField("bound"):
            return (
                "Given an answer that breaks a rule and one that keeps it, it tells them apart "
                f"{figure.value:.0%} of the time, and 95% surely more than {figure.bound:.0%}. "
                "Guessing gets 50%."
            )
    return ""
