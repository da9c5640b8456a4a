"""Signing in with a provider of identities that runs on loopback, as a browser does, and what must not get in by it."""

import re
import warnings
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from groundswell.selfreport.accounts import Role
from groundswell.selfreport.settings import Oidc
from groundswell.web.security import csrf_token
from web_company import company

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the stand-in uses modules its own library calls old
    from oidc_provider_mock import User, run_server_in_thread

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the stand-in's own, in its thread

ADA = {"name": "Ada Lindqvist", "email": "ada@lanterne.example", "email_verified": True, "team": "Support", "lead": True}
PEOPLE = [
    User(sub="ada-1", claims=ADA),
    User(sub="eve-1", claims={"name": "Eve", "email": "steward@lanterne.example", "email_verified": False, "team": "Sales"}),
    User(sub="sten-1", claims={"name": "Sten", "email": "steward@lanterne.example", "email_verified": True, "team": "IT"}),
]


@pytest.fixture(scope="module")
def provider():
    """A provider on loopback."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with run_server_in_thread(user_claims=PEOPLE) as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture
def served(provider, tmp_path):
    oidc = Oidc(issuer=provider, client="groundswell", secret="of the client", unit_claim="team", leads_claim="lead")  # noqa: S106
    return company(tmp_path, oidc=oidc, stewards=frozenset({"steward@lanterne.example"}))


def begin(browser, onward="/"):
    """Go to the provider; its address with all that was sent along."""
    answer = browser.get("/sign-in/provider", params={"onward": onward})
    assert answer.status_code == 303
    return answer.headers["location"]


def vouched(address, sub):
    """Sign in at the provider as a person does on its page; the path it sends back to."""
    answer = httpx2.post(address, data={"sub": sub}, follow_redirects=False)
    assert answer.status_code in (302, 303), answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def came_in(served, sub, onward="/"):
    """A browser that went all the way."""
    browser = served.browser()
    answer = browser.get(vouched(begin(browser, onward), sub))
    return browser, answer


def test_one_comes_in_with_the_companys_account(served):
    """Name, team and whether one leads come from the provider, and one goes on to where one was going."""
    ada, answer = came_in(served, "ada-1", "/charter?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/charter?x=1")
    page = ada.get("/charter").text
    assert "Ada Lindqvist" in page
    assert "Grant room" in page
    assert "Team Support." in ada.get("/me").text


def test_the_request_carries_pkce_state_and_nonce(served):
    """Each sign-in has a challenge of its own by SHA-256, a state and a nonce; no two are alike."""
    asked = [parse_qs(urlsplit(begin(served.browser())).query) for _ in range(2)]
    for one in asked:
        assert one["code_challenge_method"] == ["S256"]
        assert one["response_type"] == ["code"]
    for field in ("code_challenge", "state", "nonce"):
        assert asked[0][field] != asked[1][field]


@pytest.mark.parametrize("change", ["state", "code", "none"])
def test_a_wrong_state_or_code_is_refused_cleanly(served, change):
    """A state of somebody else's, a made-up code, or neither gets 400 and a sentence, never a failure of ours."""
    browser = served.browser()
    back = vouched(begin(browser), "ada-1")
    wrong = "/sign-in/provider/back" if change == "none" else re.sub(rf"{change}=[^&]+", f"{change}=made-up", back)
    answer = browser.get(wrong)
    assert answer.status_code == 400
    assert "Begin again" in answer.text
    assert browser.get("/").status_code == 303


def test_a_code_works_once_and_in_the_browser_that_asked(served):
    """Somebody else's link back signs nobody in (login CSRF), and neither does the same one again."""
    ada, eve = served.browser(), served.browser()
    back = vouched(begin(ada), "ada-1")
    begin(eve)
    assert eve.get(back).status_code == 400
    assert ada.get(back).status_code == 303
    assert ada.get(back).status_code == 400


def test_an_address_nobody_verified_makes_no_steward(served):
    """The steward's address makes a steward only where the provider has verified it."""
    eve, _ = came_in(served, "eve-1")
    assert eve.get("/welcome").status_code == 403
    sten, _ = came_in(served, "sten-1")
    assert sten.get("/welcome").status_code == 200
    assert Role.STEWARD == "steward"


def test_the_same_person_stays_the_same(served):
    """A second sign-in finds the account of the first, and what was told by name is theirs again."""
    ada, _ = came_in(served, "ada-1")
    where = ada.post("/logbook", title="A job", tool="Claude", outcome="kept", visible="me").headers["location"]
    again, _ = came_in(served, "ada-1")
    assert again.get(where).status_code == 200


def test_there_is_no_second_way_in(served):
    """With a provider there are no passwords, no joining links, no passkeys of ours."""
    stranger = served.browser()
    page = stranger.get("/sign-in")
    assert 'type="password"' not in page.text
    for path in ("/join/" + "x" * 43, "/recover"):
        assert stranger.get(path).status_code == 404
    own = csrf_token(served.settings, stranger.cookies["visit"])
    form = {"address": "ada@lanterne.example", "password": "x" * 12, "csrf": own}
    assert stranger.post("/sign-in", plain=True, **form).status_code == 404


def test_a_provider_that_is_down_is_said(tmp_path):
    """If the provider cannot be reached, a sentence says so."""
    served = company(tmp_path, oidc=Oidc(issuer="http://127.0.0.1:9", client="x"))
    answer = served.browser().get("/sign-in/provider")
    assert answer.status_code == 400
    assert "cannot be reached" in answer.text
