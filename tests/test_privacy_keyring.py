"""The keys of the pseudonyms: their file, their epochs, their parts, their end."""

import itertools
import json
import os
import stat
from datetime import UTC, date, datetime

import pytest

from groundswell.errors import InputError, PrivacyError
from groundswell.privacy.keyring import Epoch, destroy, join, open_key, open_keys, split, tag_of

NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
LATER = datetime(2027, 4, 2, 9, tzinfo=UTC)


def test_the_key_is_its_owner_s_alone(tmp_path):
    """A new key file is made whole, with owner-only rights, and read back the same."""
    path = tmp_path / "keys" / "key"
    key = open_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key(path) == key
    assert len(key) == 32
    assert os.listdir(path.parent) == ["key"]


def test_a_key_others_may_read_is_refused(tmp_path):
    """A key file open to the group is not used."""
    path = tmp_path / "key"
    open_key(path)
    path.chmod(0o640)
    with pytest.raises(PrivacyError, match="others may read"):
        open_key(path)


GOOD = {"since": "2026-01-01", "key": "00" * 32}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"key": "abc"}',
        json.dumps({"epochs": [], "opt_out": "00" * 32}),
        json.dumps({"epochs": [GOOD]}),
        json.dumps({"epochs": [{**GOOD, "key": "00" * 31}], "opt_out": "00" * 32}),
        json.dumps({"epochs": [{**GOOD, "since": "soon"}], "opt_out": "00" * 32}),
    ],
)
def test_a_broken_key_file_is_named(tmp_path, content):
    """A file that holds no whole keys is refused with its name, never replaced: the old key may be recovered."""
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(PrivacyError, match=str(path)):
        open_key(path)
    assert path.read_text() == content


def test_a_key_inside_the_store_is_refused(tmp_path):
    """The key never travels with the data."""
    with pytest.raises(PrivacyError, match="inside the store"):
        open_key(tmp_path / "store" / "key", store=tmp_path / "store")


def test_a_new_key_begins_after_twelve_months(tmp_path):
    """On the day after its last an epoch ends; the keys before stay, the opt-outs keep theirs."""
    path = tmp_path / "key"
    first = open_keys(path, now=NOW)
    assert open_keys(path, now=LATER.replace(day=1)) == first
    second = open_keys(path, now=LATER)
    assert [e.since for e in second.epochs] == [NOW.date(), LATER.date()]
    assert second.key != first.key
    assert (second.epochs[0].key, second.opt_out) == (first.key, first.opt_out)
    assert open_keys(path) == second


@pytest.mark.parametrize(("since", "until"), [((2026, 4, 2), (2027, 4, 2)), ((2028, 2, 29), (2029, 2, 28))])
def test_an_epoch_lasts_a_year(since, until):
    """Twelve months, leap days included."""
    assert Epoch(date(*since), b"").until == date(*until)


def test_two_of_three_parts_restore_the_key(tmp_path):
    """Any two parts give the key file back, in any order; so do all three."""
    keys = open_keys(tmp_path / "key", now=NOW)
    parts = split(keys)
    assert len(parts) == 3
    for n, some in enumerate([*itertools.permutations(parts, 2)]):
        assert join(some, tmp_path / f"joined-{n}") == keys
    assert open_keys(tmp_path / "joined-0") == keys


def test_one_part_is_no_key(tmp_path):
    """One part alone restores nothing, nor does it hold the key; parts of two keys do not mix; no error quotes a part."""
    keys, other = open_keys(tmp_path / "key", now=NOW), open_keys(tmp_path / "other", now=NOW)
    parts, strange = split(keys), split(other)
    misspelt = parts[1].replace(parts[1].split()[-1], "academic")
    for wrong in ([parts[0]], [parts[0], parts[0]], [parts[0], strange[1]], [parts[0], misspelt], ["", ""], []):
        with pytest.raises(InputError, match="do not make a key") as raised:
            join(wrong, tmp_path / "joined")
        assert not set(parts[0].split()[-50:]) & set(str(raised.value).split()) - {"of", "one", "key"}
    assert keys.key.hex() not in parts[0]
    assert not (tmp_path / "joined").exists()


def test_parts_do_not_replace_a_key(tmp_path):
    """Joining never overwrites a key file."""
    keys = open_keys(tmp_path / "key", now=NOW)
    with pytest.raises(PrivacyError, match="a key already"):
        join(split(keys)[:2], tmp_path / "key")


def test_an_earlier_key_is_put_back_from_its_parts(tmp_path):
    """The parts of an epoch that is over, printed then, bring its key back into the file of the present one, in order; parts of
    another company's do not."""
    path = tmp_path / "key"
    first = open_keys(path, now=NOW)
    old, strange = split(first), split(open_keys(tmp_path / "other", now=NOW))
    open_keys(path, now=LATER)
    both = open_keys(path)
    destroy(path, NOW.date())
    assert join(old[1:], path) == open_keys(path) == both
    for wrong in (old[:2], strange[:2]):
        with pytest.raises(PrivacyError, match="a key already"):
            join(wrong, path)


def test_a_removed_key_is_overwritten_first(tmp_path):
    """What `--remove` takes away is blanked before its name goes, so that a second name of the file holds nothing."""
    from groundswell.privacy.keyring import remove

    path = tmp_path / "key"
    open_keys(path, now=NOW)
    os.link(path, tmp_path / "second name")
    remove(path)
    assert not path.exists()
    assert set((tmp_path / "second name").read_bytes()) == {0}


def test_a_part_is_its_owner_s_alone_from_the_first_byte(tmp_path):
    """A part is made with owner-only rights, and never over a file that is there."""
    from groundswell.errors import OutputError
    from groundswell.privacy.keyring import write_part

    write_part(tmp_path / "part", "words")
    assert stat.S_IMODE((tmp_path / "part").stat().st_mode) == 0o600
    with pytest.raises(OutputError):
        write_part(tmp_path / "part", "others")
    assert (tmp_path / "part").read_text() == "words"


def test_a_destroyed_key_is_gone(tmp_path):
    """After destruction its bytes are not in the file, the other epochs and the opt-outs are, and nothing reads with it."""
    path = tmp_path / "key"
    first = open_keys(path, now=NOW)
    second = open_keys(path, now=LATER)
    left = destroy(path, NOW.date())
    assert first.key.hex() not in path.read_text()
    assert left.key == second.key
    assert open_keys(path).epochs[0].key is None
    destroy(path, LATER.date())
    with pytest.raises(PrivacyError, match="was destroyed"):
        open_key(path)
    with pytest.raises(PrivacyError, match="no epoch began"):
        destroy(path, date(2001, 1, 1))
    assert os.listdir(tmp_path) == ["key"]


def test_a_tag_tells_keys_apart_and_nothing_of_them(tmp_path):
    """The tag in the record is not the key, nor a plain hash of it."""
    import hashlib

    key = open_key(tmp_path / "key")
    assert tag_of(key) == tag_of(key) != tag_of(bytes(32))
    assert tag_of(key) not in (key.hex()[:16], hashlib.sha256(key).hexdigest()[:16])
