"""Pages as they were when somebody last looked at them, in three languages."""

import difflib
import re
from pathlib import Path

import pytest

import report_samples as samples
from groundswell.report.forms import to_json, to_markdown
from groundswell.report.render import render, render_pair

FOLDER = Path(__file__).parent / "pages"


def trimmed(html: str) -> str:
    """The page without style and drawings, whose tests are elsewhere and whose digits may change with the drawing library."""
    html = re.sub(r"<style>.*?</style>", "<style></style>", html, flags=re.DOTALL)
    html = re.sub(r'(<div class="(?:wide|narrow)"[^>]*>)<svg.*?</svg>(?=</div>)', r"\1", html, flags=re.DOTALL)
    return re.sub(r"\n\s*\n+", "\n", html)


def pages() -> dict[str, str]:
    """File name -> content."""
    found = {
        f"{name}.{lang}.html": trimmed(render(page, lang=lang))
        for name, page in {"full": samples.full(), "git-only": samples.git_only()}.items()
        for lang in ("en", "fr", "vi")
    }
    found["pair.en.html"] = trimmed(render_pair(samples.pair()))
    found["full.en.md"] = to_markdown(samples.full())
    found["git-only.json"] = to_json(samples.git_only()) + "\n"
    return found


PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_as_it_was_looked_at(name: str, update_golden: bool) -> None:
    """A page changes only on purpose: `python -m pytest tests/golden --update-golden`, then look at the difference."""
    path = FOLDER / name
    if update_golden:
        FOLDER.mkdir(exist_ok=True)
        path.write_text(PAGES[name], encoding="utf-8")
    expected = path.read_text(encoding="utf-8").splitlines()
    changes = list(difflib.unified_diff(expected, PAGES[name].splitlines(), "looked at", "now", lineterm="", n=0))
    assert not changes, "\n".join(changes[:40])


def test_no_golden_page_is_left_over() -> None:
    """Every golden file is compared with something."""
    assert {path.name for path in FOLDER.iterdir()} == set(PAGES)
