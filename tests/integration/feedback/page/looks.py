"""What every page must be: narrow enough for a phone, and accessible in light and dark."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = (360, 740)
SCHEMES: Sequence[Literal["dark", "light"]] = ("light", "dark")


def check_looks(page: Page, name: str, folder: Path) -> None:
    """Leaves screenshots in the folder."""
    for width, height in ((1280, 900), PHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=folder / f"{name}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}, {scheme}: {found.generate_report()}"
    page.screenshot(path=folder / f"{name}-dark.png")
    page.emulate_media(color_scheme="light")
