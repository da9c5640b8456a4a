"""The page in a real browser: no request, nothing axe finds serious, every width, at night, on paper, in every language."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import report_samples as samples
from groundswell.report.render import render, render_pair

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"phone": 390, "tablet": 820, "desk": 1280}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples as files."""
    folder = tmp_path_factory.mktemp("pages")
    for name, html in {
        "full": render(samples.full()),
        "git": render(samples.git_only(), lang="fr"),
        "pair": render_pair(samples.pair(), lang="vi"),
        "all": render(samples.full(), lang="en", also=("fr", "vi")),
        "auto": render(samples.full(), lang="en", also=("fr", "vi"), auto=True),
    }.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return folder


def opened(browser: Any, path: Path, **context: Any) -> Any:
    """The page in a fresh context that records every request and every error."""
    held = browser.new_context(**context)
    page = held.new_page()
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("console", lambda message: page.errors.append(message.text))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", ["full", "git", "pair", "all", "auto"])
def test_no_request_and_no_error(browser: Any, folder: Path, name: str) -> None:
    """Opening the file asks for that file and nothing else, and the browser has nothing to complain about."""
    path = folder / f"{name}.html"
    page = opened(browser, path)
    page.wait_for_timeout(200)
    assert page.asked == [path.as_uri()]
    assert page.errors == []


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (820, "light"), (1280, "light")])
@pytest.mark.parametrize("name", ["full", "git", "pair", "all"])
def test_axe_finds_nothing_serious(browser: Any, folder: Path, name: str, width: int, scheme: str) -> None:
    """With every table open, axe finds no violation that is serious or critical, in light and in dark, from phone to desk."""
    from axe_playwright_python.sync_playwright import Axe

    page = opened(browser, folder / f"{name}.html", viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found if rule["impact"] in {"serious", "critical"}] == []


def test_axe_would_find_a_fault(browser: Any, folder: Path, tmp_path: Path) -> None:
    """The check above sees a planted fault: text in the colour of the paper."""
    from axe_playwright_python.sync_playwright import Axe

    bad = (folder / "full.html").read_text(encoding="utf-8").replace("</style>", ".lead { color: var(--grid) }</style>")
    (tmp_path / "bad.html").write_text(bad, encoding="utf-8")
    found = Axe().run(opened(browser, tmp_path / "bad.html", color_scheme="light")).response["violations"]
    assert "color-contrast" in {rule["id"] for rule in found}


@pytest.mark.parametrize("width", [320, *WIDTHS.values()])
@pytest.mark.parametrize("name", ["full", "git", "pair"])
def test_nothing_is_wider_than_the_window(browser: Any, folder: Path, name: str, width: int) -> None:
    """At every width nobody scrolls sideways: only tables scroll, inside their own frame."""
    page = opened(browser, folder / f"{name}.html", viewport={"width": width, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "shown"), [(390, "narrow"), (1280, "wide")])
def test_one_drawing_is_shown_at_a_time(browser: Any, folder: Path, width: int, shown: str) -> None:
    """A phone sees the drawing made for it, a desk the other, never both."""
    page = opened(browser, folder / "full.html", viewport={"width": width, "height": 900})
    other = "wide" if shown == "narrow" else "narrow"
    assert page.locator(f".picture .{shown} >> visible=true").count() == page.locator(".picture").count() > 0
    assert page.locator(f".picture .{other} >> visible=true").count() == 0


def test_text_in_drawings_stays_inside(browser: Any, folder: Path) -> None:
    """No label of a drawing runs out of its picture's frame, in any language."""
    for name, width in (("full", 1280), ("full", 390), ("git", 390), ("pair", 1280)):
        page = opened(browser, folder / f"{name}.html", viewport={"width": width, "height": 900})
        outside = page.evaluate(
            """() => [...document.querySelectorAll('.picture svg')].filter(s => s.getClientRects().length).flatMap(svg => {
                 const frame = svg.getBoundingClientRect();
                 return [...svg.querySelectorAll('text')].filter(t => {
                   const box = t.getBoundingClientRect();
                   return box.left < frame.left - 3 || box.right > frame.right + 3 || box.bottom > frame.bottom + 3;
                 }).map(t => t.textContent);
               })"""
        )
        assert outside == [], (name, width)


def test_drawings_follow_the_night(browser: Any, folder: Path) -> None:
    """In dark mode paper, ink and every line change together."""
    colours = []
    for scheme in ("light", "dark"):
        page = opened(browser, folder / "full.html", color_scheme=scheme)
        colours.append(
            page.evaluate(
                "() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,"
                " getComputedStyle(document.querySelector('.picture svg path[stroke]')).stroke]"
            )
        )
    assert all(light != dark for light, dark in zip(*colours, strict=True))


def test_languages_switch_by_keyboard(browser: Any, folder: Path) -> None:
    """The reader changes language with the keyboard, without any script in the file."""
    page = opened(browser, folder / "all.html", java_script_enabled=True)
    page.locator("#lang-en").focus()
    assert page.locator("h1 >> visible=true").all_inner_texts() == ["Is it real?"]
    page.keyboard.press("ArrowRight")
    assert page.locator("h1 >> visible=true").all_inner_texts() == ["Est-ce réel\u202f?"]
    page.keyboard.press("ArrowRight")
    assert page.locator("h1 >> visible=true").all_inner_texts() == ["Có thật không?"]


@pytest.mark.parametrize(
    ("locale", "heading"), [("vi-VN", "Có thật không?"), ("fr-CA", "Est-ce réel\u202f?"), ("de-DE", "Is it real?")]
)
def test_language_of_the_browser(browser: Any, folder: Path, locale: str, heading: str) -> None:
    """A file made to follow the browser opens in its language, and in the first one where it has none of them."""
    page = opened(browser, folder / "auto.html", locale=locale)
    assert page.locator("h1 >> visible=true").all_inner_texts() == [heading]


def test_readable_without_script(browser: Any, folder: Path) -> None:
    """With scripts off, every sentence, drawing and table is there."""
    page = opened(browser, folder / "full.html", java_script_enabled=False)
    assert page.locator(".sentence").count() == 3
    page.locator("figure summary").first.click()
    assert page.locator("figure table >> visible=true").count() == 1


def test_readable_within_a_second(browser: Any, folder: Path) -> None:
    """The first sentence is on the screen within a second of opening, the heaviest file included."""
    page = opened(browser, folder / "all.html")
    before = time.perf_counter()
    page.goto((folder / "all.html").as_uri(), wait_until="commit")
    page.locator(".sentence >> visible=true").first.wait_for()
    assert time.perf_counter() - before < 1


def test_paper_shows_everything_in_light(browser: Any, folder: Path) -> None:
    """On paper the colours are light even at night, definitions and short tables are open, and nothing leaves the column."""
    page = opened(browser, folder / "full.html", color_scheme="dark", viewport={"width": 665, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()") == "#22211d"
    assert page.evaluate("document.documentElement.scrollWidth") <= 665
    heights = page.evaluate("[...document.querySelectorAll('.definition dl')].map(d => d.getBoundingClientRect().height)")
    assert heights
    assert min(heights) > 50
    assert page.locator(".watermark >> visible=true").count() == 1
    assert page.pdf(format="A4", prefer_css_page_size=True).startswith(b"%PDF")
