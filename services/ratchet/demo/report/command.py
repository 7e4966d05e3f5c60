"""A run's folder becomes its report."""

from pathlib import Path

import transformers
from rich.console import Console
from rich.table import Table

from ratchet.demo.evaluation import EvaluatedAnswer
from ratchet.demo.plan import DemoPlan
from ratchet.demo.report.agreement import at_updates, on_first_policy
from ratchet.demo.report.curve import learning_curve
from ratchet.demo.report.fluency import FixedModel
from ratchet.demo.report.judges import Judges
from ratchet.demo.report.page import page
from ratchet.demo.report.plots import draw
from ratchet.demo.report.readings import Reading, read
from ratchet.demo.report.records import read_records
from ratchet.demo.report.stages import stages
from ratchet.demo.report.summary import Summary, summarise
from ratchet.demo.run_folder import RunFolder
from ratchet.local.cache import default_model
from ratchet.reward.tokens import ChatTokenizer
from ratchet.reward.trunk import Trunk


def write_report(
    plan: DemoPlan, folder: RunFolder, model: Path | None, console: Console
) -> Summary:
    """Measures, draws, writes `summary.json` and `index.html`, and prints the figures."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    first_policy = model or default_model()
    fixed = FixedModel(first_policy)
    before, after = (
        read([EvaluatedAnswer.model_validate(row) for row in folder.read(name)], fixed)
        for name in ("answers_before", "answers_after")
    )
    records = read_records(folder)
    judges = Judges(folder.judges, Trunk(first_policy))
    summary = summarise(
        seed=plan.seed,
        before=before,
        after=after,
        records=records,
        first_policy=on_first_policy(before, records, judges, ChatTokenizer(first_policy)),
        judge_updates=at_updates(records, judges),
        curve=learning_curve(records),
        stages=stages(records),
    )
    folder.summary.write_text(summary.model_dump_json(indent=2) + "\n", encoding="utf-8")
    pictures = draw(summary, folder.root)
    folder.page.write_text(page(summary, before, after, pictures), encoding="utf-8")
    _print(summary, before, after, folder, console)
    return summary


def _print(
    s: Summary, before: list[Reading], after: list[Reading], folder: RunFolder, console: Console
) -> None:
    table = Table("what", "before", "after", title="What the demo showed")
    gain = f"{s.gold_after:.2f} ({s.gain_in_sd:+.2f} sd)"
    table.add_row(f"gold score of {s.answers} answers", f"{s.gold_before:.2f}", gain)
    for name, share in s.errors_before.items():
        table.add_row(f"break {name}", f"{share:.0%}", f"{s.errors_after[name]:.0%}")
    table.add_row("distinct", f"{s.distinct_answers_before:.0%}", f"{s.distinct_answers:.0%}")
    table.add_row("likeness", f"{s.similarity_before:.2f}", f"{s.similarity_after:.2f}")
    console.print(table)
    floor = max(s.agreement_shorter, s.agreement_longer, s.agreement_tfidf)
    console.print(
        f"judge agrees with gold on {s.judge_agreement:.0%} of pairs, the best floor on "
        f"{floor:.0%}; {s.marked_answers} answers marked, {s.graded_answers} graded; "
        f"{s.policy_versions} policy and {s.judge_versions} judge versions served, "
        f"{s.rollbacks} rollbacks; {s.dropped_requests} of {s.requests} requests dropped; "
        f"KL {s.kl:.2f}; {s.seconds:.0f} s from ready to the last update",
        highlight=False,
    )
    for earlier, later in list(zip(before, after, strict=True))[:3]:
        console.rule(style="dim")
        console.print(f"customer: {earlier.prompt.text}", markup=False, highlight=False)
        console.print(f"before:   {earlier.answer.text}", markup=False, highlight=False)
        console.print(f"after:    {later.answer.text}", markup=False, highlight=False)
    console.rule(style="dim")
    console.print(f"report: {folder.page}", markup=False, highlight=False, soft_wrap=True)
