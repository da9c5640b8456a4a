"""Attacks on what is let in and on what is kept beside it: private talk, the key in a copy, an opt-out on a cluster."""

import base64
import json
import shutil
from datetime import UTC, datetime
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from groundswell import registry
from groundswell.errors import PrivacyError
from groundswell.model.trace import Family, Message
from groundswell.privacy import keyring
from groundswell.privacy.charter import Charter
from groundswell.privacy.door import Door
from groundswell.privacy.keyring import open_keys
from groundswell.privacy.optout import OptOut
from groundswell.runs import heavy_spark
from groundswell.runs.find import find
from groundswell.runs.folder import Folder, init, read
from groundswell.runs.ingest import Task, ingest
from groundswell.store.tables import Store
from source_samples import KEY, folder_of, place_sample

NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)

PRIVATE = {
    "slack": ("direct message", "group message", "private channel"),
    "teams": ("direct or group message", "private or shared channel"),
    "mattermost": ("direct or group message", "private channel"),
    "zulip": ("direct message", "group message", "private stream"),
    "google_chat": ("direct messages", "not known to be open to all"),
    "google_vault": ("not known to be open to all",),
    "mbox": ("mail that went to no list",),
}
"""Chat source -> what its sample holds of private talk, as its refusals call it."""


def messages(name, path):
    """(ids of the messages a source lets in, refusals)."""
    source, door = registry.sources()[name], Door(KEY, name)
    export = source.recognise(path)
    if export is None:
        return set(), {}
    batches = [b for b in source.read(export, door) if b.row is Message]
    return {n for b in batches for n in b.columns["id"]}, dict(door.tally.refused)


def test_every_source_of_talk_refuses_private_talk():
    """No source of conversations is missing from the list above, and each sample holds, and each reader refuses, every kind."""
    talk = {n for n, s in registry.sources().items() if s.family is Family.CHAT}
    carries_text = {n for n in talk if "Message" in json.loads((folder_of(n) / "expected.json").read_text("utf8"))["rows"]}
    assert carries_text == set(PRIVATE)
    for name, kinds in PRIVATE.items():
        refused = json.loads((folder_of(name) / "expected.json").read_text("utf8"))["refused"]
        for kind in kinds:
            assert any(kind in reason and n > 0 for reason, n in refused.items()), f"{name}: {kind}"


STRIPPED = {
    "slack": ("groups.json", "dms.json", "mpims.json"),
    "google_chat": ("spaces.json",),
    "teams": ("channels.json",),
}
"""Chat source -> files that say what is private; an operator may leave them out."""


@pytest.mark.parametrize("name", STRIPPED)
def test_without_the_lists_of_private_talk_nothing_more_is_read(name, tmp_path):
    """What is not known to be open is closed: an export stripped of the lists that mark private talk lets in no message more."""
    whole, _ = messages(name, place_sample(name, tmp_path / "whole"))
    stripped = place_sample(name, tmp_path / "stripped")
    gone = [f for f in stripped.rglob("*") if f.name in STRIPPED[name]]
    for file in gone:
        file.unlink()
    left, _ = messages(name, stripped)
    assert gone
    assert whole
    assert left <= whole


def key_found_in(folder, keys):
    """Files below a folder that hold the key in any way it could be written: bytes, hexadecimal, base 64."""
    forms = [
        f for s in (keys.key, keys.opt_out) for f in (s, s.hex().encode(), s.hex().upper().encode(), base64.b64encode(s)[:-4])
    ]
    return [p.name for p in folder.rglob("*") if p.is_file() and any(form in p.read_bytes() for form in forms)]


def company(place, key_file):
    """A company folder that was read into, with a copy of it as a backup makes one."""
    folder = Folder(place / "firm")
    init(folder, Charter(), now=NOW)
    keys = open_keys(key_file, store=folder.path, now=NOW)
    read(folder, [folder_of("litellm")], key=keys.key, opt_out_key=keys.opt_out, now=NOW)
    shutil.copytree(folder.path, place / "backup")
    return keys


