"""What /_firn/metrics counts, against what was done."""
import collections
import http.client
import re

import pytest
from control import Control
from glacier_data import Glacier, random_bytes, upload_headers
from raw_http import RawConnection, head
from waiting import wait_for

DATA = random_bytes(200_000, "metrics")

_SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="[^"\\\n]*",?)*)\})? (\S+)')
_LABEL = re.compile(r'([a-z_]+)="([^"]*)"')


class Metrics:
    """Prometheus' text form. `samples` are {(name, labels): value}, labels a frozenset of pairs."""

    def __init__(self, text):
        self.types, self.helps, self.samples = {}, {}, {}
        assert text.endswith("\n")
        for line in text.splitlines():
            if line.startswith("# HELP "):
                _, _, name, self.helps[name] = line.split(" ", 3)
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in self.types
                self.types[name] = kind
            else:
                self._add_sample(line)

    def _add_sample(self, line):
        match = _SAMPLE.fullmatch(line)
        assert match, line
        name, labels, value = match.groups()
        key = name, frozenset(_LABEL.findall(labels or ""))
        assert key not in self.samples, line
        assert self.family(name) in self.types, line
        self.samples[key] = float(value)

    def family(self, name):
        parts = re.fullmatch("(.*)_(?:bucket|sum|count)", name)
        return parts[1] if parts and self.types.get(parts[1]) == "histogram" else name

    def value(self, name, **labels):
        return self.samples.get((name, frozenset(labels.items())), 0)

    def of(self, name):
        """{labels as a dictionary's items: value} of one name."""
        return {labels: value for (known, labels), value in self.samples.items() if known == name}

    def requests(self):
        return {(dict(labels)["operation"], int(dict(labels)["status"])): int(value)
                for labels, value in self.of("firn_requests_total").items()}


def read(server):
    with Glacier(server.port) as connection:
        response, content, _ = connection.call("GET", "/_firn/metrics")
    assert response.status == 200
    assert response.getheader("Content-Type").startswith("text/plain; version=0.0.4")
    return Metrics(content.decode())


def settled(server, count):
    """What is counted once the answers to `count` requests have left."""
    return wait_for(lambda: (metrics := read(server)) and sum(metrics.requests().values()) == count and metrics, 5,
                    f"{count} requests are counted")


@pytest.fixture(scope="module")
def day(start_firn):
    """A server after some work: itself, what it counts, what its journal says."""
    server = start_firn("--timing", "aws", "--clock", "2030-01-01T00:00:00Z", "--in-memory")
    control = Control(server)
    with Glacier(server.port) as connection:
        connection.create_vault("photos")
        ids = [connection.upload("photos", DATA).getheader("x-amz-archive-id") for _ in range(3)]
        connection.call("POST", "/-/vaults/photos/archives", DATA, upload_headers(b"other"))
        jobs = [connection.start_job("photos", Type="archive-retrieval", ArchiveId=archive_id) for archive_id in ids]
        jobs += [connection.start_job("photos", Type="archive-retrieval", ArchiveId=ids[0]) for _ in range(3)]
        control.post(f"jobs/{jobs[0]}/complete")
        control.post(f"jobs/{jobs[1]}/complete")
        control.post(f"jobs/{jobs[2]}/fail")
        connection.output("photos", jobs[0])
        connection.call("GET", "/-/vaults/nowhere")
        connection.call("GET", "/nowhere")
        control.add_fault({"latency": "350ms"}, operation="ListVaults", times=1)
        control.add_fault({"error": "ThrottlingException"}, operation="DescribeVault", times=2)
        control.add_fault({"reset": True}, operation="ListJobs")
        connection.call("GET", "/-/vaults")
        for _ in range(3):
            connection.call("GET", "/-/vaults/photos")
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            connection.call("GET", "/-/vaults/photos/jobs")
    with RawConnection(server.port) as connection:
        upload = {name.replace("-", "_"): value for name, value in upload_headers(DATA).items()
                  if name != "x-amz-glacier-version"}
        connection.send(head("POST", "/-/vaults/photos/archives", Content_Length=len(DATA), **upload) + DATA[:5000])
    metrics = settled(server, 20)
    return server, metrics, control.requests(limit=1000)


