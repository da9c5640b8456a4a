"""A server is set by its environment or by files; what is wrong is said by its name, never with its value."""

import threading

import pytest

from groundswell.errors import InputError
from groundswell.selfreport.settings import from_environment


def environment(folder, **more):
    """The least there must be, and more."""
    return {"GROUNDSWELL_COMPANY": str(folder), **{f"GROUNDSWELL_{name}": value for name, value in more.items()}}


def test_every_variable_may_be_a_file(tmp_path):
    """NAME_FILE names a file whose content counts as NAME's value, without its last line end."""
    (tmp_path / "word").write_text("a secret of forty characters, made at random\n")
    told = from_environment(environment(tmp_path, SECRET_FILE=str(tmp_path / "word")))
    assert told.secret == b"a secret of forty characters, made at random"
    with pytest.raises(InputError, match="GROUNDSWELL_SECRET_FILE"):
        from_environment(environment(tmp_path, SECRET_FILE=str(tmp_path / "none")))


def test_without_a_secret_one_is_made_once(tmp_path):
    """Workers that start at once get the same secret, which only its owner may read."""
    made = []
    threads = [threading.Thread(target=lambda: made.append(from_environment(environment(tmp_path)).secret)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(set(made)) == 1
    assert len(made) == 8
    assert len(made[0]) > 40
    assert (tmp_path / "serve" / "secret").stat().st_mode & 0o077 == 0
    assert [p.name for p in (tmp_path / "serve").iterdir()] == ["secret"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET", "short"),
        ("ORIGIN", "ftp://groundswell.company.example"),
        ("ORIGIN", "https://user:opensesame@groundswell.company.example"),
        ("ORIGIN", "https://groundswell.company.example/path"),
        ("READS_A_MINUTE", "many"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, value):
    """A setting of another form is named with what was expected, and no secret is quoted."""
    with pytest.raises(InputError, match=f"GROUNDSWELL_{name}") as told:
        from_environment(environment(tmp_path, **{name: value}))
    assert "opensesame" not in str(told.value)
    assert "short" not in str(told.value) or "too short" in str(told.value)


def test_a_provider_needs_its_number(tmp_path):
    """An issuer without a client is refused; with one, claims and stewards are read."""
    with pytest.raises(InputError, match="OIDC_CLIENT"):
        from_environment(environment(tmp_path, OIDC_ISSUER="https://id.company.example/"))
    more = {"OIDC_CLIENT": "7", "OIDC_UNIT_CLAIM": "team", "STEWARDS": "Ada@company.example, sub-9"}
    told = from_environment(environment(tmp_path, OIDC_ISSUER="https://id.company.example/", **more))
    assert told.oidc is not None
    assert (told.oidc.issuer, told.oidc.unit_claim) == ("https://id.company.example", "team")
    assert told.stewards == {"ada@company.example", "sub-9"}


def test_settings_can_be_shown_without_their_secrets(tmp_path):
    """Printed, as a failure might, settings hold no secret and no address of a database."""
    more = {"SECRET": "x" * 40, "DATABASE": "postgresql://ada:opensesame@db/x", "OIDC_SECRET": "opensesame2"}
    told = from_environment(environment(tmp_path, OIDC_ISSUER="https://id", OIDC_CLIENT="7", **more))
    assert "opensesame" not in repr(told)
    assert "xxxx" not in repr(told)
