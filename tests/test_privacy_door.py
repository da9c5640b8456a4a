"""The entry gate."""

import pytest

from groundswell.errors import PrivacyError
from groundswell.model.source import Batch
from groundswell.model.trace import ActorKind, Message, Position, TieTrace, Trace
from groundswell.privacy.actors import classify
from groundswell.privacy.door import Door
from groundswell.privacy.identity import fold
from groundswell.privacy.optout import OptOut

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


def traces(door, actors, **other):
    """A batch of traces by these actors."""
    n = len(actors)
    columns = {"id": list(range(1, n + 1)), "version": [0] * n, "day": [None] * n, "actor": actors, "actor_kind": ["person"] * n}
    return Batch(Trace, {**columns, "place": [1] * n, "source": [door.source] * n, **other})


def test_a_pseudonym_the_door_did_not_make_is_refused():
    """A source cannot write a number of its own into a column of people: it could be a name in eight bytes."""
    door = Door(KEY, "git")
    ada = door.person(email="ada@example.test")
    assert door.admit(traces(door, [ada, 0])).columns["actor"] == [ada, 0]
    with pytest.raises(PrivacyError, match=r"git.Trace.actor: a pseudonym that the door did not make"):
        door.admit(traces(door, [int.from_bytes(b"AdaQuill", "big") >> 1]))


@pytest.mark.parametrize(("column", "value"), [("actor_kind", "Ada Quill"), ("source", "Ada Quill")])
def test_a_word_of_no_list_is_refused(column, value):
    """A source cannot write a name where a word of the codebook, or its own name, belongs; the error does not quote it."""
    door = Door(KEY, "git")
    with pytest.raises(PrivacyError, match=f"git.Trace.{column}") as raised:
        door.admit(traces(door, [0], **{column: [value]}))
    assert value not in str(raised.value)


@pytest.mark.parametrize("unit", ["ada@example.test", "1234567", "x" * 81, "two\nlines"])
def test_a_unit_that_looks_like_a_person_or_a_text_is_refused(unit):
    """Names of units are the company's own, but an address, an account number, a sentence or two lines are none."""
    door = Door(KEY, "org_chart")
    row = {"id": [1], "version": [0], "day": [None], "actor": [0], "unit": [unit], "manager": [0], "role": [""], "site": [""]}
    with pytest.raises(PrivacyError, match="unit"):
        door.admit(Batch(Position, {**row, "joined_on": [None], "left_on": [None], "source": ["org_chart"]}))


def test_who_opted_out_does_not_pass_the_door():
    """Their rows and messages go, a tie with them goes, others' replies and mentions no longer name them."""
    door = Door(KEY, "slack", OptOut(KEY).and_also(["email:ada@example.test"]))
    ada, bea = door.person(email="ada@example.test", native="T1:U1"), door.person(email="bea@example.test")
    assert door.admit(traces(door, [ada, bea])).columns["actor"] == [bea]
    ties = {"id": [1, 2], "version": [0, 0], "day": [None] * 2, "actor": [bea, bea], "whom": [ada, 0], "kind": ["reply"] * 2}
    assert door.admit(Batch(TieTrace, {**ties, "source": ["slack"] * 2})).columns["id"] == [2]
    said = {"id": [1, 2], "actor": [ada, bea], "reply_to": [0, ada], "mentions": [[], [ada, bea]], "text": ["mine", "hers"]}
    left = door.admit(Batch(Message, said)).columns
    assert (left["text"], left["reply_to"], left["mentions"]) == (["hers"], [0], [[bea]])


def test_who_opted_out_is_recognised_under_any_handle_met_with_a_known_one():
    """A native id first seen beside the address that opted out is left out too, and both are marked for the sweep."""
    door = Door(KEY, "slack", OptOut(KEY).and_also(["email:ada@example.test"]))
    door.person(email="ada@example.test", native="T1:U1")
    native = door.hashed("person", "native:T1:U1")
    marks = door.aliases().columns
    assert native in [other for other, strength in zip(marks["other"], marks["strength"], strict=True) if strength == "out"]


def test_nobody_is_left_out_without_a_list():
    """A door without opt-outs lets every row pass, unchanged."""
    door = Door(KEY, "git")
    batch = traces(door, [door.person(email="ada@example.test")])
    assert door.admit(batch) is batch
