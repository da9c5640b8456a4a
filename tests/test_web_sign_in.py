"""One signs in with what only one knows, nobody learns who has an account, and a session cannot be planted."""

import pytest

from groundswell.selfreport.accounts import Role, weakness
from web_company import PASSWORD, company


@pytest.fixture
def served(tmp_path):
    return company(tmp_path)


def test_a_stranger_is_led_to_the_door_and_back(served):
    """Whoever asks for a page without being signed in signs in first, and then gets what they asked for."""
    ada = served.joined("Ada")
    stranger = served.browser()
    answer = stranger.get("/?of=spring")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?onward=%2F%3Fof%3Dspring")
    door = stranger.get(answer.headers["location"])
    back = stranger.post("/sign-in", page=door, address=ada.address.upper(), password=PASSWORD, onward="/?of=spring")
    assert (back.status_code, back.headers["location"]) == (303, "/?of=spring")
    assert stranger.get("/").status_code == 200


def test_a_program_is_told_in_its_own_way(served):
    """Without a browser the answer is 401 and JSON, not a page."""
    answer = served.browser().get("/", headers={"accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json() == {"status": 401, "error": "Sign in first."}


def test_nobody_learns_who_has_an_account(served):
    """A wrong password and an address without account get the same answer."""
    ada = served.joined("Ada")
    answers = []
    for address in (ada.address, "nobody@lanterne.example"):
        stranger = served.browser()
        answers.append(stranger.post("/sign-in", page=stranger.get("/sign-in"), address=address, password=PASSWORD + "?"))
    assert [a.status_code for a in answers] == [403, 403]
    same = [a.text.replace(served.browser().token(a), "") for a in answers]
    assert len({text.partition("<main")[2].partition("csrf")[0] for text in same}) == 1


def test_a_session_ends(served):
    """A session is over after a week, and at once when one signs out."""
    ada = served.joined("Ada")
    assert ada.get("/").status_code == 200
    served.later(days=9)
    assert ada.get("/").status_code == 303
    bela = served.joined("Béla")
    kept = dict(bela.cookies)
    bela.post("/sign-out")
    thief = served.browser()
    thief.cookies.update(kept)
    assert thief.get("/").status_code == 303


def test_a_joining_link_opens_once(served):
    """A link makes one account; a second person, or a later one, is told to ask for another."""
    from groundswell.selfreport import accounts
    from groundswell.selfreport.base import writing

    with writing(served.book) as connection:
        secret, late = (accounts.welcome(connection, unit="", role=Role.MEMBER, leads=False, now=served.now) for _ in "ab")
    first, second = served.browser(), served.browser()
    form, other = first.get(f"/join/{secret}"), second.get(f"/join/{secret}")
    made = first.post(f"/join/{secret}", page=form, name="Ada", address="ada@lanterne.example", password=PASSWORD)
    assert made.status_code == 200
    again = second.post(f"/join/{secret}", page=other, name="Eve", address="eve@lanterne.example", password=PASSWORD)
    assert again.status_code == 404
    served.later(days=8)
    assert second.get(f"/join/{late}").status_code == 404


def test_the_recovery_code_works_once_and_ends_every_session(served):
    """With the code shown at joining one sets a new password, and whoever was signed in before is not any more."""
    import re

    from groundswell.selfreport import accounts
    from groundswell.selfreport.base import writing

    with writing(served.book) as connection:
        secret = accounts.welcome(connection, unit="", role=Role.MEMBER, leads=False, now=served.now)
    ada = served.browser()
    made = ada.post(
        f"/join/{secret}", page=ada.get(f"/join/{secret}"), name="Ada", address="ada@lanterne.example", password=PASSWORD
    )
    code = re.search(r"<pre[^>]*>([\w-]+)</pre>", made.text)[1]
    elsewhere = served.browser()
    form = {"address": "ada@lanterne.example", "code": code, "password": "the otter sleeps at noon"}
    new = elsewhere.post("/recover", page=elsewhere.get("/recover"), **form)
    assert new.status_code == 200
    assert ada.get("/").status_code == 303
    assert elsewhere.get("/").status_code == 200
    third = served.browser()
    assert third.post("/recover", page=third.get("/recover"), **form).status_code == 403


@pytest.mark.parametrize("password", ["short", "password1234", "adaadaadaada", "aaaaaaaaaaaaaaa", "lindqvist.ada", "x" * 201])
def test_what_is_guessed_first_is_no_password(password):
    """Short, common, repeated and one's own name are refused with a reason."""
    assert weakness(password, address="ada.lindqvist@lanterne.example", name="Ada Lindqvist")
    assert weakness(PASSWORD, address="ada.lindqvist@lanterne.example", name="Ada Lindqvist") is None
