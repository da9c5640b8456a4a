"""What misleads in vendors' usage logs, trap by trap: who is a person, what is use, what was measured."""

import json
from datetime import date

import pytest

from groundswell.errors import InputError
from groundswell.registry import sources
from source_samples import read_rows

SOURCES = sources()
ADA, BO = "ada.imagined@example.org", "bo.imagined@example.org"
SECOND_OF_MARCH = 1_772_409_600
"""2026-03-02 00:00 UTC, in seconds."""


@pytest.fixture
def read(tmp_path):
    """Write a file and read it as the named source does: (row class -> rows, tally)."""

    def reading(source, name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else text_of(content).encode())
        takers = {taker for taker, plug_in in SOURCES.items() if plug_in.recognise(path) is not None}
        assert takers == {source}
        return read_rows(SOURCES[source], path)

    return reading


def text_of(content):
    """A text as it is, a list as JSON lines, anything else as JSON."""
    if isinstance(content, list):
        return "".join(json.dumps(row) + "\n" for row in content)
    return content if isinstance(content, str) else json.dumps(content, indent=1)


def claude_day(sessions, actor, terminal="vscode", **more):
    """One record of Claude Code analytics."""
    core = {"num_sessions": sessions, "commits_by_claude_code": 0, "pull_requests_by_claude_code": 0}
    day = {"date": "2026-03-02T00:00:00Z", "actor": actor, "terminal_type": terminal, "core_metrics": core, "tool_actions": {}}
    return {**day, **more}


def test_terminals_of_a_person_are_one_day(read):
    """Claude Code: a person on two terminals is one person-day with both terminals' sessions."""
    person = {"type": "user_actor", "email_address": ADA}
    rows, _ = read("claude_code", "a.json", {"data": [claude_day(3, person), claude_day(2, person, "tmux")]})
    assert [(row["interactions"], row["active"]) for row in rows["UsageDay"]] == [(5, True)]


@pytest.mark.parametrize(("sessions", "expected"), [(None, (None, False)), (0, (0, False)), (1, (1, True))])
def test_not_measured_is_not_zero(read, sessions, expected):
    """A count the vendor leaves out stays unknown; a zero stays a zero; neither is activity."""
    rows, _ = read("claude_code", "a.json", {"data": [claude_day(sessions, {"email_address": ADA})]})
    assert [(row["interactions"], row["active"]) for row in rows["UsageDay"]] == [expected]


def test_a_key_named_after_a_person_is_an_agent(read):
    """Claude Code: an API key is an agent even when it bears a name; a service account is a bot."""
    days = [
        claude_day(1, {"type": "api_actor", "api_key_name": "ada imagined"}),
        claude_day(1, {"email_address": "svc-ci@example.org"}),
    ]
    rows, _ = read("claude_code", "a.json", {"data": days})
    assert {row["actor_kind"] for row in rows["UsageDay"]} == {"agent", "bot"}


def test_an_estimate_is_no_spend(read):
    """Claude Code: the cost beside the sessions is an estimate in cents, so it becomes no money at all."""
    cost = [{"model": "m", "estimated_cost": {"currency": "USD", "amount": 1025}}]
    rows, _ = read("claude_code", "a.json", {"data": [claude_day(1, {"email_address": ADA}, model_breakdown=cost)]})
    assert set(rows) == {"UsageDay"}


