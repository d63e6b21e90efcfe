"""Many small requests: what firn adds to reading a request and writing an answer, which is all that nginx does."""
import hashlib
import json
import os
import random
import sqlite3
import time

from load import NUMBERED_THREADS, Wrk, another_each_time
from measure import Row, figures, in_turn, ratio_at_least, ratio_at_most
from stage import ROOT, BenchError, Client

ARCHIVE = "k" * 1024
CONNECTIONS = 16
ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

# Creates vaults and deletes each when it is 64 requests old: by then its creation is answered. Names differ by thread.
VAULTS_COME_AND_GO = NUMBERED_THREADS + """local prefix, created, deleted = "{prefix}", 0, 0
function request()
    if created - deleted > 64 then
        deleted = deleted + 1
        return wrk.format("DELETE", "/-/vaults/" .. prefix .. me .. "-" .. deleted)
    end
    created = created + 1
    return wrk.format("PUT", "/-/vaults/" .. prefix .. me .. "-" .. created)
end
"""


def rounds_and_seconds(stage):
    return (1, 1) if stage.quick else (5, 3)


def side_by_side(stage, wrk, firn, nginx, connections):
    """Rounds of both. Each is (server, path)."""
    rounds, _ = rounds_and_seconds(stage)
    if not stage.quick:
        for server, path in (firn, nginx):
            wrk.run(server, path, connections, seconds=1)
    return in_turn(rounds, lambda: wrk.run(*firn, connections), lambda: wrk.run(*nginx, connections))


def rate_row(name, firn, ceiling, bound):
    return Row(name, "requests/s", figures(firn, "per_second"), figures(ceiling, "per_second"), ratio_at_least(bound))


def cost_row(firn, ceiling):
    """For information: hardly moved by what else the machine does, and all that a faster server could save."""
    return Row("  processor time of a request", "µs", figures(firn, "cost_us"), figures(ceiling, "cost_us"))


def reads(stage):
    """wrk, 2 threads, against nginx: 2 workers, a file of 200 bytes"""
    firn, nginx = stage.firn("--timing", "instant"), stage.nginx()
    client = Client(firn.port)
    for number in range(10):
        client.create_vault(f"vault-{number}")
    vault = "/-/vaults/vault-0"
    job_id = client.start_job("vault-0", Type="inventory-retrieval")
    paths = {"DescribeVault": vault, "DescribeJob": f"{vault}/jobs/{job_id}", "ListVaults": "/-/vaults"}
    if len(client.json("/-/vaults")["VaultList"]) != 10 or client.json(paths["DescribeJob"])["JobId"] != job_id:
        raise BenchError("firn does not tell of what was made")
    wrk = Wrk(stage, rounds_and_seconds(stage)[1])
    for operation, path in paths.items():
        for connections in (16, 64):
            mine, other = side_by_side(stage, wrk, (firn, path), (nginx, "/small"), connections)
            name = f"{operation}, {connections} connections"
            yield rate_row(name, mine, other, 0.85)
            yield Row("  its 99th percentile", "ms", figures(mine, "p99_ms"), figures(other, "p99_ms"),
                      ratio_at_most(1.5))
            yield cost_row(mine, other)
        yield from anew(stage, operation, (firn, path), (nginx, "/small"))
    firn.stop()


def anew(stage, operation, firn, nginx):
    """For information: what the answers cost that firn does not remember."""
    rounds, seconds = rounds_and_seconds(stage)

    def ask(server, path):
        return Wrk(stage, seconds, functions=another_each_time()).run(server, path, 16)

    mine, other = in_turn(rounds, lambda: ask(*firn), lambda: ask(*nginx))
    yield Row(f"{operation}, another question each time", "requests/s", figures(mine, "per_second"),
              figures(other, "per_second"))
    yield cost_row(mine, other)


