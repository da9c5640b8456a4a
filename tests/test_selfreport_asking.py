"""What the pulse promises before any database: a day at random, a right that tells nothing, answers taken apart."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.selfreport import asking
from groundswell.selfreport.answers import BATCH, Answer, Kept, deal, part, tidy

SECRET = b"a secret of the tests, long enough"
QUARTER = "2026-Q1"
ACCOUNTS = st.text(max_size=12)
DAYS = st.sampled_from(asking.workdays(QUARTER))
ANSWERS = st.builds(
    Answer,
    used=st.booleans(),
    tool=st.sampled_from(("claude", "any", "a tool of mine")),
    job=st.sampled_from(("coding", "unknown", "juggling")),
    how=st.sampled_from(("own", "", "by magic")),
    kept=st.none() | st.booleans(),
    expected=st.none() | st.booleans(),
    stratum=st.sampled_from(("", "Sales", "Two people")),
    second=st.none() | st.booleans(),
    level=st.sampled_from(("", "leads", "chief")),
    reasons=st.none() | st.integers(-3, 40),
)


@given(ACCOUNTS)
def test_one_turn_a_quarter_on_the_day_after(account):
    """A person is asked once a quarter, on a working day, about the working day before it; a turn still open goes first."""
    ask, last = (asking.ask_of(SECRET, account, quarter) for quarter in (QUARTER, "2025-Q4"))
    assert asking.workday_before(ask.on) == ask.about
    open_days = [day for n in range(120) if asking.turn_on(SECRET, account, day := date(2025, 12, 20) + timedelta(days=n)) == ask]
    days = [ask.on + timedelta(days=n) for n in range((ask.until - ask.on).days + 1)]
    assert open_days == [day for day in days if not last.open_on(day)]


def test_every_working_day_is_as_likely():
    """Over many people no working day of the quarter is asked about more than another, and it is another one next quarter."""
    people = [f"account {n}" for n in range(6_000)]
    drawn = Counter(asking.ask_of(SECRET, who, QUARTER).about for who in people)
    days = asking.workdays(QUARTER)[:-1]
    assert set(drawn) == set(days)
    spread = sum((drawn[day] - len(people) / len(days)) ** 2 for day in days) / (len(people) / len(days))
    assert spread < 120  # chi-square with 62 degrees of freedom: exceeded by chance once in a hundred thousand
    next_quarter = [asking.ask_of(SECRET, who, "2026-Q2").about - asking.ask_of(SECRET, who, QUARTER).about for who in people]
    assert len(set(next_quarter)) > 60


@given(ACCOUNTS, ACCOUNTS)
def test_a_claim_is_one_persons_and_says_whose_it_is_to_nobody(one, other):
    """The same person has one claim a quarter, two people have two, and a claim holds no account."""
    ask = asking.ask_of(SECRET, one, QUARTER)
    claim = asking.claim_of(SECRET, one, ask)
    assert claim == asking.claim_of(SECRET, one, ask)
    assert asking.read_claim(SECRET, claim)[0] == ask
    others = asking.claim_of(SECRET, other, ask)
    assert (asking.read_claim(SECRET, others)[1] == asking.read_claim(SECRET, claim)[1]) == (one == other)
    assert asking.read_claim(b"another secret", claim) is None


@given(ACCOUNTS, st.integers(0, 90), st.characters(codec="ascii"))
def test_a_forged_claim_is_none(account, at, letter):
    """A claim with any character changed opens nothing."""
    claim = asking.claim_of(SECRET, account, asking.ask_of(SECRET, account, QUARTER))
    at = at % len(claim)
    forged = claim[:at] + letter + claim[at + 1 :]
    assert (asking.read_claim(SECRET, forged) is not None) == (forged == claim)


@pytest.mark.parametrize("claim", ["", "..", "2026-Q1", "2026-Q9.2026-01-05.AAAA", "2026-Q1.2026-01-03.AAAA", "é.é.é", "." * 999])
def test_rubbish_is_no_claim(claim):
    """What no server made is no claim, whatever it looks like."""
    assert asking.read_claim(SECRET, claim) is None


def test_one_token_in_five_is_asked_about_a_second_day():
    """The token's own randomness chooses, a fifth of them."""
    chosen = sum(asking.second_day(n.to_bytes(8, "big")) for n in range(20_000))
    assert abs(chosen / 20_000 - asking.SECOND_DAY) < 0.015


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_the_day_before_is_a_working_day(day):
    """The day before Monday is Friday."""
    before = asking.workday_before(day)
    assert before < day
    assert before.weekday() < 5
    assert all((before + timedelta(days=n)).weekday() > 4 for n in range(1, (day - before).days))


