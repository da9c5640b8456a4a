"""The entry gate."""

import json
import os
import stat

import pytest

from groundswell.errors import PrivacyError
from groundswell.model.trace import ActorKind
from groundswell.privacy.actors import classify
from groundswell.privacy.door import Door
from groundswell.privacy.identity import fold
from groundswell.privacy.keyring import open_key

KEY = bytes(range(32))


def test_a_pseudonym_needs_the_key():
    """The same handle gives the same number under one key and another under another, so names cannot be guessed back."""
    one = Door(KEY, "git").person(email="ada@example.test")
    assert one == Door(KEY, "slack").person(email="ADA@example.test")
    assert one != Door(bytes(32), "git").person(email="ada@example.test")


def test_pseudonyms_fit_a_signed_64_bit_column_and_are_never_nobody():
    """Every hash is in 1 .. 2**63 - 1; no handle at all is 0."""
    door = Door(KEY, "git")
    numbers = [door.person(email=f"p{n}@example.test") for n in range(2_000)]
    assert all(0 < n < 2**63 for n in numbers)
    assert len(set(numbers)) == len(numbers)
    assert door.person() == door.person(name="Ada") == 0


def test_handles_met_together_become_one_person():
    """Address, login and native id of one account fold into one person through the aliases the door hands out."""
    door = Door(KEY, "slack")
    door.person(email="ada@example.test", name="Ada Quill", native="T1:U1")
    door.person(login="adaq", name="Ada Quill")
    rows = door.aliases().columns
    pairs = list(zip(rows["one"], rows["other"], rows["strength"], strict=True))
    persons = fold(
        [(a, b) for a, b, s in pairs if s == "strong"],
        [(a, b) for a, b, s in pairs if s == "name"],
    )
    one, two, three = (door.person(**h) for h in ({"native": "T1:U1"}, {"login": "AdaQ"}, {"email": "ada@example.test"}))
    assert persons[one] == persons[two] == persons[three]


@pytest.mark.parametrize(
    ("handles", "kind", "tool"),
    [
        ({"email": "devin.oak@example.test", "name": "Devin Oak"}, ActorKind.PERSON, ""),
        ({"email": "claude.dupre@example.test", "name": "Claude Dupré"}, ActorKind.PERSON, ""),
        ({"email": "m@example.test", "name": "GardenerBot"}, ActorKind.PERSON, ""),
        ({"email": "m@example.test", "name": "release robot"}, ActorKind.BOT, ""),
        ({"email": "49699333+dependabot[bot]@users.noreply.github.com"}, ActorKind.BOT, ""),
        ({"email": "noreply@anthropic.com", "name": "Claude"}, ActorKind.AGENT, "claude"),
        ({"email": "noreply@anthropic.com", "name": "GPT-5"}, ActorKind.AGENT, "chatgpt"),
        ({"email": "158243242+devin-ai-integration[bot]@users.noreply.github.com"}, ActorKind.AGENT, "devin"),
        ({"email": "175728472+Copilot@users.noreply.github.com"}, ActorKind.AGENT, "copilot"),
    ],
)
def test_people_bots_and_agents_are_told_apart(handles, kind, tool):
    """Addresses decide, never a bare first name; a name that names another tool is believed over the mailbox."""
    actor = classify(**handles)
    assert (actor.kind, actor.tool) == (kind, tool)


def test_an_accepted_review_suggestion_is_not_the_author_s_agent():
    """The review robot's address is told from the coding agent's, though both are called Copilot."""
    assert classify("175728472+Copilot@users.noreply.github.com").review
    assert not classify("198982749+Copilot@users.noreply.github.com").review


def test_the_key_is_its_owner_s_alone(tmp_path):
    """A new key file is made whole, with owner-only rights, and read back the same."""
    path = tmp_path / "keys" / "key"
    key = open_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key(path) == key
    assert len(key) == 32
    assert os.listdir(path.parent) == ["key"]


def test_a_key_others_may_read_is_refused(tmp_path):
    """A key file open to the group is not used."""
    path = tmp_path / "key"
    open_key(path)
    path.chmod(0o640)
    with pytest.raises(PrivacyError, match="others may read"):
        open_key(path)


@pytest.mark.parametrize("content", ["", "{}", '{"key": "abc"}', json.dumps({"key": "00" * 31})])
def test_a_broken_key_file_is_named(tmp_path, content):
    """A file that holds no whole key is refused with its name, never replaced: the old key may be recovered."""
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(PrivacyError, match=str(path)):
        open_key(path)
    assert path.read_text() == content


def test_a_key_inside_the_store_is_refused(tmp_path):
    """The key never travels with the data."""
    with pytest.raises(PrivacyError, match="inside the store"):
        open_key(tmp_path / "store" / "key", store=tmp_path / "store")
