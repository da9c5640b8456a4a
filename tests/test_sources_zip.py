"""The zip reader: what an export may hold, and what a hostile one must not cost."""

import io
import random
import struct
import tracemalloc
import warnings
import zipfile
import zlib

import pytest

from groundswell.errors import InputError
from groundswell.sources import _zip
from groundswell.sources._zip import MemberError, first_names, need_archive, open_archive
from groundswell.sources._zip_directory import ENTRY

CONTENT = random.Random(3).randbytes(40_000) + b"quiet words\n" * 2_000


def made(path, write, **how):
    """A zip written by the standard library, an independent writer."""
    with zipfile.ZipFile(path, "w", **how) as out:
        write(out)
    return path


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_reads_what_another_writer_wrote(tmp_path, method):
    """Stored and deflated members come out as they went in, whole and as a stream."""
    path = made(tmp_path / "a.zip", lambda z: z.writestr("room/day é.json", CONTENT, method))
    archive = need_archive(path)
    with archive.reading() as reader:
        assert reader.read("room/day é.json") == CONTENT
        assert reader.stream("room/day é.json").read() == CONTENT


def test_reads_zip64(tmp_path):
    """Members with the wide fields of archives past 4 GB are read."""

    def write(out):
        for number in range(3):
            with out.open(f"{number}.json", "w", force_zip64=True) as member:
                member.write(CONTENT)

    path = made(tmp_path / "wide.zip", write)
    widen(path)
    with need_archive(path).reading() as reader:
        assert [reader.read(f"{n}.json") for n in range(3)] == [CONTENT] * 3


def widen(path):
    """Rewrite the directory so that sizes, offsets and the end record stand in their Zip64 forms, as past 4 GB."""
    raw = path.read_bytes()
    at = raw.rfind(b"PK\x05\x06")
    count, _, start = struct.unpack_from("<H2L", raw, at + 10)
    out, here = b"", start
    for _ in range(count):
        entry = list(ENTRY.unpack_from(raw, here))
        name = raw[here + 46 : here + 46 + entry[12]]
        extra = struct.pack("<2H3Q", 1, 24, entry[11], entry[10], entry[18])
        here += 46 + entry[12] + entry[13] + entry[14]
        entry[10] = entry[11] = entry[18] = 0xFFFFFFFF
        entry[13], entry[14] = len(extra), 0
        out += ENTRY.pack(*entry) + name + extra
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(out), start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(out), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(raw[:start] + out + end64 + locator + end)
    with zipfile.ZipFile(path) as judge:
        assert judge.testzip() is None


def test_reads_a_zip_behind_a_preamble(tmp_path):
    """Bytes before the first member, as some mailers and self-extractors add, do not shift what is read."""
    path = made(tmp_path / "a.zip", lambda z: z.writestr("a.json", CONTENT))
    path.write_bytes(b"PK some words before\n" + path.read_bytes())
    with need_archive(path).reading() as reader:
        assert reader.read("a.json") == CONTENT


def test_names_that_lead_outside_are_left_out(tmp_path):
    """Names with .., from the root, with a drive or a backslash are not members, and are counted."""
    names = [
        "../up.json",
        "/root.json",
        "a/../../b.json",
        "C:/drive.json",
        "back\\slash.json",
        "good/day.json",
        "/".join("abcdefghijklmnop"),
    ]
    path = made(tmp_path / "a.zip", lambda z: [z.writestr(zipfile.ZipInfo(name), b"x") for name in names])
    archive = need_archive(path)
    assert set(archive.members) == {"good/day.json"}
    assert archive.unsafe == len(names) - 1


def test_links_of_a_folder_are_not_followed(tmp_path):
    """A link inside an unpacked export leads nowhere: neither to another file nor round and round."""
    secret = tmp_path / "secret.txt"
    secret.write_text("not yours")
    folder = tmp_path / "export"
    (folder / "room").mkdir(parents=True)
    (folder / "room" / "day.json").write_text("[]")
    (folder / "room" / "link.json").symlink_to(secret)
    (folder / "loop").symlink_to(folder)
    archive = need_archive(folder)
    assert set(archive.members) == {"room/day.json"}
    assert archive.unsafe == 1


def bomb(path, size):
    """A member of zeros that packs a thousand times."""
    return made(path, lambda z: z.writestr("room/2026-01-01.json", bytes(size)), compression=zipfile.ZIP_DEFLATED)


def test_a_bomb_is_refused_unopened(tmp_path):
    """A member that claims to be hundreds of times its packed size is refused without inflating it."""
    with need_archive(bomb(tmp_path / "a.zip", 64 << 20)).reading() as reader:
        for read in (reader.read, reader.stream):
            tracemalloc.start()
            with pytest.raises(MemberError, match="bomb"):
                read("room/2026-01-01.json")
            assert tracemalloc.get_traced_memory()[1] < 4 << 20
            tracemalloc.stop()


def test_a_bomb_that_lies_costs_no_memory(tmp_path):
    """A member whose directory claims a small size is inflated to that size and one byte, then refused."""
    path = bomb(tmp_path / "a.zip", 200 << 20)
    raw = bytearray(path.read_bytes())
    at = raw.rfind(b"PK\x01\x02")
    struct.pack_into("<L", raw, at + 24, 1000)
    path.write_bytes(raw)
    with need_archive(path).reading() as reader:
        tracemalloc.start()
        with pytest.raises(MemberError, match="damaged"):
            reader.read("room/2026-01-01.json")
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
        tracemalloc.stop()
        with pytest.raises(MemberError, match="damaged"):
            reader.stream("room/2026-01-01.json").read()


