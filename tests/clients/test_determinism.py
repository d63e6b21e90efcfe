"""The same seed, requests and moves of the clock: the same ids, dates, durations, headers and bytes."""
import json

import pytest
from control import Control
from glacier_data import MEBIBYTE, Glacier, random_bytes, tree_hash, upload_headers

START = "2030-01-01T12:34:56.789Z"
FLAGS = ("--timing", "aws", "--clock", START)
REQUEST_ID = "x-amzn-RequestId"
BIG = random_bytes(2 * MEBIBYTE + 5, seed=7)
LOCK = {"Version": "2012-10-17", "Statement": [{
    "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive",
    "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/v"}]}


class Play:
    """Asks, and writes down what comes back, to the last byte."""

    def __init__(self, server, with_request_ids=True):
        self.control = Control(server)
        self.seen = []
        self._with_request_ids = with_request_ids
        self._glacier = Glacier(server.port)

    def ask(self, method, path, body=b"", headers=None):
        response, content, parsed = self._glacier.call(method, path, body, headers)
        fields = response.getheaders()
        assert {REQUEST_ID, "Date"} <= {name for name, _ in fields}
        if not self._with_request_ids:
            fields = [field for field in fields if field[0] != REQUEST_ID]
        self.seen.append((method, path, response.status, response.reason, fields, content))
        return response, parsed

    def move(self, **how):
        self.seen.append(self.control.post("clock/advance", how))

    def look(self):
        """What the control surface tells, and all descriptions of Glacier's."""
        self.seen += [self.control.get("clock"), self.control.get("jobs")]
        for path in ("", "/v", "/v/jobs", "/v/multipart-uploads", "/w", "/w/jobs"):
            self.ask("GET", "/-/vaults" + path)
        for job in self.control.get("jobs")["jobs"]:
            self.ask("GET", f"/-/vaults/{job['vault']}/jobs/{job['job_id']}")

    def job(self, vault, **parameters):
        response, _ = self.ask("POST", f"/-/vaults/{vault}/jobs", json.dumps(parameters))
        return response.getheader("x-amz-job-id")

    def begin(self):
        """Vaults, archives, and an upload in parts that is under way."""
        for vault in ("v", "w"):
            self.ask("PUT", f"/-/vaults/{vault}")
        self.archives = []
        for data, description in ((b"small", 'a "quoted", one'), (BIG, "big"), (b"third", "")):
            response, _ = self.ask("POST", "/-/vaults/v/archives", data, upload_headers(data, description))
            self.archives.append(response.getheader("x-amz-archive-id"))
        response, _ = self.ask("POST", "/-/vaults/v/multipart-uploads", headers={
            "x-amz-part-size": str(MEBIBYTE), "x-amz-archive-description": "in parts"})
        self.upload = f"/-/vaults/v/multipart-uploads/{response.getheader('x-amz-multipart-upload-id')}"
        for first in range(0, len(BIG), MEBIBYTE):
            part = BIG[first:first + MEBIBYTE]
            self.ask("PUT", self.upload, part, upload_headers(part) | {
                "Content-Range": f"bytes {first}-{first + len(part) - 1}/*"})
        self.move(by="90s")
        self.look()

    def go_on(self):
        self.ask("GET", self.upload)
        self.ask("POST", self.upload, headers={"x-amz-archive-size": str(len(BIG)),
                                               "x-amz-sha256-tree-hash": tree_hash(BIG)})
        self.ask("POST", "/-/vaults/v/lock-policy", json.dumps({"Policy": json.dumps(LOCK)}))
        self.ask("POST", "/-/provisioned-capacity")
        self.ask("GET", "/-/provisioned-capacity")
        jobs = [self.job("v", Type="archive-retrieval", ArchiveId=archive, Tier=tier) for archive, tier in zip(
            self.archives, ("Expedited", "Standard", "Bulk"))]
        jobs.append(self.job("v", Type="archive-retrieval", ArchiveId=self.archives[1],
                             RetrievalByteRange=f"0-{MEBIBYTE - 1}", Description="its beginning"))
        # Two that are refused.
        assert self.job("v", Type="inventory-retrieval") is None
        self.ask("GET", "/-/vaults/v/jobs?limit=0")
        self.ask("GET", "/-/vaults/v/jobs?limit=2")
        self.look()
        self.move(until="next")
        self.move(until_job=jobs[2])
        for job in jobs:
            self.ask("GET", f"/-/vaults/v/jobs/{job}/output")
        self.move(by="1d")
        self.ask("DELETE", f"/-/vaults/v/archives/{self.archives[0]}")
        self.seen.append(self.control.post("inventories"))
        inventories = [self.job("v", Type="inventory-retrieval", Format=form, InventoryRetrievalParameters=parameters)
                       for form in ("JSON", "CSV") for parameters in ({}, {"Limit": "2"})]
        inventories.append(self.job("w", Type="inventory-retrieval"))
        self.seen.append(self.control.post(f"jobs/{inventories[0]}/complete"))
        self.look()
        self.move(until="idle")
        self.look()
        for vault, job in zip("vvvvw", inventories):
            self.ask("GET", f"/-/vaults/{vault}/jobs/{job}/output")
        self.move(by="40d")
        self.look()


