"""The services cannot see the gold score, nor anything else of the demo."""

import grimp
import pytest


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Every import statement of the package, those inside functions too."""
    return grimp.build_graph("ratchet", cache_dir=None)


@pytest.mark.parametrize("service", ["policy", "judge", "learner", "feedback"])
def test_no_chain_of_imports_leads_from_a_service_to_the_demo(imports, service: str) -> None:
    assert f"ratchet.{service}.service" in imports.modules
    chains = imports.find_shortest_chains(
        importer=f"ratchet.{service}", imported="ratchet.demo", as_packages=True
    )
    assert chains == set()


def test_only_the_labeler_the_report_and_the_ceiling_see_gold(imports) -> None:
    readers = imports.find_modules_that_directly_import("ratchet.demo.gold")
    allowed = {"ratchet.demo.erring_reader", "ratchet.demo.ceiling"}
    assert "ratchet.demo.erring_reader" in readers
    assert [name for name in readers - allowed if not name.startswith("ratchet.demo.report.")] == []
    assert imports.find_shortest_chain("ratchet.demo.console_labeler", "ratchet.demo.gold") is None


def test_what_runs_the_experiment_sees_gold_in_no_other_way_than_the_report(imports) -> None:
    for module in ("experiment", "prompt_feed", "traffic", "evaluation", "system", "labelers"):
        assert imports.find_shortest_chain(f"ratchet.demo.{module}", "ratchet.demo.gold") is None
