"""Files that appear whole or not at all."""

import threading
from pathlib import Path

import pytest

from groundswell import drafts


def test_what_fails_halfway_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    """A write that fails leaves what was there, and nothing beside it."""
    file = tmp_path / "kept"
    drafts.replace(file, "old")

    def fail() -> None:
        with drafts.drafted(file) as draft:
            drafts.write(draft, "half of the new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_private_file_is_its_owners_alone_even_where_it_takes_an_open_ones_place(tmp_path: Path) -> None:
    """The mode is the draft's, from its first byte: not that of the file it replaces."""
    file = tmp_path / "key"
    file.write_text("open")
    file.chmod(0o644)
    drafts.replace(file, b"secret")
    assert file.stat().st_mode & 0o777 == drafts.PRIVATE


def test_of_many_threads_that_create_at_once_one_does_and_all_read_the_same(tmp_path: Path) -> None:
    """Threads of one process share no draft, and what one has made no other replaces."""
    file, begin, made, seen = tmp_path / "secret", threading.Barrier(16), [], set()

    def run(n: int) -> None:
        begin.wait()
        made.append(drafts.create(file, f"of thread {n}"))
        seen.add(file.read_text())

    threads = [threading.Thread(target=run, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == 1
    assert seen == {file.read_text()}
    assert list(tmp_path.iterdir()) == [file]