def otel(*points, name="claude_code.session.count", temporality=1):
    """One line of OpenTelemetry metrics; a point is (hour, value, attributes)."""
    written = [
        {
            "startTimeUnixNano": str(SECOND_OF_MARCH * 10**9),
            "timeUnixNano": str((SECOND_OF_MARCH + hour * 3600) * 10**9),
            "asDouble": value,
            "attributes": [{"key": key.replace("_", "."), "value": {"stringValue": text}} for key, text in attributes.items()],
        }
        for hour, value, attributes in points
    ]
    metric = {"name": name, "sum": {"aggregationTemporality": temporality, "dataPoints": written}}
    return {"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]}


def test_an_agent_alone_is_no_active_day(read):
    """Telemetry: a day of sessions without keyboard time is not active, one with it is, and unmeasured time does not matter."""
    lines = [
        otel((1, 9, {"user_email": ADA}), (1, 9, {"user_email": BO}), (1, 9, {"user_email": "cy.imagined@example.org"})),
        otel(
            (2, 7200, {"user_email": ADA, "type": "cli"}),
            (2, 0, {"user_email": ADA, "type": "user"}),
            name="claude_code.active_time.total",
        ),
        otel((2, 60, {"user_email": BO, "type": "user"}), name="claude_code.active_time.total"),
    ]
    rows, _ = read("claude_code_otel", "otel.json", lines)
    assert sorted(row["active"] for row in rows["UsageDay"]) == [False, True, True]


def test_counters_that_grow_and_counters_that_start_again(read):
    """Telemetry: growing counters count their growth, the others their sum, and a counter that falls counts nothing."""
    growing = [otel((h, v, {"user_email": ADA}), temporality=2) for h, v in ((1, 2), (2, 5), (3, 5), (4, 1))]
    fresh = [otel((h, v, {"user_email": BO})) for h, v in ((1, 2), (2, 5))]
    rows, _ = read("claude_code_otel", "otel.json", growing + fresh)
    assert sorted(row["interactions"] for row in rows["UsageDay"]) == [5, 7]


def test_events_of_telemetry_are_refused(read):
    """Telemetry: events may hold prompts, so a line of them is refused and counted."""
    event = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "a secret"}}]}]}]}
    rows, tally = read("claude_code_otel", "otel.json", [otel((1, 1, {"user_email": ADA})), event])
    assert sum(tally.refused.values()) == 1
    assert len(rows["UsageDay"]) == 1


def test_concealed_names_are_accepted(read):
    """Microsoft 365: 32 hexadecimal digits are a person like any other; the same digits are the same person next time."""
    head = "Report Refresh Date,User Principal Name,Display Name,Word Copilot Last Activity Date\n"
    body = "".join(
        f"2026-03-{d},0123456789abcdef0123456789ABCDEF,FEDCBA9876543210FEDCBA9876543210,2026-03-01\n" for d in (10, 11)
    )
    rows, tally = read("m365_copilot", "usage.csv", head + body)
    assert len({row["actor"] for row in rows["Seat"]}) == 1
    assert len(rows["UsageDay"]) == 1
    assert not tally.skipped


