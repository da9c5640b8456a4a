"""Opens a repository as hostile input: its objects are read, its configuration, hooks and servers never run."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from groundswell.errors import InputError

HEADS = ("refs/heads/main", "refs/heads/master", "refs/heads/trunk", "refs/heads/develop")
"""Where the default branch is looked for when HEAD points nowhere, as in a mirror."""

REFS = ("refs/heads", "refs/remotes", "refs/pull/*/head", "refs/merge-requests/*/head")
"""Refs that carry people's commits; refs/pull/*/merge are the host's trial merges and nobody's work."""

NOTES = "refs/notes/ai"
"""Where git-ai and tools of its standard write which agents took part in a commit."""

MAX_MAILMAP = 8 << 20
"""Bytes: a longer mailmap is not one."""

HARMLESS = (
    ("safe.directory", "*"),  # read only, so the owner of the folder does not matter
    ("core.fsmonitor", "false"),
    ("core.hooksPath", os.devnull),
    ("core.pager", "cat"),
    ("log.showSignature", "false"),  # would run the program named by gpg.program
    ("protocol.allow", "never"),
)
"""Settings by which a repository's own configuration could run a program or call a server, set so that it cannot."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with its configuration left outside.

    Attributes:
        path: where the user said it is.
        env: environment in which git sees its objects and nothing else of it.
        head: commit of the default branch; "" without commits.
        root: oldest commit on the first-parent line of head: two clones share it; "" without commits.
        tips: file with one object id a line, every ref with people's commits.
        branches: tip -> short branch name, for refs that have one.
        cuts: commits at which a shallow clone ends.
        trees: whether the files of old commits are there; a treeless clone lacks them.
        mailmap: text of the mailmap at head; b"" if there is none; None if there is one that the clone lacks.
        notes: commit of the notes of agents; "" if there are none here.
    """

    path: Path
    env: dict[str, str]
    head: str
    root: str
    tips: Path
    branches: dict[bytes, list[str]]
    cuts: frozenset[bytes]
    trees: bool
    mailmap: bytes | None
    notes: str = ""

    def git(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run a short git command on the sealed objects."""
        return subprocess.run(command(words), env=self.env, capture_output=True, stdin=subprocess.DEVNULL, check=False)


def git_folder(path: Path) -> Path | None:
    """Folder of git's own files for a work tree, a linked work tree, or a bare repository; None if it is none of them."""
    try:
        inner = path / ".git"
        if inner.is_file():
            with inner.open("rb") as pointer:
                return inner if pointer.read(8) == b"gitdir: " else None
        for folder in (inner, path):
            if folder.is_dir() and _is_git(folder):
                return folder
    except OSError:
        return None
    return None


@contextmanager
def opened(path: Path) -> Iterator[Repository]:
    """Seal a repository for reading.

    The sealed copy is an empty repository in a temporary folder whose object store is the real one, so that of the real
    repository only objects, refs and the list of shallow commits count. Replacement objects and grafts are ignored.

    Raises:
        InputError: git is missing, or the folder is not a repository git can open.
    """
    folder = git_folder(path)
    if folder is None:
        raise InputError(str(path), "not a git repository", expected="a work tree, a bare repository or a mirror")
    with tempfile.TemporaryDirectory(prefix="groundswell-") as room:
        yield _sealed(path, folder, Path(room))


def command(words: tuple[str, ...]) -> list[str]:
    """Full command line of a git command."""
    settings = [part for name, value in HARMLESS for part in ("-c", f"{name}={value}")]
    return ["git", "--no-pager", *settings, *words]


def _is_git(folder: Path) -> bool:
    head = folder / "HEAD"
    if head.is_symlink():
        return (folder / "refs").is_dir()
    if not head.is_file() or not ((folder / "objects").is_dir() or (folder / "commondir").is_file()):
        return False
    with head.open("rb") as pointer:
        start = pointer.read(64)
    return start.startswith(b"ref: ") or (len(start) >= 40 and all(c in b"0123456789abcdef" for c in start[:40]))


def _environment(folder: Path) -> dict[str, str]:
    kept = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")  # nothing that starts with GIT_, no HOME
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "GIT_DIR": str(folder.absolute()),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "none",  # unlike protocol.allow, the repository's configuration cannot lift it
        "LC_ALL": "C",
    }


