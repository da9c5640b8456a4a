"""The server does what its own OpenAPI description says, whatever it is sent: Schemathesis, in this process, from one seed."""

import warnings

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies

from groundswell.selfreport.accounts import Role
from groundswell.web.security import csrf_token
from web_company import company

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the libraries it brings along
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server somebody who may do everything has signed in to."""
    served = company(tmp_path_factory.mktemp("company"))
    served.ada = served.joined("Ada", role=Role.STEWARD, leads=True)
    served.ada.post("/logbook", title="A job", tool="Claude", outcome="kept", visible="everyone")
    return served


def operations(app):
    """Every operation of the server's own description."""
    description = schemathesis.openapi.from_asgi("/openapi.json", app, headers={"host": "127.0.0.1:8700"})
    return [found.ok() for found in description.get_all_operations()]


def _sent(case, served):
    """Send a case as the browser of a member does: with its cookie, and with its token in what it posts."""
    cookie = served.ada.cookies["session"]
    headers = {"host": "127.0.0.1:8700", "x-csrf-token": csrf_token(served.settings, cookie)}
    if case.path in ("/me/erase", "/me/sign-out-everywhere", "/sign-out"):
        headers.pop("x-csrf-token")  # would end what every other case needs
    return case.call(headers=headers, cookies={"session": cookie})


@pytest.mark.slow
def test_every_door_keeps_its_description(served):
    """No input makes a door fail, answer with a status, a type or a shape that the description does not have."""
    doors = operations(served.app)
    assert len(doors) > 30
    for door in doors:
        _try(door, served)


def _try(door, served):
    """Send what the description allows and what it does not, always the same."""

    @seed(7)
    @settings(
        max_examples=15,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategies.one_of(door.as_strategy(), door.as_strategy(generation_mode=GenerationMode.NEGATIVE)))
    def every(case):
        served.later(minutes=1)
        case.validate_response(_sent(case, served), checks=CHECKS)

    every()


def test_the_description_names_every_door(served):
    """Each route stands in the description with a summary and the shape of its refusals."""
    described = served.app.openapi()
    assert len(described["paths"]) > 25
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (path, method)
            assert "404" in operation["responses"], (path, method)
            assert operation["responses"]["403"]["content"]["application/json"]["schema"]["required"] == ["status", "error"]


def test_what_goes_well_is_described(served):
    """The answers of ordinary use are in the description too, not the refusals alone."""
    paths = served.app.openapi()["paths"]
    told = {"title": "A job", "tool": "Claude", "outcome": "kept", "visible": "everyone"}
    done = {
        "/logbook": served.ada.post("/logbook", **told),
        "/charter/grants": served.ada.post("/charter/grants", kind="hours", amount="2", everyone="true"),
        "/charter/used": served.ada.post("/charter/used"),
        "/welcome": served.ada.post("/welcome", people="2"),
    }
    assert {answer.status_code for answer in done.values()} == {200, 303}
    for path, answer in done.items():
        assert str(answer.status_code) in paths[path]["post"]["responses"], path