@pytest.mark.parametrize(
    "header",
    [
        "Report Refresh Date,Report Period,User Principal Name,Display Name,Last Activity Date,Word Copilot Last Activity Date",
        "REPORT_REFRESH_DATE,report period,userPrincipalName,displayName,lastActivityDate,wordCopilotLastActivityDate",
        "Report refresh date,Period,User principal name,Display name,Last activity date (UTC),Last activity date of Word Copilot",
        "Report Refresh Date,Report Period,Username,Display Name,Last Activity Date (UTC),Copilot Chat (work) Last Activity Date",
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_spellings_of_the_report(read, header, delimiter):
    """Microsoft 365: both versions and the portal's spelling are read, whatever the delimiter."""
    table = f"{header}\n2026-03-31,28,{ADA},Ada Imagined,2026-03-30,2026-03-12\n".replace(",", delimiter)
    rows, _ = read("m365_copilot", "usage.csv", b"\xef\xbb\xbf" + table.encode())
    assert [row["last_active_on"] for row in rows["Seat"]] == [date(2026, 3, 30)]
    assert {row["day"] for row in rows["UsageDay"]} == {date(2026, 3, 30), date(2026, 3, 12)}
    assert all(row["interactions"] is None for row in rows["UsageDay"])


def request(number, **more):
    """One request of a gateway's log."""
    row = {
        "request_id": f"r{number}",
        "call_type": "acompletion",
        "startTime": "2026-03-02T09:00:00Z",
        "spend": 0.25,
        "model": "claude-x",
    }
    return {**row, "user": ADA, "api_key": "k", "status": "success", **more}


def test_gateway_content_is_never_decoded(read):
    """LiteLLM: prompts, answers and bodies that are no text in any encoding do not stop the reading: nobody decodes them."""
    line = (
        json.dumps(request(1, messages="HERE", response="HERE", proxy_server_request="HERE"))
        .encode()
        .replace(b"HERE", b"\xff\xfe\xff")
    )
    rows, tally = read("litellm", "log.json", line + b"\n")
    assert len(rows["UsageDay"]) == 1
    assert not tally.skipped


def test_service_accounts_and_bare_keys_are_no_persons(read):
    """LiteLLM: a service account is a bot, a key alone an agent, and an address in the metadata beats the account's name."""
    rows, _ = read(
        "litellm",
        "log.json",
        [
            request(1, user="default_user_id"),
            request(2, user=""),
            request(3, user="svc-app", metadata={"user_api_key_user_email": ADA}),
            request(4, user=BO, agent_id="a1"),
        ],
    )
    assert sorted(row["actor_kind"] for row in rows["UsageDay"]) == ["agent", "agent", "bot", "person"]


def test_failed_requests_cost_but_are_no_use(read):
    """LiteLLM: a failed request adds its cost and nothing else."""
    rows, _ = read("litellm", "log.json", [request(1), request(2, status="failure")])
    assert [row["interactions"] for row in rows["UsageDay"]] == [1]
    assert [row["amount"] for row in rows["Spend"]] == [0.5]


def test_unattributed_requests_count_in_the_total(read):
    """LiteLLM: a request nobody bears is counted as unattributed, and stands in the organisation's total only."""
    rows, tally = read("litellm", "log.json", [request(1), request(2, user="", api_key="")])
    assert tally.skipped["unattributed"] == 1
    assert [row["interactions"] for row in rows["UsageDay"]] == [1]
    assert [(row["people"], row["interactions"]) for row in rows["UsageTotal"]] == [(1, 2)]


@pytest.mark.parametrize("shell", ["claude-cli/2.0", "codex_cli_rs/0.9", "cursor/1.1"])
def test_the_calling_program_tells_the_tool(read, shell):
    """LiteLLM: one vendor's model in another vendor's shell is the shell's use."""
    rows, _ = read("litellm", "log.json", [request(1, model="mistral-x", request_tags=[f"User-Agent: {shell}"])])
    assert [row["tool"] for row in rows["UsageDay"]] == [shell.partition("_")[0].partition("-")[0].partition("/")[0]]


def test_the_daily_table_of_the_gateway(read):
    """LiteLLM: the daily table is read as text and as JSON alike, successful requests counting."""
    row = {
        "date": "2026-03-02",
        "user_id": ADA,
        "api_key": "k",
        "model": "gpt-x",
        "api_requests": 9,
        "successful_requests": 7,
        "spend": 1.5,
    }
    as_text = ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n"
    (from_text, _), (from_json, _) = read("litellm", "daily.csv", as_text), read("litellm", "daily.json", {"results": [row]})
    assert from_text == from_json
    assert [(found["tool"], found["interactions"]) for found in from_json["UsageDay"]] == [("chatgpt", 7)]


def test_the_log_as_text_reads_like_the_log_as_json(read):
    """LiteLLM: a table of requests gives the rows of the same log as JSON; its content columns are not looked at."""
    columns = ["request_id", "call_type", "startTime", "spend", "model", "user", "api_key", "status", "messages"]
    line = ",".join(str(request(1, messages="a secret kettle")[column]) for column in columns)
    (from_text, _), (from_json, _) = (
        read("litellm", "log.csv", f"{','.join(columns)}\n{line}\n"),
        read("litellm", "log.json", [request(1)]),
    )
    assert from_text == from_json


def cursor_day(**more):
    """One day of a person in Cursor, on which nothing was asked."""
    row = {
        "userId": 7,
        "day": "2026-03-02",
        "email": ADA,
        "isActive": True,
        "totalApplies": 0,
        "totalTabsShown": 99,
        "composerRequests": 0,
    }
    return {**row, **more}


@pytest.mark.parametrize(
    ("more", "active"),
    [
        ({}, False),
        ({"bugbotUsages": 5}, False),
        ({"totalTabsAccepted": 1}, True),
        ({"agentRequests": 1}, True),
        ({"totalRejects": 1}, True),
    ],
)
def test_what_is_shown_is_not_used(read, more, active):
    """Cursor: completions merely shown and the automatic review make nobody active, whatever the vendor's own flag says."""
    rows, _ = read("cursor", "daily.json", {"data": [cursor_day(**more)]})
    assert [row["active"] for row in rows["UsageDay"]] == [active]


def test_a_day_in_milliseconds(read):
    """Cursor: a date in milliseconds is read as such; in the year 30000 it is no date, though its size would fit another unit."""
    rows, tally = read(
        "cursor", "daily.json", {"data": [cursor_day(day=None, date=n * 1000) for n in (SECOND_OF_MARCH, 884_541_340_800)]}
    )
    assert [row["day"] for row in rows["UsageDay"]] == [date(2026, 3, 2)]
    assert tally.places["no usable date"] == ["daily.json#2"]


def test_charges_are_cents(read):
    """Cursor: single requests are charged in cents, and one without a person at it is not active."""
    event = {"timestamp": str(SECOND_OF_MARCH * 1000), "userEmail": ADA, "kindLabel": "x", "maxMode": False, "chargedCents": 250}
    rows, _ = read("cursor", "events.json", {"usageEvents": [event, {**event, "userEmail": BO, "isHeadless": True}]})
    assert [row["amount"] for row in rows["Spend"]] == [5.0]
    assert sorted(row["active"] for row in rows["UsageDay"]) == [False, True]


def test_suggestions_by_themselves_are_no_use(read):
    """Gemini: an event of the application's own making is no use; events of other applications are passed over."""

    def activity(category, application="gemini_in_workspace_apps"):
        event = {"name": "feature_utilization", "parameters": [{"name": "event_category", "value": category}]}
        return {
            "id": {"time": "2026-03-02T09:00:00Z", "applicationName": application},
            "actor": {"email": ADA},
            "events": [event],
        }

    rows, tally = read("gemini", "a.json", {"items": [activity("active_x"), activity("inactive"), activity("active_x", "drive")]})
    assert [(row["interactions"], row["active"]) for row in rows["UsageDay"]] == [(1, True)]
    assert tally.skipped == {"activity of another application": 1}


def test_the_console_table_claims_no_day(read):
    """Gemini: active days of a window give the earliest day that fits, none an idle seat, and an empty cell measures nothing."""
    table = f"Email,Overall usage,Active days,Gemini app\n{ADA},High,12,3\n{BO},None,0,0\ncy.imagined@example.org,,,\n"
    rows, _ = read("gemini", "gemini-2026-03-31.csv", table)
    assert [(row["last_active_on"], row["measured"]) for row in rows["Seat"]] == [
        (date(2026, 3, 4), True),
        (None, True),
        (None, False),
    ]


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ("gemini", "Email,Overall usage,Active days,Gemini app\n"),
        ("entra_users", "userPrincipalName,Has license\n"),
        ("slack_ai", "USER_ID,USER_EMAIL,SLACK_AI_WAU\n"),
        ("seats", "Person,Tool,Assigned on\n"),
    ],
)
def test_a_list_without_a_day_is_refused(read, source, table):
    """A list that says nowhere when it was taken is an error that says what to do, not a list of today."""
    with pytest.raises(InputError, match="name carries the day"):
        read(source, "list.csv", table)