def play(server, **options):
    """All of it, against an empty server."""
    run = Play(server, **options)
    run.begin()
    run.go_on()
    return run.seen


def assert_same(one, other):
    """Tells the first that differs."""
    for left, right in zip(one, other):
        assert left == right
    assert len(one) == len(other)


@pytest.fixture(scope="module")
def first(start_firn):
    return play(start_firn("--in-memory", "--seed", "one", *FLAGS))


@pytest.fixture(scope="module")
def first_without_request_ids(first):
    return [entry if isinstance(entry, dict) else
            (*entry[:4], [field for field in entry[4] if field[0] != REQUEST_ID], entry[5]) for entry in first]


def test_what_is_compared(first):
    """That the play has the scenes it is to have."""
    outputs = [entry for entry in first if isinstance(entry, tuple) and entry[1].endswith("/output")]
    assert [entry[2] for entry in outputs] == [200] * 9
    json_all, json_two, csv_all, csv_two, empty = [entry[5] for entry in outputs[4:]]
    assert [archive["ArchiveDescription"] for archive in json.loads(json_all)["ArchiveList"]] == [
        "big", "", "in parts"]
    assert [len(json.loads(content)["ArchiveList"]) for content in (json_two, empty)] == [2, 0]
    assert [len(content.splitlines()) for content in (csv_all, csv_two)] == [4, 3]
    assert any(entry[2] == 404 for entry in first if isinstance(entry, tuple))
    request_ids = [dict(entry[4])[REQUEST_ID] for entry in first if isinstance(entry, tuple)]
    assert len(set(request_ids)) == len(request_ids) >= 80


@pytest.mark.parametrize("flags", [["--in-memory"], [], ["--threads", "1"], ["--threads", "8"]], ids=str)
def test_two_fresh_servers(start_firn, first, flags):
    assert_same(first, play(start_firn("--seed", "one", *FLAGS, *flags)))


def test_another_seed(start_firn, first):
    """Nothing of what is drawn is the same."""
    other = play(start_firn("--in-memory", "--seed", "two", *FLAGS))

    def drawn(seen):
        for entry in seen:
            if isinstance(entry, dict):
                yield from ((job["job_id"], job["due_at"]) for job in entry.get("jobs", ()))
            else:
                yield from ((name, value) for name, value in entry[4] if name == REQUEST_ID or name.endswith("-id"))

    one, two = set(drawn(first)), set(drawn(other))
    assert len(one) == len(two) > 80 and not one & two


