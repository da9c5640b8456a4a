"""What misleads in bills, seat lists and organisation totals: cents and dollars, programs and people, passive and active."""

from datetime import date

import pytest

from groundswell.errors import InputError
from groundswell.registry import sources
from groundswell.sources._ledger import money, whole
from groundswell.sources._tools import tool_name, tool_of_model
from source_samples import read_rows
from test_sources_usage import ADA, SECOND_OF_MARCH, text_of

SOURCES = sources()
DAY = 86_400


@pytest.fixture
def read(tmp_path):
    """Write a file and read it as the named source does; no other source may take it."""

    def reading(source, name, content):
        path = tmp_path / name
        path.write_text(text_of(content), "utf8")
        assert {taker for taker, plug_in in SOURCES.items() if plug_in.recognise(path) is not None} == {source}
        return read_rows(SOURCES[source], path)

    return reading


def amounts(rows):
    """Money of a reading, by currency."""
    return [(row["day"], row["amount"], row["currency"]) for row in rows["Spend"]]


@pytest.mark.parametrize("written", ["12345.67", 12345.67])
def test_anthropic_bills_in_cents(read, written):
    """Anthropic: the amount is cents, as a text or a number; it becomes dollars."""
    bucket = {"starting_at": "2026-03-02T00:00:00Z", "results": [{"amount": written, "currency": "USD", "cost_type": "tokens"}]}
    assert amounts(read("anthropic_cost", "c.json", {"data": [bucket]})[0]) == [(date(2026, 3, 2), 123.4567, "USD")]


@pytest.mark.parametrize("written", ["12.34", 12.34])
def test_openai_bills_in_dollars(read, written):
    """OpenAI: the amount is dollars already, as a text or a number."""
    result = {"object": "organization.costs.result", "amount": {"value": written, "currency": "usd"}, "line_item": None}
    bucket = {"start_time": SECOND_OF_MARCH, "end_time": SECOND_OF_MARCH + DAY, "results": [result]}
    assert amounts(read("openai_cost", "c.json", {"data": [bucket]})[0]) == [(date(2026, 3, 2), 12.34, "USD")]


def test_a_member_of_two_groups_is_not_billed_twice(read):
    """Claude Enterprise: rows grouped by team overlap, so they add no money and no count, only that something was done."""
    actor = {"type": "user_actor", "user_id": "u1", "email_address": ADA}
    row = {
        "actor": actor,
        "starting_at": "2026-03-02T00:00:00Z",
        "ending_at": "2026-03-03T00:00:00Z",
        "amount": "250.0",
        "list_amount": "300",
    }
    grouped = [{**row, "requests": 4, "rbac_group_id": group} for group in ("g1", "g2")]
    rows, _ = read("claude_enterprise", "cost.json", {"data": grouped})
    assert "Spend" not in rows
    assert [(found["interactions"], found["active"]) for found in rows["UsageDay"]] == [(None, True)]
    rows, _ = read("claude_enterprise", "cost.json", {"data": [{**row, "requests": 4}]})
    assert amounts(rows) == [(date(2026, 3, 2), 2.5, "USD")]


def test_a_report_over_a_range_is_no_day(read):
    """Claude Enterprise: a row of a whole range, or of none, is passed over and counted; a service without address is a bot."""
    actor = {"type": "user_actor", "user_id": "u1", "name": "Invented Service"}
    row = {"actor": actor, "requests": 4, "list_amount": "1", "uncached_input_tokens": 9}
    spans = [(None, None), ("2026-03-01T00:00:00Z", "2026-03-29T00:00:00Z"), ("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")]
    rows, tally = read(
        "claude_enterprise", "usage.json", {"data": [{**row, "starting_at": start, "ending_at": end} for start, end in spans]}
    )
    assert [found["actor_kind"] for found in rows["UsageDay"]] == ["bot"]
    assert sum(tally.skipped.values()) == 2


def test_members_take_their_day_from_the_name(read):
    """Claude Enterprise: members carry no date, so the file's name gives it; without one they are passed over."""
    page = {
        "data": [
            {"user": {"id": "u1", "email_address": ADA}, "chat_metrics": {"distinct_conversation_count": 1, "message_count": 9}}
        ]
    }
    rows, _ = read("claude_enterprise", "members-2026-03-02.json", page)
    assert [(row["day"], row["interactions"]) for row in rows["UsageDay"]] == [(date(2026, 3, 2), 9)]
    rows, tally = read("claude_enterprise", "members.json", page)
    assert not rows
    assert sum(tally.skipped.values()) == 1


def test_platform_traffic_is_no_person(read):
    """OpenAI: requests by key or by the owner of a key are a program's; what names nobody stands in the total only."""
    results = [{"num_model_requests": n, **who} for n, who in ((5, {"api_key_id": "k"}), (3, {"user_id": "u"}), (2, {}))]
    named = [{"object": "organization.usage.completions.result", "model": "gpt-x", **result} for result in results]
    bucket = {"start_time": SECOND_OF_MARCH, "end_time": SECOND_OF_MARCH + DAY, "results": named}
    rows, tally = read("openai_usage", "u.json", {"data": [bucket]})
    assert {row["actor_kind"] for row in rows["UsageDay"]} == {"agent"}
    assert [(row["people"], row["interactions"]) for row in rows["UsageTotal"]] == [(None, 10)]
    assert tally.skipped == {"unattributed": 1}


