"""What misleads in audit logs and snapshots of use: prompts and answers, records given twice, days nobody names."""

import json
from datetime import date

import pytest

from groundswell.privacy.door import Door
from groundswell.registry import sources
from source_samples import KEY, read_rows
from test_sources_usage import ADA, BO, text_of

SOURCES = sources()


@pytest.fixture
def read(tmp_path):
    """Write a file and read it as the named source does; no other source may take it."""

    def reading(source, name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else text_of(content).encode())
        assert {taker for taker, plug_in in SOURCES.items() if plug_in.recognise(path) is not None} == {source}
        return read_rows(SOURCES[source], path)

    return reading


def audit(*records, header="Operation,AuditData", operation="CopilotInteraction"):
    """A table of audit rows."""
    cells = (
        json.dumps({"CreationTime": "2026-03-02T09:00:00", "UserId": ADA, **record}).replace('"', '""') for record in records
    )
    return header + "\n" + "".join(f'{operation},"{cell}"\n' for cell in cells)


def prompts(*said):
    """Event data with a message for each, True for a prompt."""
    return {"CopilotEventData": {"Messages": [{"Id": "m", "isPrompt": prompt} for prompt in said]}}


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (prompts(True, False), (1, True)),
        (prompts(True, False, True, False), (2, True)),
        (prompts(False), (0, False)),
        (prompts(), (1, True)),
        ({}, (1, True)),
        ({"CopilotEventData": None}, (1, True)),
    ],
)
def test_only_prompts_are_the_persons(read, record, expected):
    """Purview: answers count for nobody; a record that does not list its messages is one interaction."""
    rows, _ = read("purview", "audit.csv", audit(record))
    assert [(row["interactions"], row["active"]) for row in rows["UsageDay"]] == [expected]


@pytest.mark.parametrize("header", ["Operation,AuditData", "Operations,AuditData", "OPERATION,audit data"])
def test_a_record_given_twice_counts_once(read, header):
    """Purview: a record with the number of an earlier one is passed over; records without a number are told apart by nothing."""
    rows, tally = read("purview", "audit.csv", audit({"Id": "1"}, {"Id": "1"}, {"Id": "2"}, {}, {}, header=header))
    assert [row["interactions"] for row in rows["UsageDay"]] == [4]
    assert tally.skipped == {"record given twice": 1}


@pytest.mark.parametrize(
    ("operation", "app", "tool"),
    [
        ("CopilotInteraction", "Copilot.Studio.Kettle", "m365_copilot"),
        ("ConnectedAIAppInteraction", "ChatGPT Enterprise", "chatgpt"),
        ("AIAppInteraction", "", "any"),
    ],
)
def test_which_tool_was_asked(read, operation, app, tool):
    """Purview: Copilot is Copilot whatever agent answered; another application is named by its title."""
    rows, _ = read("purview", "audit.csv", audit({"AppIdentity": {"DisplayName": app}}, operation=operation))
    assert [row["tool"] for row in rows["UsageDay"]] == [tool]


def test_resources_and_addresses_of_an_audit_row_are_not_decoded(read):
    """Purview: fields beside the few that are read may hold anything, even what no decoder could read."""
    table = audit({"Id": "1", "ClientIP": "HERE", "AccessedResources": ["HERE"]}).encode().replace(b"HERE", b"\\\\ud800 \xc3\xa9")
    rows, tally = read("purview", "audit.csv", table)
    assert len(rows["UsageDay"]) == 1
    assert not tally.skipped


def test_the_body_of_an_interaction_is_refused(read):
    """Interaction export: prompts are counted, answers are not, and no body is decoded, though its refusal is told."""
    line = {"id": "1", "appClass": "x", "interactionType": "userPrompt", "createdDateTime": "2026-03-02T09:00:00Z"}
    line["from"] = {"user": {"id": "abc"}}
    page = {
        "value": [{**line, "body": {"content": "HERE"}}, {**line, "id": "2", "interactionType": "aiResponse", "body": "HERE"}]
    }
    rows, tally = read("purview", "interactions.json", json.dumps(page).encode().replace(b"HERE", b"\xff\xfe"))
    assert [row["interactions"] for row in rows["UsageDay"]] == [1]
    assert tally.refused == {"text of a prompt or an answer": 2}


