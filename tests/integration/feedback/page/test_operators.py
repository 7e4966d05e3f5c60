"""What an operator does, in real Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.integration.feedback.page.conftest import PAIRS, ServedPage
from tests.integration.feedback.page.looks import check_looks


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedPage]:
    served = ServedPage(tmp_path / "registry")
    served.add_pairs(*PAIRS)
    yield served
    served.close()


def test_a_promotion_is_told_done_undone_and_written_down(
    page: Page, served: ServedPage, tmp_path: Path
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("link", name="Status").click()
    check_looks(page, "status", tmp_path)
    page.get_by_role("link", name="Use judge 3…").click()
    expect(page.get_by_role("heading", name="Use judge 3?")).to_be_visible()
    check_looks(page, "promote", tmp_path)
    page.get_by_role("button", name="Use judge 3").click()
    expect(page.get_by_role("heading", name="Yes: judge 3 grades answers")).to_be_visible()
    page.get_by_role("link", name="Use judge 2…").click()
    page.get_by_role("button", name="Use judge 2").click()
    expect(page.get_by_role("heading", name="Yes: judge 2 grades answers")).to_be_visible()
    page.get_by_role("link", name="Pause learning, or go on…").click()
    check_looks(page, "pause", tmp_path)
    page.get_by_role("link", name="Leave it as it is").click()
    page.get_by_role("link", name="Activity").click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("judge 2 in place of 3")
    expect(rows.nth(1)).to_contain_text("asked for a version to be used")
    check_looks(page, "activity", tmp_path)