def test_every_family_has_its_help_and_type(day):
    _, metrics, _ = day
    assert metrics.types.keys() == metrics.helps.keys()
    assert metrics.types == {
        "firn_requests_total": "counter", "firn_received_bytes_total": "counter", "firn_sent_bytes_total": "counter",
        "firn_faults_total": "counter", "firn_journal_dropped_total": "counter", "firn_jobs": "gauge",
        "firn_store": "gauge", "firn_request_seconds": "histogram"}
    assert all(len(text) > 5 for text in metrics.helps.values())


def test_requests_by_operation_and_status(day):
    _, metrics, journal = day
    assert metrics.requests() == {
        ("CreateVault", 201): 1, ("UploadArchive", 201): 3, ("UploadArchive", 403): 1, ("UploadArchive", 0): 1,
        ("InitiateJob", 202): 6, ("GetJobOutput", 200): 1, ("DescribeVault", 404): 1, ("none", 400): 1,
        ("ListVaults", 200): 1, ("DescribeVault", 400): 2, ("DescribeVault", 200): 1, ("ListJobs", 0): 1}
    assert metrics.requests() == collections.Counter((entry["operation"] or "none", entry["status"])
                                                     for entry in journal)


def test_bytes(day):
    _, metrics, journal = day
    received, sent = metrics.value("firn_received_bytes_total"), metrics.value("firn_sent_bytes_total")
    assert received == sum(entry["received_bytes"] for entry in journal) >= 4 * len(DATA) + 5000
    assert sent == sum(entry["sent_bytes"] for entry in journal) >= len(DATA)
    # Little else than those went over the wire.
    assert received < 4 * len(DATA) + 5000 + 4096 and sent < len(DATA) + 4096


def test_faults(day):
    _, metrics, journal = day
    assert metrics.value("firn_faults_total") == 4 == sum(entry["fault"] is not None for entry in journal)


def test_jobs_by_status_and_archives(day):
    server, metrics, _ = day
    assert {dict(labels)["status"]: value for labels, value in metrics.of("firn_jobs").items()} == {
        "InProgress": 3, "Succeeded": 2, "Failed": 1}
    figures = {dict(labels)["figure"]: value for labels, value in metrics.of("firn_store").items()}
    assert figures.keys() == {"blobs", "blob_bytes", "writes_waiting", "writes", "commits"}
    assert (figures["blobs"], figures["blob_bytes"], figures["writes_waiting"]) == (3, 3 * len(DATA), 0)
    assert 10 <= figures["commits"] <= figures["writes"]
    Control(server).post("clock/advance", {"until": "idle"})
    later = read(server)
    assert later.value("firn_jobs", status="InProgress") == 0
    assert later.value("firn_jobs", status="Succeeded") + later.value("firn_jobs", status="Failed") <= 6


def test_histograms(day):
    _, metrics, journal = day
    buckets = collections.defaultdict(list)
    for labels, value in metrics.of("firn_request_seconds_bucket").items():
        buckets[dict(labels)["operation"]].append((float(dict(labels)["le"]), value))
    # Also those that nobody has called: 33 operations, and what is none.
    assert len(buckets) == 34 and {"PurchaseProvisionedCapacity", "none"} <= buckets.keys()
    by_operation = collections.Counter(entry["operation"] or "none" for entry in journal)
    for operation, known in buckets.items():
        counts = [value for _, value in sorted(known)]
        assert sorted(known)[-1][0] == float("inf") and counts == sorted(counts)
        assert counts[-1] == metrics.value("firn_request_seconds_count", operation=operation) == by_operation[operation]
        spent = sum(entry["duration_ms"] for entry in journal if (entry["operation"] or "none") == operation) / 1000
        assert metrics.value("firn_request_seconds_sum", operation=operation) == pytest.approx(spent, abs=1e-4)
    slow = dict(buckets["ListVaults"])
    assert (slow[0.3], slow[3]) == (0, 1)


def test_the_control_surface_is_not_counted(start_firn):
    server = start_firn("--in-memory")
    Control(server).get("clock")
    Control(server).ask("GET", "nowhere")
    assert read(server).requests() == {}


def test_metrics_on_the_command_line(day):
    server, _, _ = day
    printed, asked = Metrics(Control(server).firn("metrics")), read(server)
    assert printed.types == asked.types
    assert printed.requests() == asked.requests()
