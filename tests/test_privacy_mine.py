"""What is held about one person: shown, erased, left out for good."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from groundswell.errors import InputError, PrivacyError
from groundswell.privacy import record
from groundswell.privacy.charter import Charter
from groundswell.privacy.door import Door
from groundswell.privacy.keyring import open_keys
from groundswell.runs import sweep as sweeping
from groundswell.runs.folder import Folder, init, measure, read
from groundswell.runs.mine import Wish, mine
from groundswell.runs.subject import Handles
from groundswell.runs.sweep import actors_of, handles_of, persons_of
from groundswell.store.schema import TABLES

SAMPLES = Path(__file__).parent / "data" / "sources"
NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 5, 2, 9, tzinfo=UTC)


class Company:
    """A company folder with its keys, and one person who is in several of its exports."""

    def __init__(self, place):
        self.folder = Folder(place / "company")
        self.key_file = place / "key"

    def keys(self, now=NOW):
        """The keys at a moment."""
        return open_keys(self.key_file, now=now)

    def read(self, *paths, now=NOW):
        """Read exports."""
        keys = self.keys(now)
        return read(self.folder, paths, key=keys.key, opt_out_key=keys.opt_out, now=now)

    def mine(self, wish=Wish.SEE, now=NOW, **handles):
        """What is held about a person."""
        return mine(self.folder, Handles(**handles), wish, keys=self.keys(now), now=now)

    def numbers(self):
        """Every whole number in every stored column."""
        found = set()
        for table in TABLES:
            for file in self.folder.store().files(table):
                for column in pq.read_table(file, partitioning=None).columns:
                    found.update(v for v in column.to_pylist() if isinstance(v, int))
        return found


@pytest.fixture(scope="module")
def read_once(tmp_path_factory):
    """A company whose chats, org chart and usage log were read."""
    place = tmp_path_factory.mktemp("read once")
    made = Company(place)
    init(made.folder, Charter(), now=NOW)
    made.read(SAMPLES / "slack" / "export", SAMPLES / "org_chart" / "people.csv", SAMPLES / "mattermost", SAMPLES / "litellm")
    return place


@pytest.fixture
def company(read_once, tmp_path):
    """A copy of it, so that each test may erase in its own."""
    shutil.copytree(read_once, tmp_path, dirs_exist_ok=True)
    return Company(tmp_path)


def emails():
    """Addresses in the samples that were read, from their lists of names."""
    lines = [line.strip() for s in ("slack", "org_chart", "mattermost", "litellm")
             for line in (SAMPLES / s / "names.txt").read_text("utf8").splitlines()]  # fmt: skip
    return sorted({line for line in lines if "@" in line and " " not in line})


def somebody(company):
    """An address with rows of its own in at least two tables and named in rows of others."""
    door = Door(company.keys().key, "test")
    persons = persons_of(company.folder.store())
    for email in emails():
        number = door.person(email=email)
        if number in persons:
            held = company.mine(email=email)
            if sum(map(bool, held.rows.values())) >= 2 and sum(held.named.values()):
                return email, handles_of(company.folder.store(), {number})
    raise AssertionError("no sample holds such a person")


def test_a_person_sees_what_is_held_and_nothing_of_others(company):
    """Every row of theirs is shown, with its day and tool; no pseudonym, no hash, no row of anybody else; others' rows are
    counted only."""
    email, handles = somebody(company)
    held = company.mine(email=email)
    own = 0
    for table in TABLES:
        for file in company.folder.store().files(table):
            own += sum(row.get("actor") in handles for row in pq.read_table(file, partitioning=None).to_pylist())
    assert sum(map(len, held.rows.values())) == own > 0
    told = json.dumps([held.rows, held.named])
    assert not [n for n in company.numbers() if n > 2**40 and str(n) in told]
    assert not {"actor", "whom", "manager", "place", "id"} & {name for rows in held.rows.values() for row in rows for name in row}


def test_looking_is_recorded_without_whom(company):
    """The record grows by one entry that names neither handle nor pseudonym, so does a look at nobody."""
    before = len(record.verify(company.folder.record_file))
    email, handles = somebody(company)
    company.mine(email="nobody@invented.example")
    entries = record.verify(company.folder.record_file)[before:]
    assert {e.kind for e in entries} == {"mine"}
    assert all(dict(e.facts) == {"what": "shown"} for e in entries)
    raw = company.folder.record_file.read_text()
    assert email not in raw
    assert not [h for h in handles if str(h) in raw]


def test_nothing_remains_of_who_was_erased(company):
    """After --erase no file of the folder holds any of their pseudonyms, in any column; other people's rows are there."""
    email, handles = somebody(company)
    everyone = actors_of(company.folder.store())
    assert handles & company.numbers(), "the person was there"
    held = company.mine(Wish.ERASE, email=email)
    assert held.files > 0
    assert not handles & company.numbers()
    assert actors_of(company.folder.store()) == everyone - handles
    assert not company.mine(email=email).anything
    live = {p.name for t in TABLES for p in company.folder.store().files(t)}
    on_disk = {p.name for p in company.folder.store_folder.rglob("*.parquet")}
    assert on_disk == live, "no old file is left"


