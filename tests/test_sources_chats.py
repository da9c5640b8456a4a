"""The other chats: each form an export comes in, and what is refused in it."""

import gzip
import io
import json
import tarfile
import time
import zipfile

import pytest

from groundswell.errors import InputError
from groundswell.privacy.door import Door
from groundswell.registry import sources
from groundswell.sources import _words
from groundswell.sources.google_chat import written_date
from source_samples import KEY, place_sample, read_rows

SOURCES = sources()


def same(name, one, other):
    """Two forms of one export give one reading."""
    first, again = read_rows(SOURCES[name], one), read_rows(SOURCES[name], other)
    assert first[0] == again[0]
    assert first[0]
    assert (first[1].skipped, first[1].refused) == (again[1].skipped, again[1].refused)


def zipped(path, files):
    """A zip of (name, path) pairs."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, file in files:
            out.write(file, name)
    return path


def inside(folder):
    """(name, path) of the files below a folder."""
    return [(str(f.relative_to(folder)), f) for f in sorted(folder.rglob("*")) if f.is_file()]


def test_mattermost_is_read_from_its_zip(tmp_path):
    """The zip that the server's own command writes gives the reading of the lines inside it."""
    plain = place_sample("mattermost", tmp_path / "a")
    same("mattermost", plain, zipped(tmp_path / "e.zip", [("import.jsonl", plain), ("data/x.png", plain)]))


def test_a_damaged_mattermost_zip_keeps_what_came_before(tmp_path):
    """Lines read before the damage stand; the rest is one counted loss."""
    lines = ['{"type":"version","version":1}', '{"type":"channel","channel":{"team":"t","name":"c","type":"O"}}']
    lines += [
        json.dumps(
            {
                "type": "post",
                "post": {"team": "t", "channel": "c", "user": f"u{n}", "message": f"{n * 7919}", "create_at": 1772445600000 + n},
            }
        )
        for n in range(30_000)
    ]
    (tmp_path / "l.jsonl").write_text("\n".join(lines))
    path = zipped(tmp_path / "e.zip", [("import.jsonl", tmp_path / "l.jsonl")])
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(raw)
    rows, tally = read_rows(SOURCES["mattermost"], path)
    assert 0 < len(rows["Message"]) < 30_000
    assert tally.skipped["rest of a file that is damaged"] == 1


@pytest.mark.parametrize("top", ["", "zulip-export-x/"])
def test_zulip_is_read_from_its_tar(tmp_path, top):
    """The tar.gz of an export gives the reading of the folder it unpacks to, wherever realm.json stands in it."""
    folder = place_sample("zulip", tmp_path / "a")
    path = tmp_path / "e.tar.gz"
    with tarfile.open(path, "w:gz") as out:
        for name, file in inside(folder):
            out.add(file, top + name)
    again = read_rows(SOURCES["zulip"], path)[0]
    assert again == read_rows(SOURCES["zulip"], folder)[0]


def test_zulip_without_its_realm_is_refused(tmp_path):
    """A tar without realm.json cannot tell public from private, and says so."""
    folder = place_sample("zulip", tmp_path / "a")
    path = tmp_path / "e.tar.gz"
    with tarfile.open(path, "w:gz") as out:
        out.add(folder / "messages-000001.json", "messages-000001.json")
    with pytest.raises(InputError, match="public and private"):
        list(SOURCES["zulip"].read(SOURCES["zulip"].recognise(path), Door(KEY, "zulip")))


def test_a_gzip_bomb_is_stopped(tmp_path):
    """A tar.gz or mbox.gz of endless zeros stops at 250 times its size, as an error or a count."""
    header = b"From a@x Mon Mar  2 10:00:00 2026\nFrom: a@x\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nList-Id: <l>\n\nwords\n"
    path = tmp_path / "bomb.mbox.gz"
    with gzip.open(path, "wb") as out:
        out.write(header)
        for _ in range(64):
            out.write(bytes(1 << 20))
    tally = read_rows(SOURCES["mbox"], path)[1]
    assert tally.skipped["rest of a file that is damaged"] == 1


