"""Disks that fail or are full: a clear error for each write that is refused, nothing lost, nothing left over.

The faults come from io_faults.c, which is loaded into the server; where one can be mounted, a small disk is filled.
"""
import contextlib
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile

import pytest
from control import Control
from data_files import blob_files, check_files
from firn_server import FirnServer, clean_environment, firn_binary
from glacier_data import MEBIBYTE, Glacier, linear_hash, named_bytes, tree_hash
from io_faults import LIBRARY, Disk
from waiting import wait_for

SMALL, LARGE = 3000, 200_000  # in the database's row; a file
FULL_DISK_BYTES = 24 * MEBIBYTE

pytestmark = pytest.mark.skipif(LIBRARY is None, reason="needs the faults of io_faults.c")


class World:
    """One server on a disk that can fail, and all that it has acknowledged."""

    def __init__(self, tmp_path, *flags):
        self.data_dir = tmp_path / "data"
        self.disk = Disk(self.data_dir)
        self.server = FirnServer("--log-level", "error", *flags, data_dir=self.data_dir,
                                 environment=self.disk.environment)
        self.control = Control(self.server)
        self.vaults = set()
        self.archives = {}  # description -> (archive id, SHA-256)
        self.tags = {}
        self.refused = set()  # descriptions
        self.count = 0
        self.hint = None  # of the last refusal
        self.glacier = Glacier(self.server.port)
        self.create_vault("v")

    def close(self):
        self.glacier.close()
        self.server.kill()
        self.server.remove()
        self.disk.remove()

    def start_again(self):
        """After kill -9, with a disk in order."""
        self.glacier.close()
        self.server.kill()
        self.disk.heal()
        self.server.start(*self.server.flags, environment=self.disk.environment)
        self.glacier = Glacier(self.server.port)

    def call(self, method, path, body=b"", headers=None):
        """Response and body. A refusal closes the connection when it comes before the body's end."""
        self.glacier.close()
        self.glacier = Glacier(self.server.port)
        response, content, parsed = self.glacier.call(method, f"/-/vaults/{path}", body, headers)
        if response.status >= 300:
            assert (response.status, parsed["code"]) == (500, "ServiceUnavailableException"), content
            assert parsed["type"] == "Server"
            self.hint = response.getheader("x-firn-hint")
            assert self.hint
        return response

    # --- Writes: whether they were acknowledged, in which case they are remembered.

    def create_vault(self, name=None):
        name = name or self.new_name("vault")
        done = self.call("PUT", name).status == 201
        if done:
            self.vaults.add(name)
        return done

    def upload(self, size):
        name = self.new_name("archive")
        data = named_bytes(name, size)
        response = self.call("POST", "v/archives", data, {
            "x-amz-content-sha256": linear_hash(data), "x-amz-sha256-tree-hash": tree_hash(data),
            "x-amz-archive-description": name})
        if response.status != 201:
            self.refused.add(name)
            return False
        self.archives[name] = (response.getheader("x-amz-archive-id"), linear_hash(data))
        return True

    def upload_small(self):
        return self.upload(SMALL)

    def upload_large(self):
        return self.upload(LARGE)

    def upload_in_parts(self):
        """The last step alone may fail: the steps before it are for `prepare_parts`."""
        name, path, data = self.prepared
        response = self.call("POST", path, headers={
            "x-amz-archive-size": str(len(data)), "x-amz-sha256-tree-hash": tree_hash(data)})
        if response.status != 201:
            self.refused.add(name)
            return False
        self.archives[name] = (response.getheader("x-amz-archive-id"), linear_hash(data))
        return True

    def prepare_parts(self):
        name = self.new_name("archive")
        data = named_bytes(name, LARGE)
        response = self.call("POST", "v/multipart-uploads", headers={
            "x-amz-part-size": str(MEBIBYTE), "x-amz-archive-description": name})
        path = f"v/multipart-uploads/{response.getheader('x-amz-multipart-upload-id')}"
        self.prepared = name, path, data
        assert self.send_part()

    def send_part(self):
        _, path, data = self.prepared
        return self.call("PUT", path, data, {
            "Content-Range": f"bytes 0-{len(data) - 1}/*", "x-amz-content-sha256": linear_hash(data),
            "x-amz-sha256-tree-hash": tree_hash(data)}).status == 204

    def delete_archive(self):
        name = next(iter(self.archives))
        done = self.call("DELETE", f"v/archives/{self.archives[name][0]}").status == 204
        if done:
            del self.archives[name]
            self.refused.add(name)
        return done

    def set_tag(self):
        value = self.new_name("value")
        done = self.call("POST", "v/tags?operation=add", json.dumps({"Tags": {"t": value}})).status == 204
        if done:
            self.tags["t"] = value
        return done

    def blob_files(self):
        return len(blob_files(self.data_dir))

    def new_name(self, kind):
        self.count += 1
        return f"{kind}-{self.count}"

    # --- What there is

    def check(self):
        """All that was acknowledged, byte for byte, and nothing else."""
        with Glacier(self.server.port) as glacier:
            _, _, listed = glacier.call("GET", "/-/vaults")
            assert {vault["VaultName"] for vault in listed["VaultList"]} == self.vaults
            _, _, tags = glacier.call("GET", "/-/vaults/v/tags")
            assert tags["Tags"] == self.tags
            found = {entry["ArchiveDescription"]: entry["ArchiveId"] for entry in glacier.inventory("v")}
            assert found == {name: archive_id for name, (archive_id, _) in self.archives.items()}
            for name, (archive_id, digest) in self.archives.items():
                assert hashlib.sha256(glacier.retrieve("v", archive_id)).hexdigest() == digest, name


