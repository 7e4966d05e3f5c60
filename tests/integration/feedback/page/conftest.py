"""The real page in real Chromium: the app on a port, and a browser before it."""

import asyncio
import shutil
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.unit.feedback.page.operated import OperatedLearner
from tests.unit.feedback.page.visitor import add_pairs, sessions_of
from tests.unit.feedback.test_grpc_servicer import House

from ratchet.demo.shop_standard import shop_standard
from ratchet.feedback.history import History
from ratchet.feedback.page.app import labeling_app
from ratchet.process.web_server import WebServer

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
ASKED = "The kettle that I bought last week leaks at the handle. What can I do?"
PAIRS = [
    (
        "I am sorry that your kettle leaks at the handle. Please send us the order number, and we "
        "will look into it. Is there anything else that we can help you with?",
        "Kettles leak sometimes. You will get a full refund and a new one for free!!",
    ),
    ("Please tell us your order number.", "Thank you for your message."),
    ("We are sorry.", "Kettle. Kettle. Kettle."),
    ("Could you send a picture of the handle?", "That is not our fault."),
]


class ServedPage:
    """The feedback service's page on a free port, with a Kafka that can be taken down."""

    def __init__(self, registry: Path | None = None) -> None:
        """`registry`: a folder for the versions of a learner that operators can command."""
        self._registry = registry
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.do(self._open())

    async def _open(self) -> None:
        self.house = House()
        await self.house.standards.put(shop_standard())
        self.history, self.closing = History(), asyncio.Event()
        self.learner = None
        if self._registry is not None:
            self.learner = OperatedLearner(self._registry, self.history)
            self.house.learner = await self.learner.start()
        self._web = WebServer("127.0.0.1", 0)
        app = labeling_app(
            self.house.standards,
            self.house.desk,
            self.house.pool,
            self.history,
            sessions_of(),
            self.closing,
            audit=self.house.audit,
            activity=self.house.activity,
            learner=self.house.learner,
            names=["127.0.0.1"],
            marks_wanted=160,
        )
        self.url = f"http://127.0.0.1:{await self._web.start(app)}"

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def call(self, work: Callable[[], Any]) -> Any:
        """The house's state lives on its own thread."""

        async def run() -> Any:
            return work()

        return self.do(run())

    def add_pairs(self, *texts: tuple[str, str], asked: str = ASKED) -> None:
        self.call(lambda: add_pairs(self.house, *texts, asked=asked))

    @property
    def labels(self) -> list[Any]:
        """Every preference that Kafka has."""
        return [r for r in self.house.kafka.records if type(r).__name__ == "Preference"]

    def close(self) -> None:
        self.call(self.closing.set)
        self.do(self._web.drain(1))
        if self.learner is not None:
            self.do(self.house.learner.close())
            self.do(self.learner.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


# Of one module: while Playwright runs, its event loop does, and asyncio.run() fails in other tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on the PATH: run `make chromium`, or install it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def served() -> Iterator[ServedPage]:
    served = ServedPage()
    served.add_pairs(*PAIRS)
    yield served
    served.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser of somebody who was never here."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, served: ServedPage) -> Iterator[Page]:
    """Signed in, the first pair on the page, and no error in the console by the end."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, served)
    yield page
    assert errors == []


def sign_in(page: Page, served: ServedPage, name: str = "Ann") -> None:
    page.goto(served.url)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/label/shop-support")
    settled(page)


def settled(page: Page) -> None:
    """Waits until a verdict would be taken."""
    page.wait_for_selector("main[aria-busy=false]")