def test_a_bucket_of_a_week_is_no_day(read):
    """OpenAI and Anthropic: a bucket longer than a day is passed over, since its use belongs to no day."""
    result = {"object": "organization.usage.completions.result", "num_model_requests": 5}
    week = {"start_time": SECOND_OF_MARCH, "end_time": SECOND_OF_MARCH + 7 * DAY, "results": [result]}
    rows, tally = read("openai_usage", "u.json", {"data": [week]})
    assert (rows, tally.skipped) == ({}, {"bucket longer than a day": 1})
    result = {"uncached_input_tokens": 5, "output_tokens": 5, "api_key_id": "k"}
    week = {"starting_at": "2026-03-02T00:00:00Z", "ending_at": "2026-03-09T00:00:00Z", "results": [result]}
    rows, tally = read("anthropic_usage", "a.json", {"data": [week]})
    assert (rows, tally.skipped) == ({}, {"bucket longer than a day": 1})


def test_the_automatic_review_is_no_use(read):
    """Codex: a day on which only the review of pull requests ran is not active; a workspace total is no person-day."""

    def day(clients, **who):
        totals = {"threads": 1, "turns": 2, "credits": 1, "users": 17}
        span = {"start_time": SECOND_OF_MARCH, "end_time": SECOND_OF_MARCH + DAY}
        return {**span, "totals": totals, "clients": [{"client_id": c} for c in clients], **who}

    people = [day(["code_review"], user_id="a"), day(["cli", "code_review"], user_id="b"), day([])]
    rows, _ = read("codex_enterprise", "c.json", {"data": people})
    assert sorted(row["active"] for row in rows["UsageDay"]) == [False, True]
    assert [row["people"] for row in rows["UsageTotal"]] == [17]


def test_a_suggestion_shown_makes_no_user(read):
    """Old Copilot metrics: engaged people are read, not active ones, and a product without counts measures nothing."""
    day = {"date": "2026-03-02", "total_active_users": 40, "total_engaged_users": 24, "copilot_ide_chat": None}
    rows, _ = read("copilot_metrics", "m.json", [day])
    assert [(row["people"], row["interactions"]) for row in rows["UsageTotal"]] == [(24, None)]


def test_look_back_counts_are_not_read(read):
    """Copilot by organisation: the day's own users are read, and neither weekly, monthly nor passively reviewed ones."""
    day = {
        "day": "2026-03-02",
        "organization_id": 1,
        "daily_active_users": 3,
        "weekly_active_users": 60,
        "monthly_active_users": 90,
    }
    rows, _ = read("copilot_org", "o.json", {"day_totals": [{**day, "daily_passive_copilot_code_review_users": 50}]})
    assert [(row["people"], row["interactions"]) for row in rows["UsageTotal"]] == [(3, None)]


def test_two_organisations_do_not_replace_each_other(read):
    """Copilot by organisation: the same day of two organisations stays two totals."""
    days = [{"day": "2026-03-02", "organization_id": n, "daily_active_users": 3} for n in (1, 2)]
    rows, _ = read("copilot_org", "o.json", days)
    assert len({row["id"] for row in rows["UsageTotal"]}) == 2


BILL = "date,username,product,sku,quantity,unit_type,net_amount\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2026-03-02,ada,copilot,copilot_premium_request,0.33,requests,0.01", (1, True)),
        ("2026-03-02,ada,copilot,copilot_code_review,2,requests,0.08", (2, False)),
        ("2026-03-02,ada,copilot,copilot_ai_credit,55,ai-credits,0.55", (None, True)),
        ("2026-03-02,ada,copilot,copilot_premium_request,0,requests,0", (0, False)),
        ("2026-03-02,ada,copilot,copilot_business,1,user-months,19", None),
        ("2026-03-02,ada,actions,actions_linux,400,minutes,4", None),
    ],
)
def test_what_a_line_of_the_bill_means(read, line, expected):
    """Copilot billing: credits are no requests, a review is passive, a seat or another product is no use."""
    rows, _ = read("copilot_billing", "bill.csv", BILL + line + "\n")
    assert [(row["interactions"], row["active"]) for row in rows.get("UsageDay", ())] == ([expected] if expected else [])


def seats(read, table, name="seats-2026-03-31.csv"):
    """Seats of a list."""
    rows, tally = read("seats", name, table)
    return rows["Seat"], tally