def test_too_large_a_member_is_refused(tmp_path):
    """A member past the limit is refused, in a zip and in a folder alike."""
    path = made(tmp_path / "a.zip", lambda z: z.writestr("a.json", CONTENT))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.json").write_bytes(CONTENT)
    for place in (path, tmp_path / "folder"):
        with need_archive(place).reading() as reader, pytest.raises(MemberError, match="larger"):
            reader.read("a.json", limit=1000)


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_byte_is_seen(tmp_path, seed):
    """Whatever byte of a packed member changes, the check sum tells: no wrong content comes out."""
    path = made(tmp_path / "a.zip", lambda z: z.writestr("a.json", CONTENT), compression=zipfile.ZIP_DEFLATED)
    raw = bytearray(path.read_bytes())
    chance = random.Random(seed)
    at = chance.randrange(40, raw.rfind(b"PK\x01\x02"))
    raw[at] ^= chance.randrange(1, 256)
    path.write_bytes(raw)
    with need_archive(path).reading() as reader:
        for read in (reader.read, lambda name: reader.stream(name).read()):
            with pytest.raises(MemberError):
                read("a.json")


def test_encrypted_and_unknown_methods_are_named(tmp_path):
    """A member that needs a password, or is packed in another way, says so."""
    path = made(tmp_path / "a.zip", lambda z: z.writestr("a.json", b"x" * 100), compression=zipfile.ZIP_BZIP2)
    with need_archive(path).reading() as reader, pytest.raises(MemberError, match="method 12"):
        reader.read("a.json")
    raw = bytearray(path.read_bytes())
    raw[raw.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with need_archive(path).reading() as reader, pytest.raises(MemberError, match="encrypted"):
        reader.read("a.json")


def test_a_zip_cut_short_is_told_from_no_zip(tmp_path):
    """A zip without its end says that it is cut short and what to do; its first names can still be told."""
    path = made(tmp_path / "a.zip", lambda z: [z.writestr(f"room/{n}.json", CONTENT) for n in range(3)])
    path.write_bytes(path.read_bytes()[:100_000])
    assert open_archive(path) is None
    assert first_names(path)[:2] == ["room/0.json", "room/1.json"]
    with pytest.raises(InputError, match="without the directory"):
        need_archive(path)


@pytest.mark.parametrize("seed", range(60))
def test_a_hostile_directory_raises_nothing(tmp_path, seed):
    """Random damage to the directory gives no archive or one whose members are refused, never another error."""
    path = made(tmp_path / "a.zip", lambda z: [z.writestr(f"room/{n}.json", CONTENT[:500]) for n in range(4)])
    raw = bytearray(path.read_bytes())
    chance = random.Random(seed)
    start = raw.find(b"PK\x01\x02")
    for _ in range(chance.randrange(1, 12)):
        raw[chance.randrange(start, len(raw))] = chance.randrange(256)
    path.write_bytes(raw)
    archive = open_archive(path)
    if archive is None:
        return
    with archive.reading() as reader:
        for name in archive.members:
            for read in (reader.read, lambda n: reader.stream(n).read()):
                try:
                    assert read(name) in {CONTENT[:500], b""}
                except MemberError:
                    continue


def test_the_directory_is_read_once(tmp_path, monkeypatch):
    """Every source may ask for a zip's names: only the first pays, until the file changes."""
    path = made(tmp_path / "a.zip", lambda z: z.writestr("a.json", b"1"))
    asked = []
    real = _zip.directory
    monkeypatch.setattr(_zip, "directory", lambda *given: asked.append(1) or real(*given))
    assert open_archive(path) is open_archive(path)
    assert len(asked) == 1
    made(path, lambda z: z.writestr("b.json", b"22"))
    assert set(open_archive(path).members) == {"b.json"}


def test_packed_bytes_come_from_an_independent_writer():
    """The writer these tests trust packs with zlib, not with the library that unpacks here."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a", CONTENT)
    raw = buffer.getvalue()
    start = 30 + struct.unpack_from("<H", raw, 26)[0] + struct.unpack_from("<H", raw, 28)[0]
    assert zlib.decompressobj(-15).decompress(raw[start:]) == CONTENT


def test_a_million_members_are_a_hundred_bytes_each(tmp_path):
    """Names, places and sums of a zip's members are kept in columns, not as objects: an export has a million day files."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as out:
        for number in range(20_000):
            out.writestr(f"room-{number:06d}/2025-01-01.json", b"[]")
    tracemalloc.start()
    try:
        archive = open_archive(path)
        assert len(archive.members) == 20_000
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 150 * 20_000


def test_a_name_that_stands_twice_is_the_later_file(tmp_path):
    """A zip that was added to holds a name twice; the later member is what unpacking leaves, and the name is counted once."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("b.json", b"other")
        for content in (b"first", b"second", b"third"):
            with warnings.catch_warnings(action="ignore"):  # zipfile says that a name comes again: it is meant
                out.writestr("a.json", content)
    archive = open_archive(path)
    with archive.reading() as reader:
        assert reader.read("a.json") == b"third"
    assert list(archive.members) == ["b.json", "a.json"]
    assert "c.json" not in archive.members
