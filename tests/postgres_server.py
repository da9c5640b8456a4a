"""A real PostgreSQL server for tests: of this machine's own binaries, in a folder of its own, on loopback, as nobody special."""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
"""Where Debian puts them; the newest is taken."""


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server and give the address of an empty database; it is stopped and its folder removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix="groundswell-postgres-"))
    folder = BINARIES[-1].parent
    # The server refuses to run as root.
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        entry = pwd.getpwnam(user)
        os.chown(place, entry.pw_uid, entry.pw_gid)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    word = secrets.token_urlsafe(12)
    (place / "word").write_text(word)
    (place / "word").chmod(0o644)

    def run(*words: str) -> None:
        subprocess.run(words, check=True, user=user, capture_output=True, timeout=120, cwd=place)

    data = str(place / "data")
    run(f"{folder}/initdb", "-D", data, "-U", "groundswell", "-A", "scram-sha-256", "--pwfile", str(place / "word"), "-N")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c shared_buffers=32MB"
    run(f"{folder}/pg_ctl", "-D", data, "-w", "-t", "60", "-l", str(place / "log"), "-o", options, "start")
    try:
        yield f"postgresql://groundswell:{word}@127.0.0.1:{port}/postgres"
    finally:
        run(f"{folder}/pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(place, ignore_errors=True)
