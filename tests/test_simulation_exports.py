"""Files of a simulated company: the shapes that vendors document, the same bytes twice, and a truth that agrees with them."""

import atexit
import csv
import json
import re
import subprocess
import zipfile
from collections import Counter
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from groundswell.simulation.demo import NAMES, world
from groundswell.simulation.exports.company import ALL, write
from groundswell.simulation.exports.slack import channel_id
from groundswell.simulation.names import christen
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.world import World, simulate

DIALS = Dials(starts=0.05, seat_share=0.9, seat_tools=3)


def make() -> World:
    return simulate(people=60, weeks=40, policy=Policy.BOTH, seed=6, dials=DIALS)


@cache
def company() -> Path:
    kept = TemporaryDirectory(prefix="simulated-")
    atexit.register(kept.cleanup)
    folder = Path(kept.name)
    write(make(), folder)
    return folder


def rows(name: str) -> list[dict[str, str]]:
    with (company() / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (company() / name).read_text(encoding="utf-8").splitlines()]


@cache
def slack() -> dict[str, object]:
    with zipfile.ZipFile(company() / "slack_export.zip") as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def messages() -> list[tuple[str, dict]]:
    return [(name.split("/")[0], m) for name, day in slack().items() if "/" in name for m in day]  # type: ignore[attr-defined]