@pytest.mark.parametrize("index", [True, False], ids=["index", "no index"])
def test_a_public_zulip_archive_is_read(tmp_path, index):
    """Topics of an archive are threads; a mention is found by name; a settled topic is the same topic; quotes go."""
    room = tmp_path / "archive" / "113-general"
    room.mkdir(parents=True)
    if index:
        (tmp_path / "archive" / "stream_index.json").write_text(
            '{"streams": {"general": {"id": 113, "latest_id": 2, "topic_data": {}}}}'
        )
    mention = '<p><span class="user-mention" data-user-id="1">@Ada Nobody</span> took &amp; kept it</p>'
    silent = '<p><span class="user-mention silent" data-user-id="2">Bo Nobody</span> said:</p>'
    quoted = f"{silent}<blockquote><p>not mine</p></blockquote>{mention}"
    posts = [
        {"id": 1, "sender_full_name": "Ada Nobody", "timestamp": 1772445600, "content": "<p>tried <code>Codex</code></p>"},
        {"id": 2, "sender_full_name": "Bo Nobody", "timestamp": 1772445700, "content": quoted},
    ]
    (room / "a.20topic.json").write_text(json.dumps(posts[:1]))
    (room / ".E2.9C.94.20a.20topic.json").write_text(json.dumps(posts[1:]))
    rows, _ = read_rows(SOURCES["zulip"], tmp_path / "archive")
    found = sorted(rows["Message"], key=lambda m: m["ts"])
    assert [m["text"] for m in found] == ["tried Codex", "@ said:\n@ took & kept it"]
    assert found[0]["thread"] == found[1]["thread"]
    assert [(t["actor"], t["whom"], t["kind"]) for t in rows["TieTrace"]] == [(found[1]["actor"], found[0]["actor"], "mention")]


PAGE = """<html><head><meta charset="utf-8"><title>a topic \u00b7 general \u00b7 Zulip Chat Archive</title></head>
<h2>Stream: <a href="x">general</a></h2>
{messages}
<hr><p>Last updated: May 16 2025 at 17:14 UTC</p>
</html>"""
HEADED = """<a name="{number}"></a>
<h4><a href="https://chat.example#1" class="zl"><img src="z.svg"></a> {name} <a href="a.html#{number}">({time})</a>:</h4>
{body}
"""


@pytest.mark.parametrize("below", ["stream", ""], ids=["site", "streams alone"])
def test_a_zulip_archive_s_pages_are_read(tmp_path, below):
    """Pages give number, author, minute and words; what is no heading or no time is counted; the foot is no word."""
    room = tmp_path / "site" / below / "27-general" / "topic"
    room.mkdir(parents=True)
    mention = '<p><span class="user-mention" data-user-id="1">@Ada Nobody</span> took &amp; kept it</p>'
    told = [
        (7, "Ada Nobody", "Jul 09 2024 at 21:31", "<p>tried <code>Codex</code></p>"),
        (8, "Bo O&#39;Nobody", "Jul 09 2024 at 21:40 UTC", f"<blockquote><p>not mine</p></blockquote>{mention}"),
        (9, "Ada Nobody", "yesterday", "<p>late</p>"),
    ]
    messages = "\n".join(HEADED.format(number=n, name=name, time=time, body=body) for n, name, time, body in told)
    broken = messages.replace('<a name="9"></a>', '<a name="9"></a>\n<h4>nothing\n<a name="10"></a>')
    (room / "a.20topic.html").write_text(PAGE.format(messages=broken))
    rows, tally = read_rows(SOURCES["zulip"], tmp_path / "site")
    found = sorted(rows["Message"], key=lambda m: m["ts"])
    assert [m["text"] for m in found] == ["tried Codex", "@ took & kept it"]
    assert [m["ts"].isoformat() for m in found] == ["2024-07-09T21:31:00+00:00", "2024-07-09T21:40:00+00:00"]
    assert found[0]["thread"] == found[1]["thread"]
    assert [(t["actor"], t["whom"]) for t in rows["TieTrace"]] == [(found[1]["actor"], found[0]["actor"])]
    assert dict(tally.skipped) == {"message of an unexpected shape": 1, "message without a usable time": 1}


