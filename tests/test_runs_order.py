"""A drawn order: entered before it starts, dealt out evenly by lot, and found by the measure that needs it."""

import shutil
from datetime import UTC, date, datetime

import pytest

from groundswell.errors import InputError, PrivacyError
from groundswell.model.measure import Verdict
from groundswell.privacy import record
from groundswell.privacy.charter import Charter
from groundswell.runs.folder import Folder, init, measure
from groundswell.runs.order import ORDER, draw, draw_joined, drawn
from groundswell.selfreport import joining
from groundswell.selfreport.accounts import Member, Role
from groundswell.selfreport.base import open_book, reading, writing
from groundswell.selfreport.settings import default_database
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.traces import event_batches
from groundswell.simulation.world import simulate
from groundswell.store.manifest import Intake

BEFORE, AFTER = datetime(2025, 1, 20, tzinfo=UTC), datetime(2026, 1, 9, tzinfo=UTC)
STARTS = [date(2025, 4, 7), date(2025, 9, 1)]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a company of 90 people, and the names of its units."""
    folder = Folder(tmp_path_factory.mktemp("order") / "company")
    init(folder, Charter(), now=BEFORE)
    world = simulate(people=90, weeks=50, policy=Policy.BOTH, seed=8, dials=Dials(announcements=8.0, team_size=6))
    store = folder.store()
    with store.writing():
        store.commit(store.draft(event_batches(world, labels=200)), Intake("digest", "simulated", {}, {}, {}))
        store.settle()
    return folder, [u for u in world.company.units if "management" not in u.lower()]


def test_order_is_dealt_out_evenly_and_stands_in_the_record(made):
    """Half of the units begin on each of two days, and the record holds it, dated before the first."""
    folder, units = made
    order = draw(folder, units[:10], STARTS, now=BEFORE)
    assert sorted(order) == sorted(units[:10])
    assert sorted(order.values()).count(STARTS[0]) == 5
    entry = next(e for e in record.verify(folder.record_file) if e.kind == ORDER)
    assert entry.at < STARTS[0].isoformat()
    table = drawn(folder.record_file).to_pylist()
    assert {row["unit"]: row["start_day"] for row in table} == order
    assert {row["drawn_on"] for row in table} == {BEFORE.date()}


@pytest.mark.slow
def test_page_compares_groups_in_the_drawn_order(made):
    """Once an order was drawn, the page no longer says that none was; whatever it says names its reason or its numbers."""
    folder, units = made
    if drawn(folder.record_file) is None:
        draw(folder, units[:10], STARTS, now=BEFORE)
    found = next(f for f in measure(folder, now=AFTER).findings if f.measure == "phase_in")
    assert all(r.verdict is not Verdict.WITHHELD or r.reason.text != "no drawn order was found" for r in found.results)
    assert {r.key for r in found.results} == {"follow_through_effect", "life_effect"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"units": 7}, "7 different units"),
        ({"starts": [date(2026, 4, 7)]}, "two or more different days"),
        ({"starts": [date(2020, 4, 7), date(2026, 4, 7)]}, "all after today"),
        ({"strange": "Nowhere 9"}, "no unit Nowhere 9"),
    ],
)
def test_what_is_no_fair_order_is_refused(made, change, words):
    """Too few units, one start, a day that is past, or a unit nobody knows: refused with what was expected."""
    folder, units = made
    chosen = units[: change.get("units", 9)] + ([change["strange"]] if "strange" in change else [])
    with pytest.raises(InputError, match=words):
        draw(folder, chosen, change.get("starts", [date(2026, 4, 7), date(2026, 5, 4)]), now=AFTER)


def test_drawing_again_until_one_pleases_is_refused(made):
    """While an order is still running no other is drawn; once its last unit has begun, one may be."""
    folder, units = made
    if drawn(folder.record_file) is None:
        draw(folder, units[:10], STARTS, now=BEFORE)
    with pytest.raises(InputError, match="still running"):
        draw(folder, units[:10], STARTS, now=datetime(2025, 3, 1, tzinfo=UTC))


def test_changed_order_is_seen(made, tmp_path):
    """An order rewritten by hand breaks the chain of the record."""
    folder, units = made
    if drawn(folder.record_file) is None:
        draw(folder, units[:10], STARTS, now=BEFORE)
    copy = tmp_path / "record.jsonl"
    text = folder.record_file.read_text("utf8")
    copy.write_text(text.replace("2025-04-07", "2025-04-14"), "utf8")
    with pytest.raises(PrivacyError):
        drawn(copy)


def test_teams_that_joined_are_drawn_and_read_their_day(made, tmp_path):
    """Units that said on the server that they take part are drawn with those named, once each, and their book says the day."""
    folder, units = made
    shutil.copytree(folder.path, tmp_path / "company")
    own, book = Folder(tmp_path / "company"), open_book(default_database(tmp_path / "company"))
    with writing(book) as connection:
        for unit in units[:7]:
            joining.join(connection, Member("a", "Ada", unit, Role.MEMBER, leads=True), now=AFTER)
    starts = [date(2026, 2, 2), date(2026, 3, 2)]
    with pytest.raises(InputError, match="7 different units"):
        draw_joined(own, book, [], starts, now=AFTER)
    order = draw_joined(own, book, units[6:9], starts, now=AFTER)
    assert sorted(order) == sorted(units[:9])
    with reading(book) as connection:
        assert joining.standing(connection, units[0]) == joining.Standing(True, order[units[0]], 7)
        assert joining.waiting(connection) == []
