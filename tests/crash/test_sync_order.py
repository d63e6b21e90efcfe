"""Power loss: what was acknowledged had been synced, in the right order, before the answer left. strace tells."""
import json
import os

import pytest
from control import Control
from disk_record import DiskModel, Record, can_record
from firn_server import FirnServer, firn_binary, is_sanitized
from glacier_data import MEBIBYTE, Glacier, linear_hash, random_bytes, tree_hash
from io_faults import LIBRARY, Disk

pytestmark = [
    pytest.mark.skipif(not can_record(), reason="strace cannot be used here"),
    pytest.mark.skipif(is_sanitized(), reason="a sanitizer looks for leaks as a tracer itself; this is about order"),
]

LARGE = random_bytes(300_000, "sync order")


class Recorded:
    """A server whose every answer has a label."""

    def __init__(self, tmp_path, data_dir, environment=None):
        self.record = Record(tmp_path)
        self.data_dir = data_dir
        self.labels = []
        os.environ["FIRN_BINARY"], binary = self.record.wrap(firn_binary()), firn_binary()
        try:
            self.server = FirnServer("--timing", "instant", "--log-level", "error", data_dir=data_dir,
                                     environment=environment)
        finally:
            os.environ["FIRN_BINARY"] = binary
        self.control = Control(self.server)

    def call(self, label, status, method, path, body=b"", headers=None):
        with Glacier(self.server.port) as glacier:
            response, content, _ = glacier.call(method, f"/-/vaults/{path}", body, headers)
        assert response.status == status, content
        self.labels.append(label)
        return response

    def end(self):
        self.server.stop()
        disk = DiskModel(self.data_dir).play(self.record.calls())
        self.server.remove()
        return disk

    def control_call(self, label, method, path):
        status, answer = self.control.ask(method, path, {} if method != "DELETE" else None)
        assert status < 300, answer
        self.labels.append(label)

    def upload(self, label, data):
        return self.call(label, 201, "POST", "v/archives", data, {
            "x-amz-content-sha256": linear_hash(data), "x-amz-sha256-tree-hash": tree_hash(data)}).getheader(
                "x-amz-archive-id")


def upload_in_parts(recorded):
    data = random_bytes(MEBIBYTE + 100_000, "parts")
    upload = recorded.call("initiate upload", 201, "POST", "v/multipart-uploads", headers={
        "x-amz-part-size": str(MEBIBYTE)}).getheader("x-amz-multipart-upload-id")
    path = f"v/multipart-uploads/{upload}"
    for first in (MEBIBYTE, 0):
        part = data[first:first + MEBIBYTE]
        recorded.call("upload part", 204, "PUT", path, part, {
            "Content-Range": f"bytes {first}-{first + len(part) - 1}/*", "x-amz-content-sha256": linear_hash(part),
            "x-amz-sha256-tree-hash": tree_hash(part)})
    recorded.call("complete upload", 201, "POST", path, headers={
        "x-amz-archive-size": str(len(data)), "x-amz-sha256-tree-hash": tree_hash(data)})


@pytest.fixture(name="played", scope="module")
def a_life(tmp_path_factory):
    """One of everything, in a data directory that the server makes; then the record as a disk would have it."""
    tmp_path = tmp_path_factory.mktemp("recorded")
    recorded = Recorded(tmp_path, tmp_path / "new" / "data")
    try:
        recorded.call("create vault", 201, "PUT", "v")
        recorded.upload("small upload", b"small")
        large = recorded.upload("large upload", LARGE)
        upload_in_parts(recorded)
        recorded.control_call("save", "PUT", "snapshots/s")
        recorded.upload("after save", LARGE)
        recorded.call("delete archive", 204, "DELETE", f"v/archives/{large}")
        recorded.call("add tag", 204, "POST", "v/tags?operation=add", json.dumps({"Tags": {"a": "b"}}))
        recorded.call("start job", 202, "POST", "v/jobs", json.dumps({"Type": "inventory-retrieval"}))
        recorded.control_call("save over", "PUT", "snapshots/s")
        recorded.control_call("restore", "POST", "snapshots/s/restore")
        recorded.upload("after restore", LARGE)
        recorded.control_call("freeze clock", "POST", "clock/freeze")
        recorded.control_call("reset", "POST", "reset")
        recorded.call("create vault after reset", 201, "PUT", "v")
        recorded.upload("after reset", LARGE)
        recorded.control_call("delete snapshot", "DELETE", "snapshots/s")
        for number in range(80):  # the log is folded on the way
            recorded.upload(f"upload {number}", random_bytes(60_000, number))
    finally:
        disk = recorded.end()
    assert [status < 300 for status, _ in disk.replies] == [True] * len(recorded.labels)
    disk.labels = recorded.labels
    return disk