def test_no_copy_of_the_folder_holds_the_key(tmp_path):
    """In store, record, charter and a backup of them all there is no key, in any form; and the key may not be put there, by a
    link neither."""
    keys = company(tmp_path, tmp_path / "state" / "key")
    assert key_found_in(tmp_path / "firm", keys) == key_found_in(tmp_path / "backup", keys) == []
    assert key_found_in(tmp_path / "state", keys) == ["key"], "the search sees it where it is"
    (tmp_path / "link").symlink_to(tmp_path / "firm")
    for inside in (tmp_path / "firm" / "key", tmp_path / "link" / "deep" / "key", tmp_path / "firm" / ".." / "firm" / "key"):
        with pytest.raises(PrivacyError, match="inside the store"):
            open_keys(inside, store=tmp_path / "firm", now=NOW)


def test_weakened_a_key_beside_the_data_is_in_every_backup(tmp_path, monkeypatch):
    """Against a build that lets the key lie in the folder whoever has the backup has the key, and makes a person's pseudonym."""
    monkeypatch.setattr(keyring, "_inside", lambda path, store: False)
    keys = company(tmp_path, tmp_path / "firm" / "key")
    assert key_found_in(tmp_path / "backup", keys) == ["key"]
    stolen = open_keys(tmp_path / "backup" / "key").key
    names = [n.strip() for n in (folder_of("litellm") / "names.txt").read_text("utf8").splitlines() if "@" in n]
    actors = {a for f in (tmp_path / "backup").rglob("*.parquet") for a in column(f, "actor")}
    assert actors & {Door(stolen, "thief").person(email=name) for name in names}


def column(file, name):
    """Values of one column of a stored file; none if it has no such column."""
    table = pq.read_table(file, partitioning=None)
    return table[name].to_pylist() if name in table.column_names else []


class Cluster:
    """A Spark session as the heavy pass uses one, in this process: what would travel to a worker is what its function holds."""

    def range(self, start, end, step, numPartitions):  # noqa: N803 - Spark's own name
        numbers = pa.RecordBatch.from_pydict({"number": list(range(start, end))})
        return SimpleNamespace(
            mapInArrow=lambda work, schema: SimpleNamespace(toArrow=lambda: pa.Table.from_batches(list(work(iter([numbers])))))
        )


def actors_read(store, opt_out, run):
    """Pseudonyms in a store that was filled by a runner."""
    ingest(store, find([folder_of("litellm")]).exports, key=KEY, opt_out=opt_out, run=run)
    return {a for f in store.folder.rglob("*.parquet") for name in ("actor", "one", "other") for a in column(f, name)}


def test_an_opt_out_is_honoured_on_a_cluster(tmp_path):
    """Tasks that run on Spark's workers leave the same people out as those that run here; the others are there."""
    names = [n.strip() for n in (folder_of("litellm") / "names.txt").read_text("utf8").splitlines() if "@" in n]
    everybody = actors_read(Store(tmp_path / "all"), None, heavy_spark.on_spark(Cluster()))
    email = next(n for n in names if Door(KEY, "t").person(email=n) in everybody)
    gone = Door(KEY, "t").person(email=email)
    out = OptOut(KEY).and_also([f"email:{email.lower()}"])
    rows = actors_read(Store(tmp_path / "spark"), out, heavy_spark.on_spark(Cluster()))
    here = actors_read(Store(tmp_path / "here"), out, None)
    assert rows == here
    traces = {a for f in (tmp_path / "spark").rglob("usage_days/**/*.parquet") for a in column(f, "actor")}
    assert gone in everybody
    assert gone not in traces
    assert traces


def test_weakened_a_task_that_forgets_the_opt_out_reads_them(tmp_path, monkeypatch):
    """Against a cluster whose tasks travel without the list the person is read."""
    names = [n.strip() for n in (folder_of("litellm") / "names.txt").read_text("utf8").splitlines() if "@" in n]
    monkeypatch.setattr(heavy_spark, "replace", forgetting)
    out = OptOut(KEY).and_also([f"email:{n.lower()}" for n in names])
    rows = actors_read(Store(tmp_path / "spark"), out, heavy_spark.on_spark(Cluster()))
    assert rows & {Door(KEY, "t").person(email=n) for n in names}


def forgetting(thing, **changed):
    """`dataclasses.replace` that loses the opt-outs of a task."""
    from dataclasses import replace

    return replace(thing, **changed, **({"opt_out": None} if isinstance(thing, Task) else {}))