def writes(stage):
    """wrk, 16 connections, durable; against nginx, which answers the same requests and keeps nothing"""
    firn, nginx = stage.firn("--timing", "aws"), stage.nginx()
    client = Client(firn.port)
    client.create_vault("bench")
    response, _ = client.call("POST", "/-/vaults/bench/archives", ARCHIVE, expect=201, **upload_fields("_"))
    retrieval = {"Type": "archive-retrieval", "ArchiveId": response.getheader("x-amz-archive-id")}
    rounds, seconds = rounds_and_seconds(stage)
    wrk = Wrk(stage, seconds, "POST", body=json.dumps(retrieval))
    path = "/-/vaults/bench/jobs"
    mine, other = side_by_side(stage, wrk, (firn, path), (nginx, path), 16)
    yield rate_row("InitiateJob", mine, other, 0.4)
    yield cost_row(mine, other)

    def vaults(server):
        # No name comes twice: what one round leaves behind must not meet the next.
        prefix = f"v{random.getrandbits(40):x}-"
        return Wrk(stage, seconds, functions=VAULTS_COME_AND_GO.format(prefix=prefix)).run(server, "/-/", 16)

    mine, other = in_turn(rounds, lambda: vaults(firn), lambda: vaults(nginx))
    yield rate_row("CreateVault, DeleteVault", mine, other, 0.4)
    yield cost_row(mine, other)
    firn.stop()


def upload_fields(dash):
    # Up to a MiB both hashes are the same.
    digest = hashlib.sha256(ARCHIVE.encode()).hexdigest()
    return {f"x{dash}amz{dash}content{dash}sha256": digest, f"x{dash}amz{dash}sha256{dash}tree{dash}hash": digest}


def archives(stage):
    """wrk, 16 connections, durable; against SQLite alone: the same rows, WAL, synchronous=FULL, 64 archives a commit"""
    firn = stage.firn()
    client = Client(firn.port)
    client.create_vault("bench")
    rounds, seconds = rounds_and_seconds(stage)
    wrk = Wrk(stage, seconds, "POST", upload_fields("-"), ARCHIVE)
    mine, other, small = in_turn(rounds, lambda: wrk.run(firn, "/-/vaults/bench/archives", CONNECTIONS),
                                 lambda: sqlite_alone(stage, seconds, 64),
                                 lambda: sqlite_alone(stage, seconds, CONNECTIONS))
    answered = sum(figures(mine, "requests"))
    kept = client.json("/-/vaults/bench")["NumberOfArchives"]
    # wrk leaves without waiting for the last answer of each connection.
    if not answered <= kept <= answered + CONNECTIONS * rounds:
        raise BenchError(f"{answered} uploads were acknowledged, {kept} archives are there")
    yield Row("UploadArchive of 1 KiB", "archives/s", figures(mine, "per_second"), figures(other, "per_second"),
              ratio_at_least(0.5))
    yield cost_row(mine, other)
    # No commit can hold more than one of each connection.
    yield Row(f"  against {CONNECTIONS} archives a commit", "archives/s", figures(mine, "per_second"),
              figures(small, "per_second"))
    firn.stop()


def sqlite_alone(stage, seconds, rows_a_commit):
    """How many archives of 1 KiB SQLite takes when nothing else has to be done. Rows are made before the clock runs."""
    database = sqlite3.connect(stage.new_directory("sqlite") / "firn.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    for migration in sorted((ROOT / "storage" / "sqlite" / "migrations").glob("*.sql")):
        database.executescript(migration.read_text())
    done, spent, processor = 0, 0.0, 0.0
    while spent < seconds:
        archive_rows, blob_rows = rows_of_one_commit(done, rows_a_commit)
        start, start_processor = time.perf_counter(), time.process_time()
        database.execute("BEGIN IMMEDIATE")
        database.executemany("INSERT INTO archives VALUES (?, 1, ?, '', 1024, ?, ?, ?, NULL)", archive_rows)
        database.executemany("INSERT INTO blobs (owner_pk, first_byte, size_bytes, tree_hash, data)"
                             " VALUES (?, 0, 1024, ?, ?)", blob_rows)
        database.execute("COMMIT")
        spent += time.perf_counter() - start
        processor += time.process_time() - start_processor
        done += rows_a_commit
    if database.execute("SELECT count(*) FROM blobs").fetchone()[0] != done:
        raise BenchError("SQLite lost rows")
    database.close()
    return {"per_second": done / spent, "cost_us": processor / done * 1e6}


def rows_of_one_commit(done, count):
    archive_rows, blob_rows = [], []
    for key in range(done + 2, done + 2 + count):
        digest, archive_id = os.urandom(32), "".join(random.choices(ID_LETTERS, k=138))
        archive_rows.append((key, archive_id, digest, 1_700_000_000_000 + key, key))
        blob_rows.append((key, digest, ARCHIVE.encode()))
    return archive_rows, blob_rows
