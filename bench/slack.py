"""How fast a Slack zip becomes rows, against merely inflating it, and inflating and decoding it into nothing.

Usage: python bench/slack.py [MB of JSON, default 200] [zip to read instead of an invented one]

Prints MB of JSON a CPU second of one process for each step, and the ratio of neighbouring runs: its median and its range. The
export is invented, from a fixed seed, and looks like what Slack writes: pretty-printed, with blocks, profiles, lists of replies,
one file a channel and day. A real, recent archive has twice as many bytes a message: the ratios here are those of a lean one.
"""

import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from groundswell.model.trace import Message, TieTrace
from groundswell.privacy.door import Door
from groundswell.runs.ingest import seldom_collected
from groundswell.sources import slack
from groundswell.sources._zip import need_archive

WORDS = re.findall(
    r"\w+", "the a build fails again on main I tried Copilot for this ticket and it wrote most tests thanks deploy"
)
PEOPLE = 400
DAYS = 240
START = 1_760_000_000
ROUNDS = 9
INFLATE, DECODE = "inflate and check, to nowhere (bytes)", "inflate and decode into nothing (messages)"
ROWS = "zip to batches (messages and ties)"


def invented(target: Path, megabytes: int, seed: int = 1) -> Path:
    """Write an export zip of about this much JSON."""
    chance = random.Random(seed)  # noqa: S311 - invents text, keeps no secret
    users = [f"U{n:08d}" for n in range(PEOPLE)]
    channels = [{"id": f"C{n:08d}", "name": f"room-{n}", "members": users[n::7]} for n in range(max(4, megabytes // 4))]
    written = 0
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("channels.json", json.dumps(channels))
        profiles = [{"id": u, "team_id": "T1", "profile": {"email": f"p{u.lower()}@invented.example"}} for u in users]
        out.writestr("users.json", json.dumps(profiles))
        for number in range(DAYS * len(channels)):
            day, channel = divmod(number, len(channels))
            text = json.dumps(_day(chance, users, START + day * 86_400), indent=4)
            out.writestr(f"room-{channel}/2026-{1 + day // 28:02d}-{1 + day % 28:02d}.json", text)
            written += len(text)
            if written > megabytes * 1_000_000:
                break
    return target


def _day(chance: random.Random, users: list[str], start: int) -> list[dict[str, object]]:
    posts: list[dict[str, object]] = []
    for number in range(chance.randrange(10, 60)):
        user = chance.choice(users)
        text = " ".join(chance.choices(WORDS, k=chance.randrange(3, 40)))
        if chance.random() < 0.3:
            text = f"<@{chance.choice(users)}> {text} <https://invented.example/{number}|page>"
        post = _post(chance, user, f"{start + number * 60}.{chance.randrange(1_000_000):06d}", text)
        if posts and chance.random() < 0.4:
            root = chance.choice(posts)
            root.setdefault("thread_ts", root["ts"])
            post |= {"thread_ts": root["thread_ts"], "parent_user_id": root["user"]}
            root.setdefault("replies", []).append({"user": user, "ts": post["ts"]})
            root |= {"reply_count": len(root["replies"]), "latest_reply": post["ts"]}
            root["reply_users"] = sorted({reply["user"] for reply in root["replies"]})
        if chance.random() < 0.2:
            post["reactions"] = [{"name": "eyes", "users": chance.sample(users, 2), "count": 2}]
        posts.append(post)
    return posts


def _post(chance: random.Random, user: str, ts: str, text: str) -> dict[str, object]:
    element = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    profile = {
        "avatar_hash": f"{int(user[1:]):08x}9a3d",
        "image_72": f"https://invented.example/{user}-{int(user[1:]):08x}9a3d_72.png",
        "first_name": "Invented",
        "real_name": "Invented Person",
        "display_name": "invented",
        "team": "T1",
        "name": user,
        "is_restricted": False,
        "is_ultra_restricted": False,
    }
    return {
        "client_msg_id": str(uuid.UUID(int=chance.getrandbits(128))),
        "type": "message",
        "text": text,
        "user": user,
        "ts": ts,
        "blocks": [{"type": "rich_text", "block_id": f"{chance.getrandbits(24):06x}", "elements": [element]}],
        "team": "T1",
        "user_team": "T1",
        "source_team": "T1",
        "user_profile": profile,
    }


def timed(steps: dict[str, Callable[[], int]], megabytes: float) -> dict[str, list[float]]:
    """Run every step in turn, ROUNDS times; print the median MB a CPU second of each, and return the seconds.

    A machine is slower at one moment than at another; steps that stand side by side meet the same moment.
    """
    spent: dict[str, list[float]] = {title: [] for title in steps}
    counts: dict[str, int] = {}
    for _ in range(ROUNDS):
        for title, work in steps.items():
            before = time.process_time()
            counts[title] = work()
            spent[title].append(time.process_time() - before)
    for title, seconds in spent.items():
        rate = megabytes / statistics.median(seconds)
        sys.stdout.write(f"{title:44} {rate:8.0f} MB a CPU second {counts[title]:>12,}\n")
    return spent


def main() -> None:
    """Print the table."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[2]) if len(sys.argv) > 2 else invented(Path(folder, "export.zip"), megabytes)
        archive = need_archive(path)
        sizes = {name: member.size for name, member in archive.members.items() if member and "/" in name}
        total = sum(sizes.values()) / 1e6
        sys.stdout.write(f"{len(sizes):,} files, {total:,.0f} MB of JSON in {path.stat().st_size / 1e6:,.0f} MB\n")
        _unzip(path, total)
        skim = msgspec.json.Decoder(list[msgspec.defstruct("Skim", [])])

        def inflate() -> int:
            with archive.reading() as reader:
                return sum(len(reader.read(name)) for name in sizes)

        def decode() -> int:
            with archive.reading() as reader:
                return sum(len(skim.decode(reader.read(name))) for name in sizes)

        def rows() -> int:
            export = slack.recognise(path)
            if export is None:
                raise SystemExit("not recognised")
            return sum(len(b) for b in slack.read(export, Door(b"k" * 32, "slack")) if b.row in (Message, TieTrace))

        rows()  # what is imported once, and pages of memory, cost the first round
        with seldom_collected():
            spent = timed({INFLATE: inflate, DECODE: decode, ROWS: rows}, total)
        ratios = sorted(rows / floor for rows, floor in zip(spent[ROWS], spent[DECODE], strict=True))
        sys.stdout.write(f"batches run at 1/{statistics.median(ratios):.2f} of the rate of decoding into nothing, ")
        sys.stdout.write(f"in {ROUNDS} pairs from 1/{ratios[0]:.2f} to 1/{ratios[-1]:.2f}\n")


def _unzip(path: Path, total: float) -> None:
    import resource

    if tool := shutil.which("unzip"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([tool, "-p", str(path)], stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        sys.stdout.write(f"{'unzip to nowhere':44} {total / spent:8.0f} MB a CPU second\n")


if __name__ == "__main__":
    main()