def git(*arguments: str) -> str:
    command = ["git", "--git-dir", str(company() / "product.git"), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_same_world_same_bytes(tmp_path: Path) -> None:
    """Writing the same world twice gives the same bytes in every file, and the same commits."""
    write(make(), tmp_path)
    mine = {p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file() and ".git" not in str(p)}
    theirs = {p.relative_to(company()) for p in company().rglob("*") if p.is_file() and ".git" not in str(p)}
    assert mine == theirs
    for name in mine:
        assert (tmp_path / name).read_bytes() == (company() / name).read_bytes(), name
    head = subprocess.run(
        ["git", "--git-dir", str(tmp_path / "product.git"), "rev-parse", "main"], check=True, capture_output=True, text=True
    )
    assert head.stdout == git("rev-parse", "main")


def test_slack_has_the_shape_of_an_export() -> None:
    """The three files at the top, a file a channel and day, string ts unique in a channel, threads that point both ways."""
    export = slack()
    assert {"channels.json", "users.json", "integration_logs.json"} <= set(export)
    channels = {c["name"]: c["id"] for c in export["channels.json"]}  # type: ignore[attr-defined]
    users = {u["id"]: u for u in export["users.json"]}  # type: ignore[attr-defined]
    assert len(users) == len(export["users.json"])  # type: ignore[arg-type]
    assert all(re.fullmatch(r"[^/]+/\d{4}-\d\d-\d\d\.json", name) for name in export if "/" in name)
    assert {name.split("/")[0] for name in export if "/" in name} <= set(channels)
    seen = Counter((channel, m["ts"]) for channel, m in messages())
    assert max(seen.values()) == 1
    roots = {(channel, m["ts"]): m for channel, m in messages()}
    replies = 0
    for channel, m in messages():
        assert re.fullmatch(r"\d{10}\.\d{6}", m["ts"])
        assert m["type"] == "message"
        assert m.get("user", m.get("bot_id")) in users or m["subtype"] == "bot_message"
        if m.get("thread_ts", m["ts"]) != m["ts"]:
            root = roots[channel, m["thread_ts"]]
            assert m["parent_user_id"] == root["user"]
            assert {"user": m["user"], "ts": m["ts"]} in root["replies"]
            replies += 1
    assert replies == sum(m.get("reply_count", 0) for _, m in messages() if m.get("thread_ts") == m["ts"])
    assert replies > 500


def test_slack_has_what_real_exports_have() -> None:
    """Edits, reactions, joins, bots, mentions, escaped quotes, replies on other days, and users without an address."""
    kinds = Counter(m.get("subtype", "") for _, m in messages())
    assert kinds["channel_join"] > 0
    assert kinds["bot_message"] > 0
    assert any("edited" in m for _, m in messages())
    assert any("reactions" in m for _, m in messages())
    assert any(re.search(r"<@U\w+>", m["text"]) for _, m in messages())
    assert any(m["text"].startswith("&gt; ") for _, m in messages())
    assert any(float(m["thread_ts"]) // 86400 < float(m["ts"]) // 86400 for _, m in messages() if "parent_user_id" in m)
    assert any("email" not in u["profile"] for u in slack()["users.json"])  # type: ignore[attr-defined]


def test_slack_messages_are_as_heavy_as_real_ones() -> None:
    """A message takes one to two kilobytes, and its blocks say what its text says: quotations apart, mentions by user id."""
    with zipfile.ZipFile(company() / "slack_export.zip") as archive:
        written = sum(member.file_size for member in archive.infolist() if "/" in member.filename)
    said = [m for _, m in messages() if "blocks" in m]
    assert 1_000 < written / len(messages()) < 2_000
    assert len(said) > 0.8 * len(messages())
    quoted = mentioned = 0
    for message in said:
        lines = []
        for part in message["blocks"][0]["elements"]:
            words = "".join(f"<@{e['user_id']}>" if e["type"] == "user" else e["text"] for e in part["elements"])
            mark = "> " if part["type"] == "rich_text_quote" else ""
            lines += [mark + line for line in words.split("\n")]
            quoted += bool(mark)
            mentioned += any(e["type"] == "user" for e in part["elements"])
        text = "\n".join(lines).replace("&", "&amp;")
        for sign, name in (("<", "&lt;"), (">", "&gt;")):
            text = re.sub(rf"{sign}(?!@)" if sign == "<" else r"(?<!\w)>", name, text)
        assert text == message["text"]
    assert quoted
    assert mentioned


def test_truth_names_the_messages() -> None:
    """Every act spoken in the world is in messages.jsonl once, under a container and key that exist; at least 95 % do nothing."""
    told = lines("truth/messages.jsonl")
    there = {(channel_id_of(channel), m["ts"]) for channel, m in messages()}
    assert {(line["container"], line["key"]) for line in told} <= there
    w = make()
    spoken = np.flatnonzero(~w.places.is_repository(w.acts["place"])).tolist()
    assert sorted(row for line in told for row in (line["row"], *line["more"]) if row is not None) == spoken
    assert all(len(line["acts"]) >= 1 + len(line["more"]) for line in told)
    people = sum(m.get("subtype") is None for _, m in messages())
    assert len(told) <= 0.05 * people
    truth = w.truth["acts"]
    for line in told[::50]:
        if line["row"] is not None:
            assert line["acts"][0]["act"] == truth["act"][line["row"]]


def channel_id_of(name: str) -> str:
    return channel_id(make_places().index(name))


@cache
def make_places() -> tuple[str, ...]:
    return make().places.names


def test_mattermost_has_the_shape_of_a_bulk_export() -> None:
    """The version first, then team, channels, users, posts without an id, times in milliseconds, the same words as in Slack."""
    with zipfile.ZipFile(company() / "mattermost_export.zip") as archive:
        content = [json.loads(line) for line in archive.read("import.jsonl").splitlines()]
    assert content[0] == {"type": "version", "version": 1}
    kinds = [line["type"] for line in content]
    assert [kinds.index(kind) for kind in ("team", "channel", "user", "post")] == sorted(
        kinds.index(kind) for kind in ("team", "channel", "user", "post")
    )
    posts = [line["post"] for line in content if line["type"] == "post"]
    assert all(not {"id", "post_id"} & set(post) for post in posts)
    assert all(1.7e12 < post["create_at"] < 1.8e12 for post in posts)
    count = len(posts) + sum(len(post.get("replies", [])) for post in posts)
    assert count == len(messages())


def test_mattermost_has_what_real_exports_have() -> None:
    """Threads, replies on other days, edits and reactions of roots and replies, webhooks, joins, quotes, and who reads where."""
    with zipfile.ZipFile(company() / "mattermost_export.zip") as archive:
        content = [json.loads(line) for line in archive.read("import.jsonl").splitlines()]
    posts = [line["post"] for line in content if line["type"] == "post"]
    replies = [(post, reply) for post in posts for reply in post.get("replies", [])]
    day = 86_400_000
    assert any(post["create_at"] // day < reply["create_at"] // day for post, reply in replies)
    assert all(post["create_at"] <= reply["create_at"] for post, reply in replies)
    for some in (posts, [reply for _, reply in replies]):
        assert any("edit_at" in post for post in some)
        assert any("reactions" in post for post in some)
    assert any(post.get("props", {}).get("from_webhook") == "true" for post in posts)
    joins = [post for post in posts if post.get("type") == "system_join_channel"]
    assert len(joins) == sum(m.get("subtype") == "channel_join" for _, m in messages()) > 0
    assert any(post["message"].startswith("> ") for post in posts)
    users = [line["user"] for line in content if line["type"] == "user"]
    named = {line["channel"]["name"] for line in content if line["type"] == "channel"}
    assert {c["name"] for user in users for team in user["teams"] for c in team["channels"]} == named


def test_org_chart_has_dated_snapshots() -> None:
    """One row a person and snapshot, managers who exist, departments that are units, dates in order."""
    chart = rows("org_chart.csv")
    snapshots = {row["SNAPSHOT"] for row in chart}
    assert len(snapshots) >= 4
    assert len({(row["SNAPSHOT"], row["EMPLOYEE_ID"]) for row in chart}) == len(chart)
    known = {row["EMPLOYEE_ID"] for row in chart}
    assert {row["MANAGER_ID"] for row in chart} <= known | {""}
    assert {row["DEPARTMENT"] for row in chart} <= set(make().company.units)
    assert all(row["JOIN_DATE"] < row["LEAVE_DATE"] for row in chart if row["LEAVE_DATE"])
    assert all(row["JOIN_DATE"] <= row["SNAPSHOT"] for row in chart)


def test_copilot_files_agree_with_the_log() -> None:
    """A row a person and day of use, passive days without interaction, and seats whose holders are the users of the report."""
    report = lines("copilot_users_1_day.ndjson")
    assert len({(row["user_login"], row["day"]) for row in report}) == len(report) > 20
    passive = [row for row in report if row["used_copilot_code_review_passive"]]
    assert all(row["user_initiated_interaction_count"] == 0 and not row["used_chat"] for row in passive)
    holders = set()
    for path in company().glob("copilot_seats_*.json"):
        seats = json.loads(path.read_text(encoding="utf-8"))
        assert seats["total_seats"] == len(seats["seats"]) > 0
        holders |= {seat["assignee"]["login"] for seat in seats["seats"]}
    assert {row["user_login"] for row in report} <= holders


def test_git_is_a_real_repository() -> None:
    """It passes fsck, its commits are by the company's people, bots and agents, and every marked act is a commit."""
    assert "error" not in git("fsck", "--full")
    told = lines("truth/commits.jsonl")
    every = set(git("rev-list", "--all").split())
    assert {line["commit"] for line in told} <= every
    w = make()
    rows_ = np.flatnonzero(w.places.is_repository(w.acts["place"])).tolist()
    assert sorted(line["row"] for line in told) == rows_
    mail = {p.email for p in christen(w.company, w.chance)}
    authors = set(git("log", "--all", "--format=%ae").split())
    assert authors - mail <= {a for a in authors if a.endswith("@users.noreply.github.com")}


def test_git_has_what_real_histories_have() -> None:
    """Co-author trailers, agents as authors, squash merges, merges of branches, noreply addresses, a bot, files that move."""
    log = git("log", "--all", "--format=%an%x00%ae%x00%cn%x00%s%x00%b%x01")
    assert re.search(r"co-authored-by: \S.*<\S+@\S+>", log, re.IGNORECASE)
    assert "dependabot[bot]" in log
    authors = {line.split("\x00")[0].strip() for line in log.split("\x01")}
    assert "copilot-swe-agent[bot]" in authors
    assert re.search(r"GitHub\x00[^\x00]+\(#\d+\)", log)
    assert "Merge pull request #" in log
    assert re.search(r"\d+\+\w[\w-]*@users\.noreply\.github\.com", log)
    names = git("log", "--all", "--name-status", "--format=")
    assert re.search(r"^A\t.*(SKILL\.md|\.mdc|CLAUDE\.md|AGENTS\.md|commands/.*\.md|\.agent\.md)$", names, re.MULTILINE)
    zones = set(git("log", "--all", "--format=%ai").split()) & {"+0000", "+0100", "+0700"}
    assert len(zones) == 3


def test_shared_files_follow_the_truth() -> None:
    """Created, edited, moved and deleted in the repository exactly as often as in the truth."""
    told = Counter(row["event"] for row in rows("truth/artefacts.csv"))
    log = git("log", "main", "--first-parent", "-M", "--name-status", "--format=")
    carriers = r"(?:SKILL\.md|\.mdc|CLAUDE\.md|AGENTS\.md|commands/\S+\.md|\.agent\.md)"
    pattern = re.compile(rf"^([AMDR])\d*\t(?:\S+\t)?\S*{carriers}$", re.MULTILINE)
    found = Counter(pattern.findall(log))
    assert (found["A"], found["R"], found["D"]) == (told["created"], told["moved"], told["deleted"])
    assert found["M"] == told["edited"]


def test_other_vendors_have_their_headers() -> None:
    """Microsoft, LiteLLM, seats and pulse have the columns documented, Claude Code its nesting; the pulse names nobody."""
    licences = [rows(path.name) for path in sorted(company().glob("m365_copilot_*.csv"))]
    assert any(row["Last Activity Date"] for some in licences for row in some)
    assert {"Report Refresh Date", "User Principal Name", "Last Activity Date"} <= set(licences[0][0])
    assert all(float(row["MONTHLY_PRICE"]) > 0 for row in rows("seats.csv"))
    report = next(iter(sorted(company().glob("claude_code_*.json"))))
    row = json.loads(report.read_text(encoding="utf-8"))["data"][0]
    assert {"date", "actor", "core_metrics", "tool_actions", "model_breakdown"} <= set(row)
    assert "@" in row["actor"]["email_address"]
    assert {"user_id", "date", "model", "api_requests"} <= set(rows("litellm_daily_user_spend.csv")[0])
    assert {"EMAIL", "TOOL", "MONTHLY_PRICE", "CURRENCY"} <= set(rows("seats.csv")[0])
    answers = (company() / "pulse.csv").read_text(encoding="utf-8")
    assert answers.startswith("Day,Tool,Job,Used,How,Expected,Kept,Second,Stratum\n")
    assert "@" not in answers
    assert not any(p.last in answers for p in christen(make().company, make().chance))


def test_truth_tables_are_beside() -> None:
    """Every table of the truth is a CSV with as many rows."""
    for name, table in make().truth.items():
        assert len(rows(f"truth/{name}.csv")) == len(next(iter(table.values())))


def test_some_sources_only(tmp_path: Path) -> None:
    """Only what is asked for is written; an unknown source is refused by name."""
    write(make(), tmp_path, sources=("org_chart",))
    assert [p.name for p in tmp_path.iterdir()] == ["org_chart.csv"]
    with pytest.raises(ValueError, match="no export called jabber"):
        write(make(), tmp_path, sources=("jabber",))
    assert "slack" in ALL


def test_demo_has_volume_for_every_rule() -> None:
    """Both companies of the demo pass the withholding rules of M1 and M3, and differ in the direction their names say."""
    loud, quiet = (world(name) for name in NAMES)
    shares = []
    for w in (loud, quiet):
        practices, told = w.truth["practices"], w.truth["announcements"]
        origin = Counter(practices["origin"].tolist())
        assert len(practices["origin"]) >= 40
        assert min(origin["grassroots"], origin["mandated"]) >= 3
        assert len(set(practices["unit"].tolist())) >= 5
        assert told["followed"].sum() >= 15
        assert len(set(told["by_unit"].tolist())) >= 8
        shares.append(((practices["fate"] == "alive").mean(), told["taken_up"][told["followed"]].mean()))
    assert shares[0][0] < 0.35 < 0.6 < shares[1][0]
    assert shares[0][1] < 0.4 < 0.5 < shares[1][1]
    assert NAMES == ("talk-outruns-use", "quiet-groundswell")