def test_planted_an_erasure_that_forgets_a_column_is_seen(company, monkeypatch):
    """If others' rows kept naming the person, the test above would see it: the fault is planted."""
    email, handles = somebody(company)
    monkeypatch.setattr(sweeping, "POINTERS", {})
    company.mine(Wish.ERASE, email=email)
    assert handles & company.numbers(), "a pointer from another person's row is left"


def test_a_person_who_opted_out_stays_out(company, tmp_path):
    """After --opt-out the same people in a new export are taken in, the person is not: no row, no number of theirs, under any
    handle that was known; the erased alone would have come back."""
    email, handles = somebody(company)
    copy = tmp_path / "later"
    for sample in ("slack/export", "org_chart", "mattermost", "litellm"):
        shutil.copytree(SAMPLES / sample, copy / sample)
    for file in (p for p in copy.rglob("*") if p.suffix in {".csv", ".json", ".jsonl"} and p.is_file()):
        file.write_bytes(file.read_bytes() + b"\n")  # other bytes, same content: read again
    company.mine(Wish.ERASE, email=email)
    company.read(copy)
    assert handles & company.numbers(), "who was only erased comes back with a new export"
    company.mine(Wish.OPT_OUT, email=email)
    again = tmp_path / "again"
    shutil.copytree(copy, again)
    for file in (p for p in again.rglob("*") if p.suffix in {".csv", ".json", ".jsonl"} and p.is_file()):
        file.write_bytes(file.read_bytes() + b"\n")
    report = company.read(again)
    assert report.tallies
    assert not handles & company.numbers()
    assert not company.mine(email=email).anything


def test_an_opt_out_outlives_the_key(company):
    """With the key of the next twelve months the person is still recognised at the door and left out."""
    email, _ = somebody(company)
    company.mine(Wish.OPT_OUT, email=email)
    company.read(
        *(SAMPLES / sample for sample in ("slack/export", "org_chart/people.csv", "mattermost", "litellm")), now=NEXT_YEAR
    )
    new = Door(company.keys(NEXT_YEAR).key, "test").person(email=email)
    assert len(company.folder.epochs()) == 2
    assert new not in company.numbers()
    others = {Door(company.keys(NEXT_YEAR).key, "test").person(email=e) for e in emails()} & company.numbers()
    assert others, "other people were read"


def test_tables_that_could_not_be_searched_are_told(company):
    """With the key of last year gone a person is not found in its tables, and is told so; put back from its parts, they are."""
    from groundswell.privacy.keyring import destroy, join, split

    email, handles = somebody(company)
    parts = split(company.keys())
    company.read(SAMPLES / "litellm", now=NEXT_YEAR)
    destroy(company.key_file, NOW.date())
    held = company.mine(Wish.OPT_OUT, now=NEXT_YEAR, email=email)
    assert held.unsearched == (NOW.date().isoformat(),)
    old = company.folder.store_folder / company.folder.epochs()[0]
    assert handles & pseudonyms_in(old), "they are still there"
    join(parts[:2], company.key_file)
    assert company.mine(Wish.OPT_OUT, now=NEXT_YEAR, email=email).unsearched == ()
    assert not handles & pseudonyms_in(old)


def pseudonyms_in(folder):
    """Every whole number in every file of a store's folder."""
    columns = [c for file in folder.rglob("*.parquet") for c in pq.read_table(file, partitioning=None).columns]
    return {v for column in columns for v in column.to_pylist() if isinstance(v, int)}


def test_the_tables_of_two_keys_cannot_be_joined(company):
    """After twelve months no pseudonym, place or thread of the old tables stands in the new ones; the old key reads no more."""
    before = {n for n in company.numbers() if n > 2**40}
    old = company.keys()
    company.read(SAMPLES / "slack" / "export", now=NEXT_YEAR)
    after = {n for n in company.numbers() if n > 2**40}
    micros = {n for n in before & after if 1.5e15 < n < 2e15}  # versions are instants, not pseudonyms
    assert before
    assert after
    assert before & after == micros
    with pytest.raises(PrivacyError, match="epoch that is over"):
        read(company.folder, [SAMPLES / "slack" / "export"], key=old.key, opt_out_key=old.opt_out, now=NEXT_YEAR)