def test_a_zulip_archive_s_json_is_taken_before_its_pages(tmp_path):
    """A whole site holds both: the exact times count, each message counts once, and the index is no topic."""
    page, topic = tmp_path / "site" / "stream" / "27-general" / "topic", tmp_path / "site" / "zulip_json" / "27-general"
    page.mkdir(parents=True)
    topic.mkdir(parents=True)
    told = HEADED.format(number=7, name="Ada Nobody", time="Jul 09 2024 at 21:31", body="<p>tried it</p>")
    (page / "a.html").write_text(PAGE.format(messages=told))
    post = {"id": 7, "sender_full_name": "Ada Nobody", "timestamp": 1720546275.5, "content": "<p>tried it</p>"}
    (topic / "a.json").write_text(json.dumps([post]))
    (topic.parent / "stream_index.json").write_text('{"streams": {}}')
    rows, tally = read_rows(SOURCES["zulip"], tmp_path / "site")
    assert [m["ts"].isoformat() for m in rows["Message"]] == ["2024-07-09T17:31:15.500000+00:00"]
    assert not tally.skipped


def test_mail_is_read_from_gzip_and_maildir(tmp_path):
    """A list's packed archive and a maildir of the same mails give the same messages."""
    plain = place_sample("mbox", tmp_path / "a")
    packed = tmp_path / "list.mbox.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    maildir = tmp_path / "maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    mails = ("\n" + plain.read_text()).split("\nFrom ")[1:]
    for number, mail in enumerate(m.partition("\n")[2] for m in mails if m.partition("\n")[2]):
        (maildir / ("cur" if number else "new") / f"{number}.host:2,S").write_text(mail)
    wanted = {m["id"]: m["text"] for m in read_rows(SOURCES["mbox"], plain)[0]["Message"]}
    for other in (packed, maildir):
        assert {m["id"]: m["text"] for m in read_rows(SOURCES["mbox"], other)[0]["Message"]} == wanted


def test_ten_million_headers_cost_no_memory(tmp_path):
    """Headers past a quarter of a megabyte are passed over, and the next mail is read."""
    head = "From a@x Mon Mar  2 10:00:00 2026\nFrom: a@x.example\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nList-Id: <l.x>\n"
    path = tmp_path / "l.mbox"
    path.write_text(
        f"{head}{'X-Filler: y' * 3}\n{'X-Filler: yyyyyyyyyy' * 1 + chr(10)}"
        + "X-F: y\n" * 300_000
        + f"\nfirst\n\n{head}\nsecond\n"
    )
    rows, tally = read_rows(SOURCES["mbox"], path)
    assert [m["text"] for m in rows["Message"]] == ["first", "second"]
    assert tally.skipped["headers too long to be a mail's; the rest of them is not read"] == 1


def test_teams_reads_zips_lines_and_refuses_without_channels(tmp_path):
    """A zip reads like its folder; messages alone, as a page or as lines, are refused: nothing says their channel is open."""
    folder = place_sample("teams", tmp_path / "a")
    same("teams", folder, zipped(tmp_path / "e.zip", inside(folder)))
    page = json.loads((folder / "messages.json").read_text())["value"]
    alone = tmp_path / "alone.jsonl"
    alone.write_text("\n".join(json.dumps(m) for m in page))
    for path in (folder / "messages.json", alone):
        rows, tally = read_rows(SOURCES["teams"], path)
        assert rows == {}
        assert sum(n for reason, n in tally.refused.items() if "not known to be standard" in reason) == 9


def test_google_chat_without_its_list_of_spaces_reads_nothing(tmp_path):
    """A Takeout alone does not say which spaces are open, so none is read; as a zip it reads like its folder."""
    folder = place_sample("google_chat", tmp_path / "a")
    same("google_chat", folder, zipped(tmp_path / "e.zip", inside(folder)))
    next(folder.rglob("spaces.json")).unlink()
    rows, tally = read_rows(SOURCES["google_chat"], folder)
    assert rows == {}
    assert sum(tally.refused.values()) == 3


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Friday, March 1, 2024 at 10:12:33\u202fAM UTC", 10),
        ("Friday, March 1, 2024 at 12:12:33 AM UTC", 0),
        ("Friday, March 1, 2024 at 12:12:33 PM UTC", 12),
        ("vendredi 1 mars 2024 à 22:12:33 UTC", 22),
        ("Thứ Sáu, 1 tháng 3, 2024 lúc 10:12:33 CH UTC", 22),
        ("2024-03-01T10:12:33Z", 10),
        ("Freitag, 1. Brumaire 2024 um 10:12:33 UTC", None),
        ("", None),
    ],
)
def test_written_dates(text, hour):
    """Takeout's dates in English, French and Vietnamese are instants; in another language they are None, never a guess."""
    found = written_date(text)
    assert (found and (found.year, found.month, found.day, found.hour)) == (None if hour is None else (2024, 3, 1, hour))