def test_nothing_acknowledged_can_be_lost(played):
    """At each answer: no byte and no name that is not synced, but the data directory's own (see below)."""
    lost = {label: [text for text in texts if text != "name of ."]
            for label, (_, texts) in zip(played.labels, played.replies)}
    assert not any(lost.values()), {label: texts for label, texts in lost.items() if texts}


def test_new_data_directory_has_its_name(played):
    assert "name of ." not in played.replies[0][1]


def test_order(played):
    """Bytes before names, blobs before rows, the log before the database, the database before the log begins anew."""
    assert not played.breaches


def events_of(played, label):
    """What led to an answer."""
    ends = [index for index, (what, _) in enumerate(played.events) if what == "reply"]
    number = played.labels.index(label)
    return played.events[ends[number - 1] + 1 if number else 0:ends[number]]


def in_order(events, *wanted):
    """Whether these come one after the other; a path may be a beginning."""
    rest = iter(events)
    return all(any(what == event and path.startswith(start) for event, path in rest) for what, start in wanted)


@pytest.mark.parametrize("label", ["create vault", "small upload", "initiate upload", "complete upload",
                                   "delete archive", "add tag", "start job", "freeze clock"])
def test_row(played, label):
    assert in_order(events_of(played, label), ("write", "firn.db-wal"), ("sync", "firn.db-wal"))


@pytest.mark.parametrize("label", ["large upload", "upload part", "after save", "after restore", "after reset"])
def test_file(played, label):
    events = events_of(played, label)
    assert in_order(events, ("write", "incoming/"), ("sync", "incoming/"), ("rename", "blobs/"), ("sync", "blobs/"),
                    ("write", "firn.db-wal"), ("sync", "firn.db-wal")), events


@pytest.mark.parametrize("label", ["save", "save over"])
def test_snapshot(played, label):
    events = events_of(played, label)
    assert in_order(events, ("write", "incoming/prepared.db"), ("sync", "incoming/prepared.db"),
                    ("rename", "states/s.db"), ("sync", "states")), events


@pytest.mark.parametrize("label", ["restore", "reset"])
def test_replaced_database(played, label):
    events = events_of(played, label)
    assert in_order(events, ("write", "incoming/prepared.db"), ("sync", "incoming/prepared.db"),
                    ("unlink", "firn.db-wal"), ("sync", "."), ("rename", "firn.db"), ("sync", ".")), events


def test_deleted_snapshot(played):
    assert in_order(events_of(played, "delete snapshot"), ("unlink", "states/s.db"), ("sync", "states"))


def test_the_log_was_folded(played):
    """Otherwise the rules of that have not been tried."""
    events = [event for event in played.events if event[0] != "reply"]
    assert in_order(events[-len(events) // 3:], ("write", "firn.db-wal"), ("write", "firn.db"), ("sync", "firn.db"),
                    ("write", "firn.db-wal"))


@pytest.mark.skipif(LIBRARY is None, reason="needs the faults of io_faults.c")
@pytest.mark.parametrize("skipped, found", [
    ("incoming/*", "it gets its name"), ("blobs/??", "name of blobs/"), ("blobs", "name of blobs/"),
    ("firn.db-wal", "firn.db-wal"), ("states", "name of states/s.db"), ("firn.db", "the log begins anew"),
    (".", "name of firn.db")])
def test_the_record_tells(tmp_path, skipped, found):
    """A server without one kind of sync is found out."""
    data_dir = tmp_path / "data"
    faults = Disk(data_dir)
    faults.fail(f"sync skip 1- {skipped}")
    recorded = Recorded(tmp_path, data_dir, faults.environment)
    try:
        recorded.call("create vault", 201, "PUT", "v")
        recorded.upload("upload", LARGE)
        recorded.control_call("save", "PUT", "snapshots/s")
        recorded.control_call("restore", "POST", "snapshots/s/restore")
        recorded.control_call("save", "PUT", "snapshots/s")
        recorded.upload("upload", LARGE)
    finally:
        disk = recorded.end()
        faults.remove()
    assert found in str(disk.breaches) + str(disk.replies)