@pytest.fixture(name="tmp_path")
def folder_in_memory():
    """The faults are made here: what a real disk would take its time for does not matter."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="firn-faults-", dir=place) as folder:
        yield pathlib.Path(folder)


@contextlib.contextmanager
def world_on(tmp_path, *flags):
    world = World(tmp_path, *flags)
    try:
        yield world
    finally:
        world.close()


@pytest.fixture(name="world")
def instant_world(tmp_path):
    """Its jobs finish at once."""
    with world_on(tmp_path, "--timing", "instant") as world:
        assert world.upload_small() and world.upload_large()
        yield world


# Each fault, as rules. SQLite carries on after a short write, and then finds the disk full.
LOG = [("write ENOSPC 1- firn.db-wal",), ("write EIO 1- firn.db-wal",), ("write ENOSPC 2 firn.db-wal",),
       ("write short 1 firn.db-wal", "write ENOSPC 2- firn.db-wal"), ("sync EIO 1 firn.db-wal",),
       ("sync ENOSPC 1 firn.db-wal",)]
FILE = [("create ENOSPC 1 incoming/*",), ("create EIO 1 incoming/*",), ("reserve ENOSPC 1 incoming/*",),
        ("write ENOSPC 1 incoming/*",), ("write EIO 1 incoming/*",),
        ("write short 1 incoming/*", "write ENOSPC 2 incoming/*"), ("sync EIO 1 incoming/*",),
        ("sync ENOSPC 1 incoming/*",), ("rename EIO 1- blobs/*",), ("rename ENOSPC 1- blobs/*",),
        ("sync EIO 1 blobs/*",)]
WRITES = ["upload_small", "upload_large", "upload_in_parts", "delete_archive", "create_vault", "set_tag", "send_part"]


def check_again(world):
    """Now, and after kill -9."""
    world.check()
    world.start_again()
    world.check()
    check_files(world.data_dir)


def check_refusals(world, write, faults):
    for rules in faults:
        world.prepare_parts()
        with world.disk.failing(*rules):
            assert not getattr(world, write)(), rules
        world.check()
        # The fault has gone.
        assert getattr(world, write)(), rules
        assert world.upload_small() and world.upload_large()
        while len(world.archives) > 3:
            assert world.delete_archive()
    check_again(world)


@pytest.mark.parametrize("write", WRITES)
def test_log_fails(world, write):
    check_refusals(world, write, LOG)


@pytest.mark.parametrize("write", ["upload_large", "send_part"])
def test_file_fails(world, write):
    check_refusals(world, write, FILE)


@pytest.mark.parametrize("fault, write", [
    ("create ENOSPC 1 incoming/*", "upload_large"), ("reserve ENOSPC 1 incoming/*", "upload_large"),
    ("write ENOSPC 1 incoming/*", "upload_large"),
    ("write ENOSPC 1- firn.db-wal", "upload_small")])
def test_hint_of_a_full_disk(world, fault, write):
    with world.disk.failing(fault):
        assert not getattr(world, write)()
    assert "disk that holds firn's data is full" in world.hint


def test_new_folder_fails(tmp_path):
    """The first file of a folder of blobs brings the folder."""
    with world_on(tmp_path, "--timing", "instant") as world:
        for fault in ("create ENOSPC 1- blobs/*", "create EIO 1- blobs/*", "sync EIO 1 blobs"):
            with world.disk.failing(fault):
                assert not world.upload_large()
            world.check()
            assert world.upload_large()
        check_again(world)


@pytest.mark.parametrize("write", ["upload_large", "delete_archive"])
@pytest.mark.parametrize("rules", LOG, ids="+".join)
def test_killed_after_a_refusal(world, rules, write):
    """Nothing has been written since that would have put the log right."""
    with world.disk.failing(*rules):
        assert not getattr(world, write)()
    world.start_again()
    check_again(world)


def test_refused_uploads_take_no_room(world):
    """Also those whose bytes were on disk when the log refused them, at the latest when it takes something again."""
    files = world.blob_files()
    with world.disk.failing("write ENOSPC 1- firn.db-wal"):
        assert not any([world.upload_large() for _ in range(5)])
    assert world.upload_small()
    wait_for(lambda: world.blob_files() == files, 1, "the files of refused uploads are gone")


def test_short_writes(world):
    """No error: what is missing is written next."""
    for fault in ("write short 1-3 incoming/*", "write short 1- firn.db-wal"):
        with world.disk.failing(fault):
            assert world.upload_large()
    check_again(world)


@pytest.mark.parametrize("fault", ["write ENOSPC 1- firn.db", "write EIO 2- firn.db", "sync EIO 1- firn.db"])
def test_database_file_fails(world, fault):
    """The log is folded into it now and then: a write does not depend on that, a snapshot does."""
    with world.disk.failing(fault):
        for _ in range(25):  # 64 KiB each: more than the log holds before it is folded
            assert world.upload(64 << 10)
            assert world.delete_archive()
        status, answer = world.control.ask("PUT", "snapshots/s", {})
        assert status == 500 and answer["error"]
        world.check()
        world.start_again()
        world.check()
    world.control.put("snapshots/s", {})
    world.control.delete("snapshots/s")
    check_again(world)


SAVE = ["create ENOSPC 1 incoming/*", "write ENOSPC 1- incoming/*", "write EIO 3- incoming/*", "sync EIO 1 incoming/*",
        "rename EIO 1 states/*", "sync EIO 1 states"]
RESTORE = ["create ENOSPC 1 incoming/*", "write ENOSPC 1- incoming/*", "sync EIO 1 incoming/*", "rename EIO 1 firn.db",
           "open EIO 1 states/*", "sync EIO 1 .", "sync EIO 2 .", "open EIO 1 firn.db"]


@pytest.mark.parametrize("fault", SAVE)
def test_snapshot_cannot_be_saved(world, fault):
    """The one of that name stays as it was, or is the new one if nobody can tell."""
    world.control.put("snapshots/s", {})
    before = dict(world.archives), dict(world.tags)
    assert world.upload_large()
    with world.disk.failing(fault):
        status, answer = world.control.ask("PUT", "snapshots/s", {})
        assert status == 500 and answer["error"]
    check_again(world)
    after = dict(world.archives), dict(world.tags)
    world.control.post("snapshots/s/restore")
    with Glacier(world.server.port) as glacier:
        is_new = len(glacier.inventory("v")) == len(after[0])
    assert not is_new or fault.startswith("sync EIO 1 states")
    world.archives, world.tags = after if is_new else before
    world.check()
    world.control.delete("snapshots/s")
    check_again(world)


@pytest.mark.parametrize("fault", RESTORE)
def test_snapshot_cannot_be_restored(tmp_path, fault):
    """The state stays as it is, clock included."""
    with world_on(tmp_path, "--timing", "instant", "--clock", "2030-01-01T00:00:00Z") as world:
        assert world.upload_small() and world.upload_large()
        world.control.put("snapshots/s", {})
        world.control.post("clock/advance", {"by": "1h"})
        assert world.upload_large() and world.delete_archive()
        with world.disk.failing(fault):
            status, answer = world.control.ask("POST", "snapshots/s/restore", {})
            assert status == 500 and answer["error"]
        assert world.control.get("clock")["now"] == "2030-01-01T01:00:00.000Z"
        world.check()
        assert world.upload_large()
        check_again(world)
        assert world.control.get("clock")["now"] == "2030-01-01T01:00:00.000Z"
        world.control.post("snapshots/s/restore")
        assert world.control.get("clock")["now"] == "2030-01-01T00:00:00.000Z"
        with Glacier(world.server.port) as glacier:
            assert len(glacier.inventory("v")) == 2


@pytest.mark.parametrize("fault", ["create ENOSPC 1- incoming/*", "write ENOSPC 1- incoming/*", "write EIO 3- *",
                                   "sync EIO 1- *", "rename EIO 1 states/*", "rename EIO 1 blobs/*"])
def test_snapshot_cannot_be_imported(world, fault):
    """Neither the snapshot is there nor its files."""
    world.control.put("snapshots/s", {})
    exported = world.control.get("snapshots/s/file")
    world.control.delete("snapshots/s")
    while world.archives:
        assert world.delete_archive()
    wait_for(lambda: world.blob_files() == 0, 10, "the files are gone")

    def import_it():
        status, answer = world.control.ask("PUT", "snapshots/t/file", exported, "application/octet-stream")
        return status, answer

    with world.disk.failing(fault):
        status, answer = import_it()
        assert status == 500 and answer["error"]
    assert world.control.get("snapshots")["snapshots"] == []
    world.check()
    world.start_again()
    check_again(world)
    assert world.control.get("snapshots")["snapshots"] == []
    assert import_it()[0] == 200
    check_again(world)
    world.control.post("snapshots/t/restore")
    with Glacier(world.server.port) as glacier:
        assert len(glacier.inventory("v")) == 2


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("fault", ["create ENOSPC 1- *", "write ENOSPC 1- *", "sync EIO 1- *", "open EIO 1 firn.db",
                                   "open EIO 2- *"])
def test_server_that_cannot_start(tmp_path, fault, is_new):
    """It says why and ends, or it does not need what fails; the next one starts."""
    data_dir = tmp_path / "data"
    if not is_new:
        with world_on(tmp_path, "--timing", "instant") as world:
            assert world.upload_small() and world.upload_large()
            archives = world.archives
    disk = Disk(data_dir)
    disk.fail(fault)
    process = subprocess.Popen([firn_binary(), "--port", "0", "--data-dir", str(data_dir)], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=clean_environment(**disk.environment))
    try:
        if process.stdout.readline() == "":
            assert process.wait(10) == 1
            assert "firn: " in process.stderr.read()
    finally:
        process.kill()
        process.communicate(timeout=10)
        disk.remove()
    with world_on(tmp_path, "--timing", "instant") as world:
        if not is_new:
            world.archives = archives
        assert world.upload_large()
        check_again(world)


def job_statuses(world, jobs):
    with Glacier(world.server.port) as glacier:
        return [glacier.call("GET", f"/-/vaults/{vault}/jobs/{job}")[2]["StatusCode"] for vault, job in jobs]


def test_due_work_is_done_later(tmp_path):
    """What the disk did not take when it was due is done once it does; meanwhile the clock says so."""
    with world_on(tmp_path, "--timing", "fast", "--clock", "2030-01-01T00:00:00Z") as world:
        assert world.upload_small()
        # Its inventory is a file.
        world.control.post("seed", {"vaults": [{"name": "v2", "archives": [{"synthetic": 1, "count": 500}]}]})
        with Glacier(world.server.port) as glacier:
            jobs = [("v2", glacier.start_job("v2", Type="inventory-retrieval")), ("v", glacier.start_job(
                "v", Type="archive-retrieval", ArchiveId=next(iter(world.archives.values()))[0]))]
        for fault in ("create ENOSPC 1- incoming/*", "rename EIO 1- blobs/*"):
            with world.disk.failing(fault):
                status, answer = world.control.ask("POST", "clock/advance", {"by": "1m"})
                assert status == 500 and "due" in answer["error"]
                assert job_statuses(world, jobs)[0] == "InProgress"
                assert world.upload_small()
        wait_for(lambda: job_statuses(world, jobs) == ["Succeeded"] * 2, 10, "the jobs are done")
        with Glacier(world.server.port) as glacier:
            described = glacier.call("GET", f"/-/vaults/v2/jobs/{jobs[0][1]}")[2]
            assert described["CompletionDate"] == "2030-01-01T00:00:02.000Z"
            assert len(glacier.output("v2", jobs[0][1])) == described["InventorySizeInBytes"]
        # The log refuses the move itself, and then no time has passed.
        now = world.control.get("clock")["now"]
        with world.disk.failing("sync EIO 1- firn.db-wal"):
            assert world.control.ask("POST", "clock/advance", {"by": "2d"})[0] == 500
        assert world.control.get("clock")["now"] == now
        assert job_statuses(world, jobs) == ["Succeeded"] * 2
        world.control.post("clock/advance", {"by": "2d"})
        world.start_again()
        with Glacier(world.server.port) as glacier:
            assert glacier.call("GET", "/-/vaults/v2/jobs")[2]["JobList"] == []
        wait_for(lambda: world.blob_files() == 0, 10, "the expired output is gone")


def test_due_work_of_running_time_is_done_later(tmp_path):
    with world_on(tmp_path, "--standard", "300ms") as world:
        assert world.upload_small()
        with Glacier(world.server.port) as glacier:
            job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=next(iter(world.archives.values()))[0])
        world.disk.fail("write ENOSPC 1- firn.db-wal")
        wait_for(world.disk.failed, 10, "the scheduler has tried")
        assert job_statuses(world, [("v", job)]) == ["InProgress"]
        world.disk.heal()
        wait_for(lambda: job_statuses(world, [("v", job)]) == ["Succeeded"], 10, "the job is done")


@contextlib.contextmanager
def small_disk(folder):
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={FULL_DISK_BYTES}", "none", str(folder)], check=False,
                      capture_output=True, timeout=10).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True, timeout=10)


def fill_up(file_name):
    with contextlib.suppress(OSError), open(file_name, "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


@pytest.fixture(name="full_disk", params=["mounted", "made to fail"])
def disk_that_fills(request, tmp_path):
    """A world, what fills its disk, and what empties it again."""
    data_dir = tmp_path / "data"
    ballast = data_dir / "ballast"
    with contextlib.ExitStack() as stack:
        if request.param == "mounted":
            stack.enter_context(small_disk(data_dir))
        world = stack.enter_context(world_on(tmp_path, "--timing", "instant"))
        if request.param == "mounted":
            yield world, lambda: fill_up(ballast), ballast.unlink
        else:
            yield world, lambda: world.disk.fail("write,reserve,create ENOSPC 1-"), world.disk.heal


def test_full_disk(full_disk):
    world, fill, empty = full_disk
    assert all(world.upload(size) for size in (1, SMALL, LARGE) for _ in range(3))
    with Glacier(world.server.port) as glacier:
        job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=list(world.archives.values())[-1][0])
        content = glacier.output("v", job)
        for _ in range(3):
            fill()
            results = [world.upload_large() for _ in range(5)]
            assert not any(results)
            world.upload_small()  # may find room in the log
            world.set_tag()
            # What is read only goes on.
            assert glacier.output("v", job) == content
            assert len(glacier.call("GET", "/-/vaults")[2]["VaultList"]) == 1
            assert world.control.get("health")
            empty()
            world.check()
            assert world.upload_large() and world.upload_small() and world.set_tag() and world.delete_archive()
    check_again(world)


@pytest.mark.parametrize("full_disk", ["mounted"], indirect=True)  # one that counts bytes
def test_deletion_empties_a_full_disk(full_disk):
    world, fill, _ = full_disk
    assert all(world.upload_large() for _ in range(30))
    fill()
    assert not world.upload_large()
    while world.archives:
        assert world.delete_archive()
    wait_for(world.upload_large, 10, "there is room again")
    check_again(world)


@pytest.mark.parametrize("full_disk", ["mounted"], indirect=True)  # one that counts bytes
def test_disk_fills_slowly(full_disk):
    """Uploads until one is refused, then deletions make room again."""
    world, _, _ = full_disk
    for _ in range(3):
        while world.upload_large() and len(world.archives) < 1000:
            pass
        assert 50 < len(world.archives) < 1000
        while len(world.archives) > 5:
            assert world.delete_archive()
        # The files go in the background.
        wait_for(world.upload_large, 10, "there is room again")
    check_again(world)