@pytest.mark.parametrize(
    ("cells", "last", "measured"),
    [
        ("12,1,1", date(2026, 3, 25), True),
        ("12,0,1", date(2026, 3, 4), True),
        ("12,0,0", None, True),
        ("12,,", None, False),
        ("0,,", None, True),
        (",,", None, False),
    ],
)
def test_a_week_is_no_day(read, cells, last, measured):
    """Slack AI: use in the last week or month gives the earliest day that fits; a total alone says nothing of lately."""
    table = f"USER_ID,USER_EMAIL,TOTAL_SLACK_AI_USAGE_TILL_DATE,SLACK_AI_WAU,SLACK_AI_MAU\nU1,{BO},{cells}\n"
    rows, _ = read("slack_ai", "ai-2026-03-31.csv", table)
    assert [(row["last_active_on"], row["measured"]) for row in rows["Seat"]] == [(last, measured)]


def test_a_concealed_name_is_a_handle_of_its_own(read):
    """Microsoft 365: a concealed user is no login, and a concealed display name joins nobody to anybody."""
    concealed = "0123456789abcdef0123456789abcdef"
    head = "Report Refresh Date,User Principal Name,Display Name,Word Copilot Last Activity Date\n"
    table = f"{head}2026-03-10,{concealed},{concealed},\n"
    rows, _ = read("m365_copilot", "usage.csv", table)
    door = Door(KEY, "m365_copilot")
    assert [row["actor"] for row in rows["Seat"]] == [door.person(native=f"m365-concealed:{concealed}")]
    assert rows["Seat"][0]["actor"] != door.person(login=concealed)


def test_activity_after_the_report_is_none(read):
    """Microsoft 365: a date after the report's own is counted as a bad one and moves no seat's last activity."""
    head = "Report Refresh Date,User Principal Name,Last Activity Date,Word Copilot Last Activity Date\n"
    rows, tally = read("m365_copilot", "usage.csv", head + f"2026-03-10,{ADA},2026-03-11,2026-03-09\n")
    assert [row["last_active_on"] for row in rows["Seat"]] == [date(2026, 3, 9)]
    assert sum(tally.skipped.values()) == 1


@pytest.mark.parametrize("start", [884_541_340_800, "30000-01-01T00:00:00Z", -5, 1e300])
def test_a_day_no_one_will_live_is_none(read, start):
    """Codex: an instant in the year 30000, or before time, is counted, whatever other unit its size would fit."""
    rows, tally = read(
        "codex_enterprise", "c.json", {"data": [{"start_time": start, "totals": {"threads": 1, "turns": 2, "credits": 3}}]}
    )
    assert not rows
    assert tally.skipped == {"no usable date": 1}


LATIN = f"Email;Overall usage;Active days;Gemini app;Société\n{ADA};élevé;3;1;Bouilloire\n"


@pytest.mark.parametrize(
    "content",
    [
        LATIN.encode("utf-8-sig"),
        LATIN.encode("latin-1"),
        LATIN.encode("utf-16"),
        LATIN.replace(";", ",").encode(),
        LATIN.replace(";", "\t").replace("\n", "\r\n").encode(),
        ("sep=;\n" + LATIN).encode(),
        LATIN.replace("Active days", "ACTIVE_DAYS").replace("Overall usage", "overallUsage").encode(),
    ],
)
def test_a_table_as_a_spreadsheet_saves_it(read, content):
    """BOM, Latin-1, UTF-16, any delimiter, a hint for a spreadsheet, another spelling, an unknown column: the same seat."""
    rows, tally = read("gemini", "gemini-2026-03-31.csv", content)
    assert [row["last_active_on"] for row in rows["Seat"]] == [date(2026, 3, 4)]
    assert not tally.skipped


def test_the_report_as_json_reads_like_its_table(read):
    """Microsoft 365: the interface's JSON, in camel case, gives the seats and days of the table with the same cells."""
    head = "Report Refresh Date,User Principal Name,Display Name,Last Activity Date,Microsoft Teams Copilot Last Activity Date\n"
    table, _ = read("m365_copilot", "usage.csv", head + f"2026-03-10,{ADA},,2026-03-09,2026-03-05\n2026-03-10,{BO},,,\n")
    names = ("reportRefreshDate", "userPrincipalName", "displayName", "lastActivityDate")
    people = ((ADA, "2026-03-09", "2026-03-05"), (BO, None, None))
    page = {
        "value": [
            dict(zip(names, ("2026-03-10", who, "", last), strict=True))
            | {"microsoftTeamsCopilotLastActivityDate": teams, "copilotActivityUserDetailsByPeriod": [{"reportPeriod": 30}]}
            for who, last, teams in people
        ]
    }
    assert read("m365_copilot", "usage.json", json.dumps(page))[0] == table
    assert [(seat["last_active_on"], seat["measured"]) for seat in table["Seat"]] == [(date(2026, 3, 9), True), (None, True)]
