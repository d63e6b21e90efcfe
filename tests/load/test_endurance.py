"""Everything at once for a while: 20 seconds, ten minutes with FIRN_LONG, any number with FIRN_LOAD_SECONDS.

What the server uses is looked at once a second: once everything has happened a few times, nothing grows any more.
"""
import os
import random
import statistics
import time

from clients import WAYS_OUT, drop_download, drop_upload, reset
from control import Control
from data_files import check_files
from figures import Sampler, figures_of, log_bytes
from firn_server import is_sanitized
from glacier_data import MEBIBYTE, Glacier, random_bytes
from raw_http import RawConnection, ask, head
from waiting import wait_for
from workers import PATIENCE_SECONDS, Crowd, Worker

SECONDS = float(os.environ.get("FIRN_LOAD_SECONDS") or (600 if os.environ.get("FIRN_LONG") else 20))
WORKERS, OPERATORS = 8, 2
# The journal is full after a second, and jobs of the past do not pile up: what grows then is a leak.
JOURNAL_SIZE = 200
OUTPUT_LIFETIME_SECONDS = 30
# The log is written back at 4 MiB, and keeps for a while what a moment with many readers needed.
LOG_BYTES_MAX = 64 * MEBIBYTE
# Between the middles of two quarters of the run. The fixed part is what SQLite's page caches and the allocator's pieces
# still grow by in the first minute or two; later nothing does. At a thousand requests a second 10,000 come in between
# with 20 seconds, and 300,000 with ten minutes: more than 700 bytes lost with each break this in the normal run, more
# than 70 in the long one.
GROWTH_BYTES_MAX = 6 * MEBIBYTE
GROWTH_BYTES_PER_REQUEST_MAX = 50


class BusyWorker(Worker):
    """Does all that a vault is for, and what clients do when they are in trouble."""

    def work(self):
        return super().work() + [(self.be_rude, 2), (self.reconnect, 1), (self.configure, 1), (self.replace_vault, 1),
                                 (self.look_often, 1)]

    def look_often(self):
        """What leaks a little with every request shows after many."""
        for _ in range(50):
            self.look()

    def be_rude(self):
        way_out = self.generator.choice(WAYS_OUT)
        data = random_bytes(self.generator.choice([1000, 300_000]), self.name)
        kind = self.generator.randrange(5)
        if kind == 0:
            drop_upload(self.port, self.vault, data, self.generator.randrange(len(data)), way_out)
        elif kind == 1 and self.archives:
            archive_id, size = self.generator.choice(list(self.archives.values()))
            response, _, _ = self.ask("POST", "/jobs", f'{{"Type": "archive-retrieval", "ArchiveId": "{archive_id}"}}')
            drop_download(self.port, self.vault, response.getheader("x-amz-job-id"), min(size, 100), way_out)
        elif kind == 2:
            reset(RawConnection(self.port, PATIENCE_SECONDS))
        elif kind == 3:
            assert ask(self.port, b"this is not HTTP\r\n\r\n", PATIENCE_SECONDS).status == 400
        else:
            answer = ask(self.port, head("GET", f"/-/vaults/{self.vault}"), PATIENCE_SECONDS)
            assert answer.status == 200
        self.requests += 1

    def reconnect(self):
        self.glacier.close()
        self.glacier = Glacier(self.port, PATIENCE_SECONDS)

    def configure(self):
        topic = '{"SNSTopic": "arn:aws:sns:us-east-1:000000000000:t", "Events": ["InventoryRetrievalCompleted"]}'
        self.ask("PUT", "/notification-configuration", topic)
        self.ask("GET", "/notification-configuration")
        self.ask("DELETE", "/notification-configuration")
        self.ask("GET", "/notification-configuration", status=[404])

    def replace_vault(self):
        """Another one, with something in it, made and deleted."""
        spare = f"spare-{self.name}"
        self.ask("PUT", "", vault=spare)
        self.ask("POST", "/tags?operation=add", '{"Tags": {"a": "b"}}', vault=spare)
        self.ask("DELETE", "", vault=spare)


class Operator:
    """Looks at everything by the control surface, and takes snapshots."""

    def __init__(self, server, name):
        self.control = Control(server)
        self.name = name
        self.generator = random.Random(name)
        self.steps = self.requests = 0

    def step(self):
        self.generator.choice([self.look, self.look, self.take_snapshot, self.add_fault])()
        self.steps += 1

    def look(self):
        for path in ("requests", "jobs", "clock", "metrics", "faults"):
            self.control.get(path)
            self.requests += 1

    def take_snapshot(self):
        self.control.put(f"snapshots/{self.name}", {})
        self.control.delete(f"snapshots/{self.name}")
        self.requests += 2

    def add_fault(self):
        """One that hits nobody."""
        number = self.control.add_fault({"error": "ThrottlingException"}, vault=f"no-{self.name}")
        self.control.delete(f"faults/{number}")
        self.requests += 2


def growth(samples, requests, name):
    """Of the median from the second quarter to the last, and how many requests came between."""
    quarter = len(samples) // 4
    second, last = ([getattr(sample, name) for sample in part] for part in (samples[quarter:2 * quarter],
                                                                            samples[-quarter:]))
    between = requests[-quarter // 2] - requests[quarter + quarter // 2]
    return statistics.median(last) - statistics.median(second), between


def judge(looks):
    samples, logs, requests = zip(*looks)
    bytes_more, between = growth(samples, requests, "memory_bytes")
    assert bytes_more < GROWTH_BYTES_MAX + GROWTH_BYTES_PER_REQUEST_MAX * between or is_sanitized()
    # Those of clients that are served in this moment come and go.
    assert growth(samples, requests, "descriptors")[0] <= WORKERS + OPERATORS
    assert growth(samples, requests, "threads")[0] <= 0
    assert max(logs) < LOG_BYTES_MAX


def report(looks, seconds):
    requests = looks[-1][2]
    print(f"{requests} requests in {seconds:.0f} s, {requests / seconds:.0f}/s; largest log "
          f"{max(log for _, log, _ in looks) / MEBIBYTE:.1f} MiB")
    for number in range(5):
        sample, log, count = looks[min(number * len(looks) // 4, len(looks) - 1)]
        print(f"{number}/4: {sample.memory_bytes / MEBIBYTE:.1f} MiB, {sample.descriptors} descriptors, "
              f"{sample.threads} threads, log {log / MEBIBYTE:.1f} MiB, {count} requests")


def test_everything_at_once(start_firn):
    server = start_firn("--timing", "instant", "--journal-size", JOURNAL_SIZE, "--log-level", "warn",
                        "--output-lifetime", f"{OUTPUT_LIFETIME_SECONDS}s")
    before = figures_of(server)
    workers = [BusyWorker(server.port, f"w{number}") for number in range(WORKERS)]
    operators = [Operator(server, f"operator-{number}") for number in range(OPERATORS)]
    crowd = Crowd(workers + operators)
    began = time.monotonic()
    with Sampler(lambda: (figures_of(server), log_bytes(server), crowd.requests())) as sampler, crowd.working():
        while time.monotonic() < began + SECONDS and not crowd.failures:
            time.sleep(0.5)
    report(sampler.samples, time.monotonic() - began)
    judge(sampler.samples)

    for worker in workers:
        worker.check()
        worker.glacier.close()
    wait_for(lambda: figures_of(server).descriptors <= before.descriptors, 10, "descriptors are closed")
    server.restart()
    check_files(server.data_dir)
    for worker in workers:
        worker.port = server.port
        worker.reconnect()
        worker.check()