EVIL = [
    "<!--",
    "<a ",
    "</",
    "&#",
    "<at>",
    '<span class="user-mention">',
    "![a](",
    "[",
    "](",
    "```",
    "~~~\n",
    "\n",
    " \n",
    ">",
    "<@",
    "wrote \n>",
    " ",
]


@pytest.mark.parametrize("piece", EVIL)
def test_hostile_text_costs_no_time(piece):
    """Markup repeated to the limit is read in time that grows with its length, in every dialect."""
    start = time.process_time()
    _words.markup(piece * 200_000, lambda *_: "@")
    _words.slack(piece * 50_000, lambda _: "@")
    _words.markdown(piece * 50_000)
    _words.mail(piece * 100_000)
    assert time.process_time() - start < 3


def test_own_words():
    """Quotes, fenced code and signatures go; short inline code is a word of the sentence; markup becomes plain text."""
    called = []
    text = "&gt; theirs\nmine &amp; <@U1|x> in <#C1|room> see <https://x.example|page> `claude` <!here>\n```\ncode\n```"
    assert _words.slack(text, lambda u: called.append(u) or "@") == "mine & @ in #room see page https://x.example claude @here"
    assert called == ["U1"]
    assert _words.slack("mine\n&gt;&gt;&gt; theirs\nstill theirs", str) == "mine"
    assert _words.markdown("> theirs\nmine [page](https://x.example)\n~~~\ncode\n~~~") == "mine page https://x.example"
    assert _words.mail("mine\n\nOn Monday Ada wrote:\n\n> theirs\n> more\n\nmine too\n-- \nAda") == "mine\n\nmine too"
    assert (
        _words.markup(
            "<p>mine &lt;b&gt;<br>two</p><blockquote>x<blockquote>y</blockquote>z</blockquote><pre>c</pre>", lambda *_: ""
        )
        == "mine <b>\ntwo"
    )


def test_a_stream_is_closed_after_reading(tmp_path):
    """No file stays open after an export was read: warnings are errors here, and an open file is one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr("import.jsonl", '{"type":"version","version":1}\n')
    path = tmp_path / "e.zip"
    path.write_bytes(buffer.getvalue())
    assert read_rows(SOURCES["mattermost"], path)[0] == {}


def test_vault_is_read_from_its_zips(tmp_path):
    """A folder of zips, as Vault gives them, reads like the mailboxes in it; without a list of spaces nothing is read."""
    folder = place_sample("google_vault", tmp_path / "a")
    packed = tmp_path / "b" / "export"
    packed.mkdir(parents=True)
    zipped(packed / "export-1.zip", [("export-1.mbox", folder / "messages-1.mbox")])
    (packed / "spaces.json").write_bytes((folder / "spaces.json").read_bytes())
    same("google_vault", folder, packed)
    (packed / "spaces.json").unlink()
    rows, tally = read_rows(SOURCES["google_vault"], packed)
    assert not rows
    assert sum(tally.refused.values()) == 2


def test_a_channel_of_the_analytics_is_the_place_of_its_messages(tmp_path):
    """A day of a channel is a trace of nobody at the place the export of messages names, so that the two can be laid together."""
    line = {"channel_id": "C1", "date": "2026-03-02", "messages_posted_by_members_count": 3, "members_who_posted_count": 2}
    (tmp_path / "channels.ndjson").write_text(json.dumps(line))
    rows, _ = read_rows(SOURCES["slack_analytics"], tmp_path / "channels.ndjson")
    door = Door(KEY, "slack")
    assert [(t["actor"], t["place"]) for t in rows["Trace"]] == [(0, door.hashed("slack", "channel", "C1"))]
