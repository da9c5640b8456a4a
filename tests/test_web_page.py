"""The page everybody sees: the latest release with those before it, in the reader's language, able to load nothing."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

import report_samples as samples
from groundswell.runs.folder import Folder
from groundswell.runs.releases import keep, kept
from web_company import ORIGIN, company


def draw(page, lang):
    """A page drawn quickly."""
    head = f'<html lang="{lang}"><head><style>p {{ color: red }}</style></head>'
    return f'{head}<body class="x"><p>{page.company} {lang}</p></body></html>'


@pytest.fixture
def folder(tmp_path):
    """A folder with two releases and a trial."""
    place = Folder(tmp_path)
    page = replace(samples.git_only(), trial=False, company="Lanterne")
    keep(place, replace(page, end=date(2025, 12, 31)), now=datetime(2026, 1, 5, tzinfo=UTC), render=draw)
    keep(place, replace(page, end=date(2026, 3, 31)), now=datetime(2026, 4, 2, tzinfo=UTC), render=draw)
    keep(place, replace(page, trial=True), now=datetime(2026, 5, 1, tzinfo=UTC), render=draw)
    return place


def test_a_release_made_again_takes_its_own_place(folder):
    """A quarter has one page, the trial too; earlier quarters stay; files are their owner's alone."""
    page = replace(samples.git_only(), trial=False, end=date(2026, 3, 31))
    keep(folder, page, now=datetime(2026, 4, 9, tzinfo=UTC), render=draw)
    keep(folder, replace(page, trial=True), now=datetime(2026, 5, 2, tzinfo=UTC), render=draw)
    assert [(k.which, k.day.isoformat()) for k in kept(folder)] == [
        ("trial", "2026-05-02"),
        ("2026-Q1", "2026-04-09"),
        ("2025-Q4", "2026-01-05"),
    ]
    assert (folder.path / "pages").stat().st_mode & 0o077 == 0


def test_everybody_sees_the_latest_and_those_before(folder):
    """The latest comes first, each opens in the reader's language, and a member and a steward see the same."""
    served = company(folder.path)
    ada = served.joined("Ada", leads=True)
    page = ada.get("/page").text
    assert page.index("/page/trial") < page.index("/page/2026-Q1") < page.index("/page/2025-Q4")
    assert "Lanterne fr" in ada.get("/page/2026-Q1", headers={"accept-language": "fr-FR"}).text
    assert ada.get("/page/2026-Q1").text == served.joined("Béla", unit="Sales").get("/page/2026-Q1").text
    assert ada.get("/page/2020-Q1").status_code == 404
    assert ada.get("/page/..%2fserve").status_code in (404, 422)


def test_a_trial_is_not_for_circulation(folder):
    """A server others can reach shows no trial, in the list or by its address."""
    served = company(folder.path, origin="https://groundswell.lanterne.example")
    ada = served.joined("Ada")
    assert "trial" not in ada.get("/page").text
    assert ada.get("/page/trial").status_code == 404


def test_it_may_load_its_own_style_and_nothing_else(folder):
    """The policy names the hash of the page's own style, and there is a way back in the page."""
    ada = company(folder.path).joined("Ada")
    answer = ada.get("/page/2026-Q1")
    policy = answer.headers["content-security-policy"]
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)[1]
    assert f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'" in policy
    assert "unsafe" not in policy
    assert 'href="/page"' in answer.text
    assert ORIGIN not in answer.text
