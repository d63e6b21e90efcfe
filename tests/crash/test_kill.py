"""kill -9 at any moment: what was acknowledged is there, what is there is whole, and nothing else takes up room.

FIRN_KILL_SEED repeats a run's choices (the moments depend on the machine all the same).
"""
import collections
import hashlib
import http.client
import os
import random
import subprocess
import threading
import time

import pytest
from data_files import check_files
from firn_server import clean_environment, firn_binary
from glacier_data import MEBIBYTE, Glacier, named_bytes, tree_hash

ROUNDS = 6
UPLOADERS = 20
LIFE_SECONDS = (0.05, 1.6)
DELETED_SHARE = 0.2
# Around what lies in the database's row (64 KiB and less), around one leaf of the tree, and several of them.
SIZES = [1 << 10, 20_000, 64 << 10, (64 << 10) + 1, 300_000, MEBIBYTE, MEBIBYTE + 1, 3 * MEBIBYTE + 5, 8 * MEBIBYTE]

Archive = collections.namedtuple("Archive", "size sha256 tree_hash")


class Ledger:
    """What the clients know, by the names that they give as descriptions."""

    def __init__(self):
        self.lock = threading.Lock()
        self.sent = {}            # name -> Archive: every upload that was begun
        self.acknowledged = {}    # name -> archive id, from a 201
        self.delete_sent = set()  # names whose deletion was begun
        self.deleted = set()      # names whose deletion was answered with 204

    def unanswered(self):
        return self.sent.keys() - self.acknowledged.keys()


def keep_uploading(port, ledger, name_prefix, generator, failures):
    """One client, until its connection breaks."""
    try:
        with Glacier(port) as glacier:
            for number in range(10_000):
                name = f"{name_prefix}-{number}"
                data = named_bytes(name, generator.choice(SIZES))
                with ledger.lock:
                    ledger.sent[name] = Archive(len(data), hashlib.sha256(data).hexdigest(), tree_hash(data))
                response = glacier.upload("v", data, name)
                assert response.status == 201, response.status
                archive_id = response.getheader("x-amz-archive-id")
                with ledger.lock:
                    ledger.acknowledged[name] = archive_id
                if generator.random() < DELETED_SHARE:
                    with ledger.lock:
                        ledger.delete_sent.add(name)
                    response, _, _ = glacier.call("DELETE", f"/-/vaults/v/archives/{archive_id}")
                    assert response.status == 204, response.status
                    with ledger.lock:
                        ledger.deleted.add(name)
    except (OSError, http.client.HTTPException):
        pass  # The kill.
    except AssertionError as failure:
        failures.append(failure)


def check_inventory(entries, ledger):
    """Strictly: neither less than was acknowledged nor more than was sent, and nothing twice."""
    listed = {entry["ArchiveDescription"]: entry for entry in entries}
    assert len(listed) == len(entries), "an archive is listed twice"
    lost = ledger.acknowledged.keys() - ledger.delete_sent - listed.keys()
    assert not lost, f"acknowledged and lost: {lost}"
    assert not listed.keys() - ledger.sent.keys(), "listed and never sent"
    risen = listed.keys() & ledger.deleted
    assert not risen, f"deleted and back: {risen}"
    for name, entry in listed.items():
        sent = ledger.sent[name]
        assert (entry["Size"], entry["SHA256TreeHash"]) == (sent.size, sent.tree_hash), name
        assert ledger.acknowledged.get(name, entry["ArchiveId"]) == entry["ArchiveId"], name
    return listed


def check_contents(port, listed, ledger):
    with Glacier(port) as glacier:
        for name, entry in listed.items():
            content = glacier.retrieve("v", entry["ArchiveId"])
            assert hashlib.sha256(content).hexdigest() == ledger.sent[name].sha256, name


def test_kill_while_uploads_run(start_firn):
    seed = os.environ.get("FIRN_KILL_SEED") or str(random.SystemRandom().randrange(1 << 32))
    print(f"FIRN_KILL_SEED={seed}")
    generator = random.Random(seed)
    server = start_firn("--timing", "instant", "--log-level", "warn")
    ledger = Ledger()
    in_flight = survivors = 0
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
    for number in range(ROUNDS):
        before = set(ledger.sent)
        failures = []
        uploaders = [threading.Thread(target=keep_uploading, args=(
            server.port, ledger, f"{number}-{uploader}", random.Random(generator.random()), failures))
            for uploader in range(UPLOADERS)]
        for uploader in uploaders:
            uploader.start()
        time.sleep(generator.uniform(*LIFE_SECONDS))
        server.kill()
        for uploader in uploaders:
            uploader.join(30)
            assert not uploader.is_alive()
        assert not failures
        in_flight += len(ledger.unanswered() - before)

        server.start(*server.flags)
        check_files(server.data_dir)
        with Glacier(server.port) as glacier:
            listed = check_inventory(glacier.inventory("v"), ledger)
        survivors += len((ledger.unanswered() - before) & listed.keys())
        last = number == ROUNDS - 1
        check_contents(server.port, {name: entry for name, entry in listed.items() if last or name not in before},
                       ledger)
    print(f"{len(ledger.sent)} uploads, {len(ledger.acknowledged)} acknowledged, {len(ledger.deleted)} deleted, "
          f"{in_flight} in flight at a kill, {survivors} of them there")
    # Otherwise this test has not tried anything.
    assert len(ledger.acknowledged) >= ROUNDS
    assert in_flight >= ROUNDS


@pytest.mark.parametrize("life_seconds", [0.0, 0.01, 0.03])
def test_kill_while_it_starts(start_firn, tmp_path, life_seconds):
    """The first start creates the database. After a kill at any moment the next start continues."""
    command = [firn_binary(), "--port", "0", "--data-dir", str(tmp_path / "data")]
    for _ in range(5):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=clean_environment())
        time.sleep(life_seconds)
        process.kill()
        process.wait(10)
    server = start_firn("--timing", "instant", data_dir=tmp_path / "data")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        archive_id = glacier.upload("v", b"hello").getheader("x-amz-archive-id")
        assert glacier.retrieve("v", archive_id) == b"hello"


def test_kill_leaves_vaults_and_jobs(start_firn):
    """The same holds for requests other than uploads."""
    server = start_firn("--seed", "kill", "--standard", "1h")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        archive_id = glacier.upload("v", b"hello").getheader("x-amz-archive-id")
        jobs = [glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive_id) for _ in range(20)]
        glacier.create_vault("gone")
        response, _, _ = glacier.call("DELETE", "/-/vaults/gone")
        assert response.status == 204
        glacier.create_vault("last")
    server.kill()
    server.start(*server.flags)
    with Glacier(server.port) as glacier:
        _, _, listed = glacier.call("GET", "/-/vaults")
        assert [vault["VaultName"] for vault in listed["VaultList"]] == ["last", "v"]
        _, _, listed = glacier.call("GET", "/-/vaults/v/jobs")
        assert [job["JobId"] for job in listed["JobList"]] == jobs[::-1]
        # Numbers of a killed process are not used again: ids come from them.
        assert glacier.upload("v", b"hello").getheader("x-amz-archive-id") != archive_id
        assert glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive_id) not in jobs