@given(ANSWERS, st.booleans())
def test_only_words_of_the_lists_pass(answer, second):
    """Nothing that somebody could write by hand passes: every word is of a closed list, a small team is left out."""
    clean = tidy(answer, tools={"claude"}, strata={"Sales"}, second=second)
    assert clean.tool in {"claude", "any"}
    assert clean.job in {"coding", "unknown"}
    assert clean.how in {"own", ""}
    assert clean.stratum in {"Sales", ""}
    assert clean.level in {"leads", ""}
    assert clean.reasons is None or 0 <= clean.reasons <= 31
    assert second or clean.second is None
    assert clean.used or (clean.tool, clean.job, clean.how, clean.kept) == ("any", "unknown", "", None)
    assert tidy(clean, tools={"claude"}, strata={"Sales"}, second=second) == clean


WAITING = st.lists(st.tuples(DAYS, ANSWERS), min_size=BATCH, max_size=12)


@settings(max_examples=40)
@given(WAITING)
def test_nothing_is_lost_when_a_batch_is_taken_apart(waiting):
    """Every answer is one row, and every count is what was said."""
    rows, counts = part(waiting)
    assert Counter((r.used, r.tool, r.job, r.how, r.kept, r.stratum) for r in rows) == Counter(
        (a.used, a.tool, a.job, a.how, a.kept, a.stratum) for _, a in waiting
    )
    assert sum(n for (item, _), n in counts.items() if item == "day") == len(waiting)
    assert sum(n for (item, _), n in counts.items() if item == "expected") == sum(a.expected is not None for _, a in waiting)
    assert not {"day", "expected", "second", "reasons", "level"} & set(Kept.__dataclass_fields__)


def test_the_order_of_a_batch_is_drawn_anew():
    """Who came first is first no more often than anybody else."""
    waiting = [(date(2026, 1, 5), Answer(used=True, tool=f"tool {n}")) for n in range(BATCH)]
    first = Counter(part(waiting)[0][0].tool for _ in range(1_000))
    assert set(first) == {f"tool {n}" for n in range(BATCH)}
    assert max(first.values()) < 260  # 200 expected, standard deviation 13


@settings(max_examples=40)
@given(WAITING)
def test_what_is_dealt_out_adds_up(waiting):
    """Days and what was expected are dealt out over a quarter: their counts stay exact, and twice is the same."""
    rows, counts = part(waiting)
    dealt = deal(SECRET, rows, counts)
    assert dealt == deal(SECRET, list(reversed(rows)), counts)
    assert Counter(row["Day"] for row in dealt) == Counter(day.isoformat() for day, _ in waiting)
    said = Counter("" if a.expected is None else "yes" if a.expected else "no" for _, a in waiting)
    assert Counter(row["Expected"] for row in dealt) == said
    why = Counter(("", "") if a.reasons is None else (a.level, str(a.reasons)) for _, a in waiting)
    assert Counter((row["Level"], row["Reasons"]) for row in dealt) == why
    pairs = Counter((row["Used"], row["Second"]) for row in dealt if row["Second"])
    word = {True: "yes", False: "no"}
    assert pairs == Counter((word[a.used], word[a.second]) for _, a in waiting if a.second is not None)


def test_the_day_dealt_out_is_not_the_day_told():
    """Of answers that name their day by their tool, few get it back: what the file pairs is chance."""
    days = asking.workdays(QUARTER)[:50]
    rows, counts = part([(day, Answer(used=True, tool=day.isoformat())) for day in days])
    right = sum(row["Day"] == row["Tool"] for row in deal(SECRET, rows, counts))
    assert right <= 6  # one is expected by chance, as of any shuffle; more than six once in ten thousand


def test_pairs_of_days_come_out_of_the_file_as_they_were_counted():
    """Each pair of days is dealt as often as it was told, and only to rows that say the first day alike."""
    rows = [Kept(f"n{n:02}", n % 2 == 0, "any", "unknown", "", None, "") for n in range(20)]
    told = {("second", "yes,yes"): 3, ("second", "yes,no"): 2, ("second", "no,yes"): 1, ("second", "no,no"): 4}
    counts = Counter(told | {("day", "2026-03-02"): 20})
    dealt = Counter((r["Used"], r["Second"]) for r in deal(b"secret", rows, counts))
    assert dealt == {("yes", "yes"): 3, ("yes", "no"): 2, ("yes", ""): 5, ("no", "yes"): 1, ("no", "no"): 4, ("no", ""): 5}