def test_after_a_reset(start_firn, first_without_request_ids):
    server = start_firn("--seed", "one", *FLAGS)
    control = Control(server)
    for reset in (lambda: None, lambda: control.firn("reset"), lambda: control.post("reset")):
        reset()
        assert_same(first_without_request_ids, play(server, with_request_ids=False))


@pytest.mark.parametrize("place", [["--in-memory"], []], ids=["memory", "disk"])
def test_after_going_back_to_a_snapshot(start_firn, first_without_request_ids, place):
    server = start_firn(*place, "--seed", "one", *FLAGS)
    control = Control(server)
    run = Play(server, with_request_ids=False)
    run.begin()
    control.firn("snapshot", "save", "begun")
    beginning = list(run.seen)
    for back in (lambda: None, lambda: control.firn("snapshot", "restore", "begun"),
                 lambda: control.post("snapshots/begun/restore")):
        back()
        run.seen = []
        run.go_on()
        assert_same(first_without_request_ids, beginning + run.seen)


def test_after_a_restart(start_firn, first_without_request_ids):
    server = start_firn("--seed", "one", *FLAGS)
    run = Play(server, with_request_ids=False)
    run.begin()
    server.kill()
    server.start(*server.flags)
    again = Play(server, with_request_ids=False)
    again.upload, again.archives = run.upload, run.archives
    again.go_on()
    assert_same(first_without_request_ids, run.seen + again.seen)


def test_a_snapshot_on_another_machine(start_firn, first_without_request_ids, tmp_path):
    """With the same --seed it goes on in the same way there."""
    run = Play(start_firn("--in-memory", "--seed", "one", *FLAGS), with_request_ids=False)
    run.begin()
    run.control.put("snapshots/begun")
    run.control.firn("snapshot", "export", "begun", tmp_path / "begun.firn")
    again = Play(start_firn("--in-memory", "--seed", "one", "--timing", "aws"), with_request_ids=False)
    again.control.firn("snapshot", "import", "begun", tmp_path / "begun.firn")
    again.control.post("snapshots/begun/restore")
    again.upload, again.archives = run.upload, run.archives
    again.go_on()
    assert_same(first_without_request_ids, run.seen + again.seen)


def drawn_ids(server):
    """The ids that a client gets: of an archive, an upload and a job."""
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        response, _, _ = glacier.call("POST", "/-/vaults/v/multipart-uploads", headers={
            "x-amz-part-size": str(MEBIBYTE)})
        return {archive, response.getheader("x-amz-multipart-upload-id"),
                glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive)}


@pytest.mark.parametrize("place", [["--in-memory"], []], ids=["memory", "disk"])
def test_without_a_seed_no_id_comes_back(start_firn, place):
    """An id of the time that was undone must stay unknown."""
    server = start_firn(*FLAGS, *place)
    control = Control(server)
    control.put("snapshots/empty")
    ids = [drawn_ids(server)]
    for back in (lambda: control.post("snapshots/empty/restore"), lambda: control.post("reset"),
                 lambda: control.firn("reset"), lambda: control.firn("snapshot", "restore", "empty")):
        back()
        if not place:
            server.restart()
        ids.append(drawn_ids(server))
    assert len(set.union(*ids)) == 3 * len(ids)


def test_a_snapshot_of_another_server_leaves_the_seed_and_the_counter(start_firn, tmp_path):
    """Without --seed each server draws one; an id of either server stays unknown to what the other makes."""
    there, here = start_firn(*FLAGS), start_firn(*FLAGS)
    ids = [drawn_ids(here), drawn_ids(there)]
    Control(there).put("snapshots/theirs")
    Control(there).firn("snapshot", "export", "theirs", tmp_path / "theirs.firn")
    control = Control(here)
    control.firn("snapshot", "import", "theirs", tmp_path / "theirs.firn")
    for _ in range(2):
        control.post("snapshots/theirs/restore")
        ids.append(drawn_ids(here))
    server = here
    server.restart()
    ids.append(drawn_ids(server))
    assert len(set.union(*ids)) == 3 * len(ids)
