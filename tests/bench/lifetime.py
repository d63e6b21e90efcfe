"""How fast firn comes and goes, and what a large vault costs."""
import json
import time

from load import Wrk, another_each_time
from measure import Row, at_most, figures, in_turn, ratio_at_most
from stage import WAIT_SECONDS_MAX, BenchError, Client, free_port, is_healthy, program, run

def archive_count(stage):
    return 10_000 if stage.quick else 100_000


def start_and_stop(stage, data_dir):
    """Milliseconds from the spawn to the first answer, and from SIGTERM to the end."""
    port = free_port()
    start = time.perf_counter()
    process = stage.spawn_firn(port, data_dir)
    while not is_healthy(port):
        if process.poll() is not None or time.perf_counter() - start > WAIT_SECONDS_MAX:
            raise BenchError(f"firn does not start: {process.returncode}")
    up = time.perf_counter() - start
    time.sleep(0.1)
    start = time.perf_counter()
    process.terminate()
    # With a time limit this would look only now and then.
    code = process.wait()
    down = time.perf_counter() - start
    if code != 0:
        raise BenchError(f"firn ended with {code}")
    return {"up": up * 1000, "down": down * 1000}


def start(stage):
    """from the spawn to the first 200 of /_firn/health by a tight poll; from SIGTERM to the end of an idle firn"""
    rounds, count = 3 if stage.quick else 10, archive_count(stage)
    large = stage.seeded(count, 1_000)
    known = stage.new_directory("data")
    start_and_stop(stage, known)
    new, old, full = in_turn(rounds, lambda: start_and_stop(stage, stage.new_directory("data")),
                             lambda: start_and_stop(stage, known), lambda: start_and_stop(stage, large))
    yield Row("start, new data directory", "ms", figures(new, "up"), target=at_most(15))
    yield Row("start, empty but known", "ms", figures(old, "up"), target=at_most(15))
    yield Row(f"start, {count:,} archives", "ms", figures(full, "up"), target=at_most(20))
    yield Row("stop", "ms", figures(new, "down") + figures(old, "down"), target=at_most(30))
    yield Row(f"stop, {count:,} archives", "ms", figures(full, "down"), target=at_most(30))


def scale(stage):
    """median latency of one connection (wrk) in a large vault; the ceiling is a vault of 1,000 archives and 50 jobs"""
    count, rounds, seconds = archive_count(stage), 1 if stage.quick else 7, 1 if stage.quick else 2
    large = stage.firn("--timing", "instant", data_dir=stage.seeded(count, 1_000))
    small = stage.firn("--timing", "instant", data_dir=stage.seeded(1_000, 50))
    for server, archives in ((large, count), (small, 1_000)):
        client = Client(server.port)
        if client.json("/-/vaults/bench")["NumberOfArchives"] != archives:
            raise BenchError("the vault does not hold the seeded archives")
        if len(client.json("/-/vaults/bench/jobs?limit=50")["JobList"]) != 50:
            raise BenchError("the page of jobs is not full")
    # Answers that are remembered would cost the same in any vault.
    def ask(server, path):
        return Wrk(stage, seconds, functions=another_each_time()).run(server, path, 1)

    for name, path, bound in (("DescribeVault", "/-/vaults/bench", 1.15),
                              ("ListJobs, a page of 50", "/-/vaults/bench/jobs?limit=50", 1.5)):
        mine, other = in_turn(rounds, lambda: ask(large, path), lambda: ask(small, path))
        yield Row(f"{name}, {count:,} archives", "ms", figures(mine, "p50_ms"), figures(other, "p50_ms"),
                  ratio_at_most(bound))
    large.stop()
    small.stop()


SCAN = """
SELECT '{"VaultARN":"arn","InventoryDate":"date","ArchiveList":['
    || group_concat(printf('{"ArchiveId":"%s","ArchiveDescription":%s,"CreationDate":"%s","Size":%d,'
                               || '"SHA256TreeHash":"%s"}',
        archive_id, json_quote(description), strftime('%Y-%m-%dT%H:%M:%SZ', created_at / 1000, 'unixepoch'),
        size_bytes, lower(hex(tree_hash))))
    || ']}'
FROM (SELECT * FROM archives WHERE vault_pk = (SELECT vault_pk FROM vaults WHERE name = 'bench')
      AND deleted_number IS NULL ORDER BY created_number);
"""


def timed(action):
    begin = time.perf_counter()
    result = action()
    return {"ms": (time.perf_counter() - begin) * 1000, "result": result}


def inventory(stage):
    """job and download; against the sqlite3 shell, which prints the same JSON from the same database"""
    count = archive_count(stage)
    firn = stage.firn("--timing", "instant", data_dir=stage.seeded(count, 1_000))
    client = Client(firn.port)
    peak_before = firn.memory_bytes("VmHWM")

    def by_firn():
        job_id = client.start_job("bench", Type="inventory-retrieval")
        return client.call("GET", f"/-/vaults/bench/jobs/{job_id}/output")[1]

    def by_sqlite():
        return run(program("sqlite3"), "-readonly", firn.data_dir / "firn.db", SCAN)

    if archive_list(by_firn()) != archive_list(by_sqlite()):
        raise BenchError("firn and SQLite do not list the same archives")
    mine, other = in_turn(2 if stage.quick else 7, lambda: timed(by_firn), lambda: timed(by_sqlite))
    if {len(done["result"]) for done in mine} != {len(mine[0]["result"])}:
        raise BenchError("inventories of the same vault differ in length")
    yield Row(f"inventory of {count:,} archives", "ms", figures(mine, "ms"), figures(other, "ms"), ratio_at_most(2))
    yield Row("  memory added at the peak", "MiB", [(firn.memory_bytes("VmHWM") - peak_before) / (1 << 20)])
    firn.stop()


def archive_list(output):
    return json.loads(output)["ArchiveList"]
