"""The report as one HTML page that needs no network."""

from base64 import b64encode
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import jinja2

from ratchet.demo.report.readings import Reading
from ratchet.demo.report.summary import Summary
from ratchet.demo.shop_standard import SENTENCES

SAMPLES = 20


def page(
    summary: Summary, before: Sequence[Reading], after: Sequence[Reading], pictures: Sequence[Path]
) -> str:
    """The page's text; sample answers are the first ones, to the first prompts, as they came."""
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["share"] = lambda value: f"{value:.0%}"
    template = environment.from_string(
        (files("ratchet.demo.report") / "page.html").read_text("utf-8")
    )
    return template.render(
        s=summary,
        criteria=SENTENCES,
        samples=list(zip(before[:SAMPLES], after[:SAMPLES], strict=True)),
        pictures=[(path.stem, _inline(path)) for path in pictures],
    )


def _inline(picture: Path) -> str:
    return f"data:image/png;base64,{b64encode(picture.read_bytes()).decode()}"
