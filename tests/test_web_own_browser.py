"""The mirror, one's own page and the chat's page in a real browser: everybody can use them, in every language."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from groundswell.privacy.charter import Charter
from groundswell.privacy.mirror import Own, key_for, reflect, seal
from groundswell.runs.folder import Folder, init
from test_report_browser import WIDTHS
from test_web_pulse_browser import browser as browser
from test_web_pulse_browser import opened, served_at
from web_company import PASSWORD, Company

pytestmark = pytest.mark.browser

PHRASE = "the heron waits by the weir"
SHOWN = reflect([Own("2025-Q4", 300, 20, {"demands": 20}), Own("2026-Q1", 300, 40, {"lessons": 39})], right={}, seed=1)


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Company]:
    """A company behind a real server."""
    init(Folder(tmp_path), Charter(), now=datetime(2026, 1, 1, tzinfo=UTC))
    yield from served_at(tmp_path)


@pytest.mark.parametrize(("lang", "width"), [("en", "desk"), ("fr", "phone"), ("vi", "tablet")])
def test_everybody_can_use_them(browser: Any, served: Company, lang: str, width: str) -> None:
    """Nothing serious for axe, nothing cut off, a sealed mirror opened by its sentence, and no complaint of the browser."""
    from axe_playwright_python.sync_playwright import Axe

    ada = served.joined("Ada", leads=True)
    page = opened(browser, viewport={"width": WIDTHS[width], "height": 900}, locale=lang)
    page.goto("/sign-in?onward=%2Fown")
    page.fill("#address", ada.address)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/own")
    for path in ("/own", "/chat", "/order", "/mirror"):
        page.goto(path)
        _sound(page, Axe())
    page.fill("#sealed", seal(SHOWN, key_for(PHRASE)))
    page.fill("#open", PHRASE)
    page.click("form[action='/mirror/open'] button")
    page.locator("table").wait_for()
    _sound(page, Axe())
    assert page.locator("thead th").count() == 3
    assert page.errors == []


def _sound(page: Any, axe: Any) -> None:
    found = axe.run(page)
    assert [v["id"] for v in found.response["violations"] if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