def test_a_mapping_names_the_columns(tmp_path, read):
    """Seats: a mapping beside the list says what its columns are called and what holds for every row."""
    (tmp_path / "liste.toml").write_text(
        '[columns]\nperson = "Kollege"\nlast_active = "Zuletzt"\nyearly = "Jahrespreis"\n'
        '[fixed]\ntool = "Notion AI"\ncurrency = "EUR"\nday = 2026-03-31\nmeasured = false\n'
    )
    found, _ = seats(read, f"Kollege;Zuletzt;Jahrespreis\n{ADA};28.03.2026;1.200,00\n", "liste.csv")
    told = {key: found[0][key] for key in ("tool", "day", "last_active_on", "measured", "monthly_price", "currency")}
    assert told == {
        "tool": "notion_ai",
        "day": date(2026, 3, 31),
        "last_active_on": date(2026, 3, 28),
        "measured": False,
        "monthly_price": 100.0,
        "currency": "EUR",
    }


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ("[columns]\nwho = 'x'\n", "names a column groundswell does not know"),
        ("[columns\n", "not a mapping of columns"),
        ("[columns]\nperson = 'Nobody here'\n", "no column Nobody here"),
    ],
)
def test_a_wrong_mapping_is_told(tmp_path, mapping, problem):
    """Seats: a mapping that cannot be read or names what is not there is an error, not a silent guess."""
    (tmp_path / "list.toml").write_text(mapping)
    path = tmp_path / "list.csv"
    path.write_text("Person,Tool,Assigned on\nada,Cursor,2026-01-01\n")
    with pytest.raises(InputError, match=problem):
        read_rows(SOURCES["seats"], path)


def test_settings_of_something_else_are_no_mapping(tmp_path):
    """Seats: settings that merely lie beside a table make no list of seats of it."""
    (tmp_path / "list.toml").write_text("[colours]\nx = 1\n")
    (tmp_path / "list.csv").write_text("Person,Favourite\nada,tea\n")
    assert SOURCES["seats"].recognise(tmp_path / "list.csv") is None


def test_days_and_months_that_cannot_be_told_apart(read):
    """Seats: 03/04/2026 is read as the rest of the list shows, and left out where nothing shows it."""
    head = "Person,Tool,Assigned on\n"
    found, _ = seats(read, head + "ada,Cursor,03/04/2025\nbo,Cursor,25/04/2025\n")
    assert found[0]["assigned_on"] == date(2025, 4, 3)
    found, _ = seats(read, head + "ada,Cursor,03/04/2025\nbo,Cursor,04/25/2025\n")
    assert found[0]["assigned_on"] == date(2025, 3, 4)
    found, tally = seats(read, head + "ada,Cursor,03/04/2025\n")
    assert found[0]["assigned_on"] is None
    assert sum(tally.skipped.values()) == 1


def test_idle_and_unknown_are_not_the_same(read):
    """Seats: without a column of last activity nothing is measured; with one, an empty cell is an idle seat."""
    assert [row["measured"] for row in seats(read, "Person,Tool,Price\nada,Cursor,20\n")[0]] == [False]
    assert [row["measured"] for row in seats(read, f"Person,Tool,Last used\n{ADA},Cursor,\n")[0]] == [True]


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1234.5", "1234.5"),
        ("$1,234.50", "1234.50"),
        ("1.234,50 €", "1234.50"),
        ("19,5", "19.5"),
        ("-3", "-3"),
        ("", None),
        ("free", None),
        ("1e400", None),
        ("nan", None),
        (float("inf"), None),
        (True, None),
        (10**15, None),
        ("1'200.00 CHF", "1200.00"),
    ],
)
def test_money_as_people_write_it(written, amount):
    """An amount is read with its decimal sign, whichever it is; what is no amount is none."""
    assert money(written) == (None if amount is None else pytest.approx(money(amount)))


@pytest.mark.parametrize(
    ("written", "count"),
    [("1 234", 1234), ("1,234", 1234), ("7.0", 7), ("", None), ("-1", None), ("many", None), (-1, None), (3.0, 3)],
)
def test_counts_as_people_write_them(written, count):
    """A count is read without its separators; a negative one is none."""
    assert whole(written) == count


@pytest.mark.parametrize(
    ("product", "tool"),
    [
        ("Copilot for Microsoft 365", "m365_copilot"),
        ("GitHub Copilot Business", "copilot"),
        ("OpenAI Codex", "codex"),
        ("", "any"),
        ("ChatGPT Enterprise", "chatgpt"),
        ("Zélie Notes", "zélie_notes"),
        ("a sentence " * 9, "any"),
        ("Cursor", "cursor"),
    ],
)
def test_names_of_products(product, tool):
    """A product has the id messages give it; an unknown one keeps its name; a sentence is no name."""
    assert tool_name(product) == tool


@pytest.mark.parametrize(
    ("model", "tool"), [("anthropic/claude-x", "claude"), ("azure/gpt-9", "chatgpt"), ("o3-mini", "chatgpt"), ("foo3", "any")]
)
def test_names_of_models(model, tool):
    """A model counts for the tool people call it by, and for AI in general otherwise."""
    assert tool_of_model(model) == tool