def test_the_same_list_on_another_day_is_read_again(tmp_path):
    """A list whose day stands in its name alone has another fingerprint under another name."""
    prints = set()
    for name in ("list-2026-03-31.csv", "list-2026-04-30.csv"):
        (tmp_path / name).write_text("userPrincipalName,Has license\nada,yes\n")
        source = SOURCES["entra_users"]
        prints.add(source.fingerprint(source.recognise(tmp_path / name)))
    assert len(prints) == 2


@pytest.mark.parametrize(
    ("flag", "cell", "seats"),
    [
        ("Has license", "True", 1),
        ("HasCopilotLicense", "yes", 1),
        ("has_copilot_licence", "1", 1),
        ("Assigned Licenses", "SPE_E5+Microsoft_365_Copilot", 1),
        ("assignedLicenses", "639DEC6B-BB19-468B-871C-C5C441C4B0CB", 1),
        ("Has license", "no", 0),
        ("Has license", "No Copilot", 0),
        ("Has license", "perhaps", 0),
        ("Assigned Licenses", "SPE_E5", 0),
    ],
)
def test_spellings_of_the_licence_flag(read, flag, cell, seats):
    """Entra: the flag is known under its many spellings; a bare list without the licence is no seat; doubt is counted."""
    rows, tally = read("entra_users", "users-2026-03-31.csv", f"userPrincipalName,{flag}\n{ADA},{cell}\n{BO},no\n")
    assert len(rows.get("Seat", ())) == seats
    assert all(not row["measured"] for row in rows.get("Seat", ()))
    assert sum(tally.skipped.values()) == (cell == "perhaps")