def test_opt_outs_without_their_key_stop_the_reading(company):
    """Whoever reads without the key of the opt-outs is stopped: they could not be honoured."""
    email, _ = somebody(company)
    company.mine(Wish.OPT_OUT, email=email)
    with pytest.raises(PrivacyError, match="another key"):
        read(company.folder, [SAMPLES / "litellm"], key=company.keys().key, opt_out_key=bytes(32), now=NOW)


def test_the_list_of_opt_outs_names_nobody(company):
    """It holds keyed hashes only: neither handle nor pseudonym, nor a plain hash of either."""
    import hashlib

    email, handles = somebody(company)
    company.mine(Wish.OPT_OUT, email=email)
    raw = company.folder.opt_out_file.read_text()
    tries = [email, f"email:{email}", *map(str, handles), *map(hex, handles)]
    assert not [t for t in tries if t in raw or hashlib.sha256(t.encode()).hexdigest() in raw]


def test_without_the_key_nobody_is_shown(company, tmp_path):
    """Another key proves nothing: nothing is shown, and nothing is changed."""
    email, handles = somebody(company)
    with pytest.raises(PrivacyError, match="did not make its tables"):
        mine(company.folder, Handles(email=email), Wish.ERASE, keys=open_keys(tmp_path / "other", now=NOW), now=NOW)
    assert handles & company.numbers()


@pytest.mark.parametrize("handles", [{}, {"email": "Ada Imagined"}, {"login": "  "}])
def test_a_name_alone_is_no_proof(company, handles):
    """Without an address, a login or an id nobody is looked up, and nothing is recorded."""
    before = record.verify(company.folder.record_file)
    with pytest.raises(InputError, match="no usable handle"):
        company.mine(**handles)
    assert record.verify(company.folder.record_file) == before


def test_one_person_at_a_time(company):
    """Handles that belong to two people here are refused."""
    door = Door(company.keys().key, "test")
    persons = persons_of(company.folder.store())
    known = [e for e in emails() if door.person(email=e) in persons]
    first = known[0]
    other = next(e for e in known if persons[door.person(email=e)] != persons[door.person(email=first)])

    class Two(Handles):
        """Two people's addresses."""

        def normal(self):
            return (f"email:{first}", f"email:{other}")

    with pytest.raises(InputError, match="different people"):
        mine(company.folder, Two(), Wish.SEE, keys=company.keys(), now=NOW)


def test_a_page_after_an_opt_out_is_made_without_them(company):
    """Measuring works on what is left."""
    email, _ = somebody(company)
    company.mine(Wish.OPT_OUT, email=email)
    assert measure(company.folder, now=NOW).findings


def days_in(folder):
    """Every day on which anything stored happened."""
    found = set()
    for table in TABLES:
        for file in folder.store().files(table):
            rows = pq.read_table(file, partitioning=None)
            column = next((c for c in ("ts", "day") if c in rows.column_names), None)
            found.update(str(v)[:10] for v in (rows[column].to_pylist() if column else ()))
    return found


def test_what_is_older_than_the_charter_allows_is_forgotten(company, tmp_path):
    """`forget` takes every row of before a day out of every table, with people of whom nothing is left; an export that holds them
    again does not bring them back; the record says since when rows are kept, and an earlier day is refused."""
    from datetime import date

    from groundswell.runs import retention
    from groundswell.store.tables import Store

    days = sorted(days_in(company.folder))
    middle = date.fromisoformat(days[len(days) // 2])
    stores = [Store(company.folder.store_folder / tag) for tag in company.folder.epochs()]
    assert retention.forget(stores, company.folder.record_file, middle, now=NOW) > 0
    assert min(days_in(company.folder)) >= middle.isoformat()
    left = actors_of(company.folder.store())
    aliases = [p for t in company.folder.store().files("aliases") for p in pq.read_table(t, partitioning=None).to_pylist()]
    assert aliases
    assert all(p["one"] in left or p["other"] in left for p in aliases)
    again = tmp_path / "again"
    shutil.copytree(SAMPLES / "mattermost", again)
    (again / "bulk.jsonl").write_bytes((again / "bulk.jsonl").read_bytes() + b"\n")
    company.read(again)
    assert min(days_in(company.folder)) >= middle.isoformat(), "a later reading brings nothing back"
    assert retention.since(record.verify(company.folder.record_file)) == middle
    for wrong in (date(2001, 1, 1), date(2999, 1, 1)):
        with pytest.raises(InputError):
            retention.forget(stores, company.folder.record_file, wrong, now=NOW)