def _sealed(path: Path, folder: Path, room: Path) -> Repository:
    outside = _environment(folder)
    objects, shallow, form = _ask(path, outside, "rev-parse", "--path-format=absolute", "--git-path", "objects",
                                  "--git-path", "shallow", "--show-object-format")  # fmt: skip
    (room / "objects").mkdir()
    (room / "refs").mkdir()
    (room / "HEAD").write_text("ref: refs/heads/none\n", "ascii")
    (room / "config").write_text(
        f"[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = {form}\n", "ascii"
    )
    cuts: frozenset[bytes] = frozenset()
    if Path(shallow).is_file():
        shutil.copyfile(shallow, room / "shallow")
        cuts = frozenset((room / "shallow").read_bytes().split())
    inside = {**_environment(room), "GIT_OBJECT_DIRECTORY": objects}
    tips, branches, named, notes = _refs(path, outside, room / "tips")
    head = _head(outside, named)
    repository = Repository(path, inside, head, "", tips, branches, cuts, True, b"")
    if not head:
        return repository
    root = _root(repository)
    trees = _has(repository, f"{head}^{{tree}}") and (root.encode() in cuts or _has(repository, f"{root}^{{tree}}"))
    return Repository(path, inside, head, root, tips, branches, cuts, trees, _mailmap(repository) if trees else b"", notes)


def _ask(path: Path, env: dict[str, str], *words: str) -> list[str]:
    try:
        done = subprocess.run(command(words), env=env, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    except FileNotFoundError as error:
        raise InputError(str(path), "git is not installed", remedy="Install git 2.36 or newer and run again") from error
    if done.returncode:
        raise InputError(
            str(path),
            "git cannot open this repository",
            expected="a repository this version of git can read",
            remedy="Run git status there, or clone it again",
        )
    return done.stdout.decode("utf8", "surrogateescape").splitlines()


def _refs(path: Path, env: dict[str, str], tips: Path) -> tuple[Path, dict[bytes, list[str]], dict[str, str], str]:
    branches: dict[bytes, list[str]] = {}
    named: dict[str, str] = {}
    notes = ""
    with tips.open("w", encoding="ascii") as out:
        for line in _ask(path, env, "for-each-ref", "--format=%(objectname) %(refname)", *REFS, NOTES):
            oid, _, name = line.partition(" ")
            if name == NOTES:
                notes = oid  # bookkeeping, nobody's commits
                continue
            out.write(f"{oid}\n")
            parts = name.split("/")
            if parts[1] in ("heads", "remotes"):
                named[name] = oid
                branches.setdefault(oid.encode(), []).append("/".join(parts[2:] if parts[1] == "heads" else parts[3:]))
    return tips, branches, named, notes


def _head(env: dict[str, str], named: dict[str, str]) -> str:
    """Commit of HEAD; if it points nowhere, the remote's HEAD, the usual names, or the only branch there is."""
    done = subprocess.run(
        command(("rev-parse", "--verify", "--quiet", "HEAD^{commit}")), env=env, capture_output=True, check=False
    )
    if not done.returncode:
        return done.stdout.decode("ascii").strip()
    remote = [name for name in named if name.startswith("refs/remotes/") and name.endswith("/HEAD")]
    return next((named[name] for name in (*remote, *HEADS) if name in named), next(iter(named.values()), ""))


def _root(repository: Repository) -> str:
    done = repository.git("rev-list", "--first-parent", "--max-parents=0", repository.head)
    if done.returncode:
        raise damaged(repository.path)
    return done.stdout.decode("ascii").split()[-1]


def _has(repository: Repository, name: str) -> bool:
    return repository.git("cat-file", "-e", name).returncode == 0


def _mailmap(repository: Repository) -> bytes | None:
    entry = repository.git("ls-tree", repository.head, "--", ".mailmap").stdout.split()
    if len(entry) < 3 or entry[1] != b"blob":
        return b""
    blob = entry[2].decode("ascii")
    size = repository.git("cat-file", "-s", blob).stdout.strip()
    if not size.isdigit() or int(size) > MAX_MAILMAP:
        return None
    return repository.git("cat-file", "blob", blob).stdout


def damaged(path: Path, commits: int = 0) -> InputError:
    """The error for a repository whose history cannot be walked to its end."""
    return InputError(
        str(path),
        f"objects are missing or damaged; the walk stopped after {commits} commits",
        expected="a repository whose commits are complete (contents of files are not needed)",
        remedy="Run git fsck there, or clone it again with --filter=blob:none",
    )
