"""Builds invented repositories commit by commit, through git fast-import, so that commit ids are the same everywhere."""

import json
import os
import subprocess
from datetime import UTC, datetime

ADA = "Ada Invented <ada@plainly.example>"
BEA = "Bea Madeup <bea@plainly.example>"
CYR = "Cyr Fictive <7+cyrfictive@users.noreply.github.com>"
DEVIN = "Devin Nobody <devin@plainly.example>"
HOST = "GitHub <noreply@github.com>"
CLAUDE = "Claude <noreply@anthropic.com>"
COPILOT = "Copilot <198982749+Copilot@users.noreply.github.com>"
DEPENDABOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
MARVIN = "marvin-robot <marvin-robot@plainly.example>"
CREDIT = "Co-authored-by: "


class Story:
    """A history told in order; writes itself as a repository."""

    def __init__(self):
        self._stream = bytearray()
        self._marks = 0
        self._tips = {}

    def commit(
        self, author, day, message="work", *, on="main", files=(), gone=(), links=(), by=None, merges=None, start=None, at=None
    ):
        """Add a commit and return its number.

        Args:
            author, by: "Name <address>" of author and committer.
            day: "2025-03-01", or with hours.
            on: branch, or a whole ref.
            files: path -> text, or paths.
            gone: paths to delete.
            links: path -> target.
            merges: branch merged in.
            start: branch the first commit of `on` starts from.
            at: raw time in place of `day`.
        """
        self._marks += 1
        ref = on if on.startswith("refs/") else f"refs/heads/{on}"
        seconds = at if at is not None else int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
        parent = self._tips.get(ref) or self._tips.get(f"refs/heads/{start}")
        self._say(f"commit {ref}\nmark :{self._marks}\nauthor {author} {seconds} +0000")
        self._say(f"committer {by or author} {seconds if 0 < seconds < 2**31 else 1_700_000_000} +0000")
        self._data(message)
        if parent:
            self._say(f"from :{parent}")
        if merges:
            self._say(f"merge :{self._tips[f'refs/heads/{merges}']}")
        for path in gone:
            self._say(f"D {path}")
        for path, text in files.items() if isinstance(files, dict) else ((path, path) for path in files):
            self._say(f"M 100644 inline {path}")
            self._data(text)
        for path, target in dict(links).items():
            self._say(f"M 120000 inline {path}")
            self._data(target)
        self._tips[ref] = self._marks
        return self._marks

    def note(self, commits, at=1_760_000_000):
        """Write notes of agents: number of a commit -> text of its note."""
        self._say(f"commit refs/notes/ai\ncommitter {ADA} {at} +0000")
        self._data("notes")
        for number, text in commits.items():
            self._say(f"N inline :{number}")
            self._data(text)

    def _say(self, line):
        self._stream += line.encode() + b"\n"

    def _data(self, text):
        raw = text if isinstance(text, bytes) else text.encode()
        self._stream += b"data %d\n" % len(raw) + raw + b"\n"

    def write(self, folder, *, bare=False):
        """Write the repository into a new folder and return the folder."""
        shape = ["--bare"] if bare else []
        git("init", "--quiet", "--template=", "--initial-branch=main", *shape, str(folder))
        git(
            "-C",
            str(folder),
            "-c",
            "core.fsyncMethod=batch",
            "fast-import",
            "--quiet",
            "--date-format=raw-permissive",
            feed=bytes(self._stream),
        )
        return folder


def git(*words, feed=b""):
    """Run git without anybody's configuration."""
    env = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    return subprocess.run(["git", *words], input=feed, env=env, check=True, capture_output=True).stdout


def agent_note(*tools, words="a prompt of a person"):
    """A note as git-ai writes it, in the form that still held conversations."""
    prompts = {
        f"{n:016x}": {"agent_id": {"tool": tool, "id": "c1", "model": "m"}, "human_author": ADA, "messages": [{"text": words}]}
        for n, tool in enumerate(tools, 1)
    }
    lines = "".join(f"  {number} 1-{n}\n" for n, number in enumerate(prompts, 3))
    return f"b.py\n{lines}---\n" + json.dumps({"schema_version": "authorship/3.0.0", "prompts": prompts}, indent=2)


def story():
    """A small company's repository with every kind of mark and every turn in the life of a practice file."""
    s = Story()
    s.commit(
        ADA,
        "2025-01-06",
        "begin",
        files={"README.md": "hello", ".mailmap": "Ada Invented <ada@plainly.example> <ada@old.example>\n"},
    )
    s.commit("ada <ada@old.example>", "2025-01-07", "from an old address", files=["a.py"])
    paired = s.commit(BEA, "2025-01-08", f"pair\n\n{CREDIT}{ADA}\n", files=["b.py"])
    s.commit(DEPENDABOT, "2025-01-09", "bump", files=["lock.txt"])
    s.commit(
        ADA,
        "2025-02-03",
        f"parse\n\n🤖 Generated with [Claude Code](https://claude.ai/code)\n\n{CREDIT}{CLAUDE}\n",
        files=["p.py"],
    )
    s.commit(CLAUDE, "2025-02-04", f"by the agent\n\n{CREDIT}{BEA}\n", files=["q.py"])
    s.commit(COPILOT, "2025-02-05", "nobody asked", files=["r.py"], by=HOST)
    s.commit(ADA, "2025-02-10", "rules", files=["CLAUDE.md", ".cursor/rules/style.mdc", ".claude/skills/release/SKILL.md"])
    s.commit(BEA, "2025-03-10", "edit", files={".claude/skills/release/steps.md": "1.", "CLAUDE.md": "more"})
    s.commit(ADA, "2025-04-01", "one home", files={".agents/skills/release/SKILL.md": "new text", "AGENTS.md": "more and more"},
             gone=[".claude/skills/release/SKILL.md", ".claude/skills/release/steps.md"],
             links={"CLAUDE.md": "AGENTS.md"})  # fmt: skip
    s.commit(BEA, "2025-05-01", "drop", gone=[".cursor/rules/style.mdc"])
    s.commit(CYR, "2025-05-02", "try", on="codex/parser", start="main", files=["c.py"])
    s.commit(
        ADA,
        "2025-05-03",
        "Merge pull request #4 from plainly/codex/parser\n\nAI disclosure: Codex wrote the tests",
        merges="codex/parser",
    )
    s.commit(BEA, "2025-05-04", f"idea\n\n{CREDIT}Copilot <175728472+Copilot@users.noreply.github.com>\n", files=["d.py"])
    s.commit(CYR, "2025-05-05", "session\n\nAmp-Thread-ID: https://ampcode.example/threads/T-1\nMade-with: Cursor\n",
             on="refs/pull/9/head", start="main", files=["e.py"])  # fmt: skip
    s.commit(ADA, "", "broken clock", at=884_541_340_800, files=["f.py"])
    s.note({paired: agent_note("cursor", "somebody's own"), 1: "checked by hand"})
    return s


def build(folder):
    """Write the sample into an empty folder and return its path."""
    return story().write(folder / "plainly")
