"""What holds for every test."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

# Speed is measured in benchmarks: no property fails for a slow machine.
settings.register_profile("ratchet", deadline=None)
settings.load_profile("ratchet")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Where CI says so a skipped test has failed: it proved nothing."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr[2]}"
    return report
