"""Seed documents: the one of server/docs/seed.md as it stands, and everything that may be wrong with one."""
import csv
import io
import json
import re
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from control import CONTRACT, Control
from data_files import blob_files
from documents import ROOT, blocks_of
from firn_server import clean_environment, firn_binary
from glacier_data import Glacier, linear_hash, random_bytes, tree_hash
from sdk import client_of
from waiting import patient, wait_for

# Too large for a database row, so that its bytes are a file.
BEACH = random_bytes(300_000, "beach")
OVERHEAD = 32 << 10
SIZES = [len(BEACH), len("inline"), 3, 40 * 10**12, *[5 << 20] * 1000]
PHOTOS = "arn:aws:glacier:us-east-1:000000000000:vaults/photos"
RECORDS = "arn:aws:glacier:eu-west-1:111122223333:vaults/records"
CLOCK = "2030-01-31T12:00:00.000Z"
# Inventories show seconds.
CLOCK_IN_INVENTORIES = "2030-01-31T12:00:00Z"
DOCUMENTED_TOTALS = {"vaults": 2, "existing_vaults": 0, "archives": 1004, "archive_bytes": sum(SIZES), "jobs": 3}


def documented_seed():
    (block,) = blocks_of(ROOT / "server/docs/seed.md", "seed")
    return block.text


def write_document(folder, text=None):
    (folder / "beach.jpg").write_bytes(BEACH)
    path = folder / "seed.json"
    path.write_text(documented_seed() if text is None else text, encoding="utf-8")
    return path


def policy_of(vault, effect, action):
    return {"Version": "2012-10-17",
            "Statement": [{"Effect": effect, "Principal": "*", "Action": action, "Resource": vault}]}


def output(glacier, job_id, vault="photos"):
    return glacier.get_job_output(vaultName=vault, jobId=job_id)["body"].read()


# --- The documented one


@pytest.fixture(scope="module", params=["aws --seed-file", "fast --seed-file", "aws firn seed", "fast firn seed"])
def seeded(request, start_firn, tmp_path_factory):
    """A server that the documented seed was given to, with its clock frozen; and how fast it is."""
    timing, way = request.param.split(" ", 1)
    file = write_document(tmp_path_factory.mktemp("seed"))
    flags = ["--timing", timing, "--clock", CLOCK, "--region", "us-east-1"]
    if way == "--seed-file":
        return start_firn(*flags, "--seed-file", file), timing
    server = start_firn(*flags)
    printed = json.loads(Control(server).firn("seed", file, "--json"))
    assert printed == DOCUMENTED_TOTALS
    return server, timing


@pytest.fixture(scope="module")
def glacier(seeded):
    return client_of(seeded[0])


def test_the_vault_is_there_with_its_dates_and_counters(glacier):
    (vault,) = glacier.list_vaults()["VaultList"]
    assert (vault["VaultName"], vault["VaultARN"]) == ("photos", PHOTOS)
    assert vault["CreationDate"] == "2019-05-01T00:00:00.000Z"
    assert (vault["NumberOfArchives"], vault["SizeInBytes"]) == (1004, sum(SIZES) + 1004 * OVERHEAD)
    assert vault["LastInventoryDate"] == CLOCK


def test_tags_and_notifications_are_set(glacier):
    assert glacier.list_tags_for_vault(vaultName="photos")["Tags"] == {"team": "archive"}
    notifications = glacier.get_vault_notifications(vaultName="photos")["vaultNotificationConfig"]
    assert notifications == {"SNSTopic": "arn:aws:sns:us-east-1:000000000000:glacier",
                             "Events": ["ArchiveRetrievalCompleted"]}
    for call in (glacier.get_vault_access_policy, glacier.get_vault_lock):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            call(vaultName="photos")


def test_the_jobs_are_in_their_states_and_go_on(seeded, glacier):
    server, timing = seeded
    jobs = glacier.list_jobs(vaultName="photos")["JobList"]
    assert all(job["CreationDate"] == CLOCK for job in jobs)
    by_state = {job["StatusCode"]: job for job in jobs}
    assert len(jobs) == len(by_state) == 3

    done = by_state["Succeeded"]
    assert (done["Action"], done["Tier"], done["Completed"]) == ("ArchiveRetrieval", "Bulk", True)
    assert (done["CompletionDate"], done["StatusMessage"]) == (CLOCK, "Succeeded")
    assert (done["ArchiveSizeInBytes"], done["SHA256TreeHash"]) == (len(BEACH), tree_hash(BEACH))
    assert output(glacier, done["JobId"]) == BEACH

    failed = by_state["Failed"]
    assert (failed["StatusMessage"], failed["Completed"]) == ("lost", True)
    assert (failed["CompletionDate"], failed["ArchiveId"]) == (CLOCK, done["ArchiveId"])
    with pytest.raises(ClientError, match="ResourceNotFoundException|InvalidParameterValueException"):
        output(glacier, failed["JobId"])

    running = by_state["InProgress"]
    assert (running["Action"], running["Completed"]) == ("InventoryRetrieval", False)
    assert running["InventoryRetrievalParameters"]["Format"] == "CSV"
    control = Control(server)
    due_at = control.get(f"jobs/{running['JobId']}")["due_at"]
    assert (due_at > "2030-01-31T15:00:00") == (timing == "aws")
    shown = control.post("clock/advance", {"until_job": running["JobId"]})
    assert (shown["now"], shown["jobs_in_progress"]) == (due_at, 0)
    described = glacier.describe_job(vaultName="photos", jobId=running["JobId"])
    assert (described["StatusCode"], described["CompletionDate"]) == ("Succeeded", due_at)
    rows = list(csv.DictReader(io.StringIO(output(glacier, running["JobId"]).decode())))
    check_archives([(row["ArchiveId"], row["ArchiveDescription"], row["CreationDate"], int(row["Size"]),
                     row["SHA256TreeHash"]) for row in rows], done["ArchiveId"])


def check_archives(rows, beach_id):
    by_description = {row[1]: row for row in rows}
    assert len(rows) == len(by_description) == 1004
    assert len({row[0] for row in rows}) == 1004
    assert by_description["the beach"] == (
        beach_id, "the beach", "2019-05-02T10:00:00Z", len(BEACH), tree_hash(BEACH))
    assert by_description["a note"][2:] == (CLOCK_IN_INVENTORIES, 6, linear_hash(b"inline"))
    assert by_description[""][2:] == (CLOCK_IN_INVENTORIES, 3, linear_hash(b"\0\1\2"))
    assert by_description["the film archive"][3] == 40 * 10**12
    numbered = [by_description[f"photo {number}"] for number in range(1, 1001)]
    assert {row[3] for row in numbered} == {5 << 20}
    assert len({row[4] for row in numbered}) == 1000


def test_what_was_seeded_can_be_retrieved(seeded, glacier):
    server, _ = seeded
    control = Control(server)
    inventory = glacier.initiate_job(vaultName="photos", jobParameters={"Type": "inventory-retrieval"})["jobId"]
    control.post("clock/advance", {"until": "idle"})
    listed = json.loads(output(glacier, inventory))
    assert listed["VaultARN"] == PHOTOS
    ids = {entry["ArchiveDescription"]: entry["ArchiveId"] for entry in listed["ArchiveList"]}
    jobs = {name: glacier.initiate_job(vaultName="photos", jobParameters={
        "Type": "archive-retrieval", "ArchiveId": ids[name]})["jobId"] for name in ("a note", "", "photo 7")}
    control.post("clock/advance", {"until": "idle"})
    assert output(glacier, jobs["a note"]) == b"inline"
    assert output(glacier, jobs[""]) == b"\0\1\2"
    hashes = {entry["ArchiveDescription"]: entry["SHA256TreeHash"] for entry in listed["ArchiveList"]}
    assert tree_hash(output(glacier, jobs["photo 7"])) == hashes["photo 7"]


def test_the_other_account_and_region(seeded):
    server, _ = seeded
    records = client_of(server, access_key="111122223333", region="eu-west-1")
    (vault,) = records.list_vaults()["VaultList"]
    assert (vault["VaultARN"], vault["NumberOfArchives"], vault["CreationDate"]) == (RECORDS, 0, CLOCK)
    policy = records.get_vault_access_policy(vaultName="records")["policy"]["Policy"]
    assert json.loads(policy) == policy_of(RECORDS, "Allow", "glacier:ListJobs")
    lock = records.get_vault_lock(vaultName="records")
    assert (lock["State"], lock["CreationDate"]) == ("InProgress", CLOCK)
    assert lock["ExpirationDate"] == "2030-02-01T12:00:00.000Z"
    assert json.loads(lock["Policy"]) == policy_of(RECORDS, "Deny", "glacier:DeleteArchive")
    assert client_of(server, region="eu-west-1").list_vaults()["VaultList"] == []
    # Nothing of the default account is theirs.
    assert records.list_provisioned_capacity()["ProvisionedCapacityList"] == []


def test_what_belongs_to_the_account(glacier):
    (rule,) = glacier.get_data_retrieval_policy()["Policy"]["Rules"]
    assert rule == {"Strategy": "BytesPerHour", "BytesPerHour": 10737418240}
    (unit,) = glacier.list_provisioned_capacity()["ProvisionedCapacityList"]
    assert unit["StartDate"] == CLOCK
    assert unit["ExpirationDate"].startswith("2030-0")


# --- When a document is taken


def test_a_seed_file_fills_an_empty_data_directory_only(start_firn, tmp_path):
    file = write_document(tmp_path, '{"vaults": [{"name": "v", "archives": [{"text": "one"}]}]}')
    server = start_firn("--timing", "instant", "--seed-file", file)
    with Glacier(server.port) as glacier:
        first = glacier.inventory("v")
        assert [entry["Size"] for entry in first] == [3]
    write_document(tmp_path, '{"vaults": [{"name": "v", "archives": [{"text": "second"}]}, {"name": "w"}]}')
    server.restart()
    with Glacier(server.port) as glacier:
        assert glacier.inventory("v") == first
        assert glacier.call("GET", "/-/vaults/w")[0].status == 404


def test_a_seed_file_is_not_taken_twice_when_no_vault_is_left(start_firn, tmp_path):
    file = write_document(tmp_path, '{"vaults": [{"name": "v"}], "accounts": [{"provisioned_capacity": 1}]}')
    server = start_firn("--timing", "instant", "--seed-file", file)
    with Glacier(server.port) as glacier:
        _, _, capacity = glacier.call("GET", "/-/provisioned-capacity")
        assert len(capacity["ProvisionedCapacityList"]) == 1
        assert glacier.call("DELETE", "/-/vaults/v")[0].status == 204
    for _ in range(2):
        server.restart()
        with Glacier(server.port) as glacier:
            assert glacier.call("GET", "/-/vaults")[2]["VaultList"] == []
            assert glacier.call("GET", "/-/provisioned-capacity")[2] == capacity


def test_a_second_document_adds_to_the_first(start_firn):
    server = start_firn("--timing", "instant")
    control = Control(server)
    for new, text in ((1, "one"), (0, "second")):
        added = control.post("seed", {"vaults": [{"name": "v", "tags": {text: "x"}, "archives": [{"text": text}]}]})
        assert added == {"vaults": new, "existing_vaults": 1 - new, "archives": 1, "archive_bytes": len(text), "jobs": 0}
    with Glacier(server.port) as glacier:
        assert sorted(entry["Size"] for entry in glacier.inventory("v")) == [3, 6]
        assert glacier.call("GET", "/-/vaults/v/tags")[2] == {"Tags": {"one": "x", "second": "x"}}


def test_a_vault_that_exists_keeps_its_date(start_firn, tmp_path):
    server = start_firn("--timing", "instant", "--clock", "2030-01-01T00:00:00Z")
    control = Control(server)
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        control.post("clock/advance", {"by": "10d"})
        archives = [{"text": "a", "created": "2030-01-05T00:00:00Z"}]
        added = control.post("seed", {"vaults": [{"name": "v", "archives": archives}]})
        assert (added["vaults"], added["existing_vaults"]) == (0, 1)
        control.post("seed", {"vaults": [{"name": "v", "created": "2030-01-01T00:00:00Z", "archives": archives}]})
        before = state_of(server), glacier.inventory("v")
        assert {entry["CreationDate"] for entry in before[1]} == {"2030-01-05T00:00:00Z"}
        for vault, words in (
                ({"archives": [{"text": "a", "created": "2029-12-31T23:59:59Z"}]}, ["older", "2030-01-01"]),
                ({"created": "2019-01-01T00:00:00Z", "archives": [{"text": "a", "created": "2019-06-01T00:00:00Z"}]},
                 ["exists already", "2030-01-01T00:00:00.000Z"])):
            status, answer = control.ask("POST", "seed", {"vaults": [{"name": "v", **vault}]})
            assert (status, [word for word in words if word not in answer["error"]]) == (400, []), answer
        assert (state_of(server), glacier.inventory("v")) == before
        # Twice in one document: the second mention adds to the first.
        twice = {"vaults": [{"name": "w", "created": "2030-01-02T00:00:00Z"}, {"name": "w", "archives": archives}]}
        assert control.post("seed", twice)["archives"] == 1
    (tmp_path / "more.json").write_text('{"vaults": [{"name": "v"}]}')
    assert control.firn("seed", tmp_path / "more.json") == (
        "added 0 vaults, 0 archives (0 bytes), 0 jobs; used 1 vault that existed\n")


def test_an_inventory_lists_nothing_that_came_later(start_firn):
    """In an existing vault: what is added is part of the next inventory, not of the last one."""
    server = start_firn("--timing", "aws", "--clock", CLOCK)
    control = Control(server)
    control.post("seed", {"vaults": [{"name": "v", "archives": [{"text": "first"}], "inventory": True}]})
    control.post("seed", {"vaults": [{"name": "v", "archives": [{"synthetic": "1MiB", "count": 600}]}]})
    control.post("clock/advance", {"by": "1ms"})
    glacier = client_of(server)

    def listed():
        job = glacier.initiate_job(vaultName="v", jobParameters={"Type": "inventory-retrieval"})["jobId"]
        control.post("clock/advance", {"until_job": job})
        return len(json.loads(output(glacier, job, "v"))["ArchiveList"])

    assert glacier.describe_vault(vaultName="v")["NumberOfArchives"] == 1
    control.post("inventories")
    assert glacier.describe_vault(vaultName="v")["NumberOfArchives"] == 601
    assert listed() == 601


def test_clients_go_on_while_a_seed_runs_and_see_nothing_of_it(start_firn):
    server = start_firn("--timing", "instant")
    document = {"vaults": [{"name": "many", "archives": [{"synthetic": "5MiB", "count": 30_000}]}]}
    with ThreadPoolExecutor() as pool, Glacier(server.port) as glacier:
        seeding = pool.submit(Control(server).post, "seed", document)
        waits, seen = [], []
        while not seeding.done():
            begun = time.monotonic()
            glacier.create_vault("own")
            waits.append(time.monotonic() - begun)
            seen.append(glacier.call("GET", "/-/vaults/many")[0].status)
        assert seeding.result()["archives"] == 30_000
        # All or nothing, at every moment.
        assert len(waits) > 10 and seen[0] == 404 and sorted(seen, reverse=True) == seen
        assert max(waits) < patient(1), sorted(waits)[-5:]
        assert glacier.call("GET", "/-/vaults/many")[2]["NumberOfArchives"] == 30_000


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_seed_that_is_cut_off_leaves_nothing(start_firn, end):
    server = start_firn("--timing", "instant")
    document = {"vaults": [{"name": "old", "archives": [{"text": "x" * 100_000}]},
                           {"name": "new", "archives": [{"text": "y" * 100_000}, {"synthetic": 1, "count": 500_000}]}]}
    with Glacier(server.port) as glacier:
        glacier.create_vault("old")
    with ThreadPoolExecutor() as pool:
        seeding = pool.submit(Control(server).ask, "POST", "seed", document)
        wait_for(lambda: len(blob_files(server.data_dir)) == 2, 10, "the seed has begun")
        time.sleep(0.2)
        begun = time.monotonic()
        if end == "kill":
            server.kill()
            server.start(*server.flags)
        else:
            server.restart()
        assert time.monotonic() - begun < patient(5)
        assert seeding.exception() or seeding.result()[0] == 503
    with Glacier(server.port) as glacier:
        (vault,) = glacier.call("GET", "/-/vaults")[2]["VaultList"]
        assert (vault["VaultName"], vault["NumberOfArchives"]) == ("old", 0)
    wait_for(lambda: not blob_files(server.data_dir), 10, "no blob file is left")

    def archive_count():
        with sqlite3.connect(server.data_dir / "firn.db") as database:
            return database.execute("SELECT count(*) FROM archives").fetchone()[0]

    wait_for(lambda: archive_count() == 0, 20, "no archive is left")


def test_a_stop_while_the_seed_file_is_applied(start_firn, tmp_path):
    file = write_document(tmp_path, '{"vaults": [{"name": "v", "archives": [{"synthetic": 1, "count": 1000000}]}]}')
    process = subprocess.Popen(
        [firn_binary(), "--port", "0", "--data-dir", tmp_path / "data", "--seed-file", file],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())
    wait_for(lambda: (tmp_path / "data" / "firn.db-wal").exists(), 10, "the database is open")
    time.sleep(0.3)
    process.terminate()
    output, errors = process.communicate(timeout=patient(5))
    assert (process.returncode, output) == (1, "")
    assert "firn stops" in errors
    write_document(tmp_path, '{"vaults": [{"name": "other"}]}')
    server = start_firn("--timing", "instant", "--seed-file", file, data_dir=tmp_path / "data")
    assert [vault["VaultName"] for vault in state_of(server)[0]["VaultList"]] == ["other"]


def test_a_document_from_stdin_finds_files_in_the_folder(start_firn, tmp_path):
    server = start_firn("--timing", "instant")
    (tmp_path / "beach.jpg").write_bytes(BEACH)
    result = subprocess.run([firn_binary(), "seed", "-"], cwd=tmp_path, capture_output=True, text=True, timeout=20,
                            input='{"vaults": [{"name": "v", "archives": [{"file": "beach.jpg"}]}]}', check=False,
                            env=clean_environment(FIRN_ENDPOINT=server.url))
    assert result.stdout == "added 1 vault, 1 archive (300000 bytes), 0 jobs\n", result.stderr
    with Glacier(server.port) as glacier:
        (entry,) = glacier.inventory("v")
        assert glacier.retrieve("v", entry["ArchiveId"]) == BEACH


def test_a_finished_lock_and_a_moved_date(start_firn):
    server = start_firn("--timing", "aws", "--clock", CLOCK)
    vault = PHOTOS.replace("photos", "v")
    Control(server).post("seed", {"vaults": [{
        "name": "v", "created": "2020-01-01T00:00:00Z",
        "lock": {"policy": policy_of(vault, "Deny", "glacier:DeleteArchive")},
        "archives": [{"name": "a", "text": "abc", "created": "2020-02-01T00:00:00Z"}],
        "jobs": [{"parameters": {"Type": "archive-retrieval", "ArchiveId": "@a", "Description": "old"},
                  "created": "2030-01-31T00:00:00Z", "completed": "2030-01-31T06:00:00Z", "state": "Succeeded"}]}]})
    glacier = client_of(server)
    lock = glacier.get_vault_lock(vaultName="v")
    assert lock["State"] == "Locked"
    assert "ExpirationDate" not in lock
    (job,) = glacier.list_jobs(vaultName="v")["JobList"]
    assert (job["CreationDate"], job["CompletionDate"], job["JobDescription"], job["StatusCode"]) == (
        "2030-01-31T00:00:00.000Z", "2030-01-31T06:00:00.000Z", "old", "Succeeded")
    assert output(glacier, job["JobId"], "v") == b"abc"
    # Its output lives a day from its completion on, not from the seed on.
    assert Control(server).get(f"jobs/{job['JobId']}")["due_at"] == "2030-02-01T06:00:00.000Z"


# --- What is refused, and where

LOCK = json.dumps(policy_of(PHOTOS.replace("photos", "broken"), "Deny", "glacier:DeleteArchive"))
FIRST_LINES = """{
  "vaults": [
    {"name": "fine", "archives": [{"file": "beach.jpg"}, {"text": "small"}, {"synthetic": "1MiB", "count": 50}]},
    {
"""
# What stands from line 5 on; the line that the error names; words of the error.
FAULTS = {
    "syntax": ('"name": "broken",\n"tags": {"a" "b"}\n}]}', 6, ["syntax error"]),
    "cut off": ('"name": "broken",\n"tags": {', 6, ["syntax error"]),
    "unknown member": ('"name": "broken",\n"colour": "red"\n}]}', 6, ["colour", "tags"]),
    "unknown member of an archive": (
        '"name": "broken",\n"archives": [{"text": "a"},\n{"text": "b",\n"size": 5}]\n}]}', 8, ["size", "synthetic"]),
    "unknown member of a job": (
        '"name": "broken",\n"jobs": [{"tier": "Bulk",\n"parameters": {"Type": "inventory-retrieval"}}]\n}]}', 6,
        ["tier"]),
    "unknown member above": ('"name": "broken"\n}],\n"owner": "me"\n}', 7, ["owner", "accounts"]),
    "name of a wrong type": ('"tags": {},\n"name": 5\n}]}', (4, 6), ["name"]),
    "archives of a wrong type": ('"name": "broken",\n"archives": {"text": "a"}\n}]}', 6, ["archives"]),
    "an archive of a wrong type": ('"name": "broken",\n"archives": [\n{"text": "a"},\n"b"]\n}]}', (6, 8), []),
    "count of a wrong type": (
        '"name": "broken",\n"archives": [\n{"synthetic": 5, "count": "many"}]\n}]}', 7, ["count"]),
    "tags of a wrong type": ('"name": "broken",\n"tags": {"a": 5}\n}]}', 6, []),
    "vault without a name": ('"tags": {}\n}]}', 4, ["name is missing"]),
    "bad name": ('"name": "no/slash"\n}]}', (4, 5), ["vault"]),
    "empty name": ('"name": ""\n}]}', (4, 5), ["vault"]),
    "bad date": ('"name": "broken",\n"created": "yesterday"\n}]}', (4, 6), ["created", "yesterday is not a time"]),
    "date in the future": ('"name": "broken",\n"created": "2031-01-01T00:00:00Z"\n}]}', (4, 6), ["created", CLOCK]),
    "archive of the future": (
        '"name": "broken",\n"archives": [\n{"text": "a", "created": "2031-01-01T00:00:00Z"}]\n}]}', 7, ["created"]),
    "archive older than its vault": (
        '"name": "broken", "created": "2020-01-01T00:00:00Z",\n"archives": [\n'
        '{"text": "a", "created": "2019-12-31T00:00:00Z"}]\n}]}', 7, ["older"]),
    "archive without bytes": (
        '"name": "broken",\n"archives": [{"text": "a"},\n{"description": "b"}]\n}]}', 7, ["file"]),
    "archive with two sources": (
        '"name": "broken",\n"archives": [\n{"text": "a", "base64": "AAEC"}]\n}]}', 7, ["one of"]),
    "empty archive": ('"name": "broken",\n"archives": [{"text": "a"},\n{"text": ""}]\n}]}', 7, ["at least one byte"]),
    "file that is not there": (
        '"name": "broken",\n"archives": [{"file": "beach.jpg"},\n{"file": "none.jpg"}]\n}]}', 7, ["none.jpg"]),
    "file that is a folder": ('"name": "broken",\n"archives": [\n{"file": "."}]\n}]}', 7, ["cannot be read"]),
    "bad base64": ('"name": "broken",\n"archives": [{"text": "a"},\n{"base64": "AAE!"}]\n}]}', 7, ["base64"]),
    "short base64": ('"name": "broken",\n"archives": [\n{"base64": "AAE"}]\n}]}', 7, ["base64"]),
    "base64 of padding": ('"name": "broken",\n"archives": [\n{"base64": "===="}]\n}]}', 7, []),
    "padding in the middle": ('"name": "broken",\n"archives": [\n{"base64": "AA==AAEC"}]\n}]}', 7, ["base64"]),
    "bad size": ('"name": "broken",\n"archives": [\n{"synthetic": "5 apples"}]\n}]}', 7, ["5MiB"]),
    "size of nothing": ('"name": "broken",\n"archives": [\n{"synthetic": 0}]\n}]}', 7, ["synthetic"]),
    "negative size": ('"name": "broken",\n"archives": [\n{"synthetic": -5}]\n}]}', 7, ["synthetic"]),
    "size above all": ('"name": "broken",\n"archives": [\n{"synthetic": "50TB"}]\n}]}', 7, ["synthetic"]),
    "size that is no number": ('"name": "broken",\n"archives": [\n{"synthetic": "nan"}]\n}]}', 7, ["synthetic"]),
    "count of none": ('"name": "broken",\n"archives": [\n{"synthetic": 5, "count": 0}]\n}]}', 7, ["count"]),
    "count of texts": ('"name": "broken",\n"archives": [\n{"text": "a", "count": 2}]\n}]}', 7, ["count"]),
    "long description": ('"name": "broken",\n"archives": [\n{"text": "a", "description": "' + "x" * 1025 + '"}]\n}]}',
                         7, ["description"]),
    "unknown @name": (
        '"name": "broken",\n"archives": [{"name": "a", "text": "a"}],\n"jobs": [\n'
        '{"parameters": {"Type": "archive-retrieval", "ArchiveId": "@b"}}]\n}]}', 8, ["name b"]),
    "@name of another vault": (
        '"name": "first", "archives": [{"name": "a", "text": "a"}]}, {"name": "broken",\n"jobs": [\n'
        '{"parameters": {"Type": "archive-retrieval", "ArchiveId": "@a"}}]\n}]}', 7, ["name a"]),
    "bad job state": (
        '"name": "broken",\n"archives": [{"name": "a", "text": "a"}],\n"jobs": [\n{"state": "Done",'
        '\n"parameters": {"Type": "archive-retrieval", "ArchiveId": "@a"}}]\n}]}', 8, ["Succeeded"]),
    "bad tier": (
        '"name": "broken",\n"archives": [{"name": "a", "text": "a"}],\n"jobs": [\n'
        '{"parameters": {"Type": "archive-retrieval", "ArchiveId": "@a", "Tier": "Slow"}}]\n}]}', 8, ["Tier"]),
    "job without parameters": ('"name": "broken",\n"jobs": [\n{"state": "Failed"}]\n}]}', 7, ["parameters"]),
    "job done before it began": (
        '"name": "broken",\n"archives": [{"name": "a", "text": "a"}],\n"jobs": [\n{"state": "Succeeded", "completed": '
        '"2020-01-01T00:00:00Z", "parameters": {"Type": "archive-retrieval", "ArchiveId": "@a"}}]\n}]}', 8, ["after"]),
    "bad policy": (
        '"name": "broken",\n"access_policy": {"Version": "2012-10-17",\n"Statement": "none"}\n}]}', 6, ["policy"]),
    "policy of another vault": ('"name": "broken",\n"access_policy": ' + LOCK.replace("vaults/broken", "vaults/other")
                                + '\n}]}', 6, ["vaults/broken"]),
    "bad notifications": (
        '"name": "broken",\n"notifications": {"SNSTopic": "arn:aws:sns:us-east-1:000000000000:t", "Events": ["Lunch"]}'
        '\n}]}', 6, []),
    "51 tags": ('"name": "broken",\n"created": "2020-01-01T00:00:00Z",\n"tags": '
                + json.dumps({f"t{number}": "" for number in range(51)}) + '\n}]}', 7, ["50"]),
    "lock twice": (f'"name": "broken",\n"lock": {{"policy": {LOCK}}}}},\n{{"name": "broken",\n'
                   f'"lock": {{"policy": {LOCK}}}\n}}]}}', 8, ["lock"]),
    "bad state of a lock": (
        f'"name": "broken",\n"lock": {{"state": "Open", "policy": {LOCK}}}\n}}]}}', 6, ["InProgress"]),
    "lock without a policy": ('"name": "broken",\n"lock": {"state": "Locked"}\n}]}', 6, ["policy"]),
    "bad data retrieval policy": (
        '"name": "broken"}],\n"accounts": [\n{"data_retrieval_policy": {"Strategy": "Greed"}}]\n}', 7, ["Strategy"]),
    "capacity of a wrong type": ('"name": "broken"}],\n"accounts": [\n{"provisioned_capacity": "1"}]\n}', 7, []),
    "too much capacity": ('"name": "broken"}],\n"accounts": [{},\n{"provisioned_capacity": 1000}]\n}', 7, []),
    "negative capacity": ('"name": "broken"}],\n"accounts": [{},\n{"provisioned_capacity": -1}]\n}', 7, []),
    "no account": ('"name": "broken",\n"account": ""\n}]}', (4, 6), ["account"]),
    "bad region": ('"name": "broken",\n"region": "../x y"\n}]}', (4, 6), ["region"]),
    "bad account of a policy": (
        '"name": "broken"}],\n"accounts": [\n{"account": "me", "provisioned_capacity": 1}]\n}', 7, ["account"]),
    "bad account": ('"name": "broken",\n"account": "me"\n}]}', (4, 6), ["account"]),
}


@pytest.fixture(scope="module")
def refusing(start_firn):
    server = start_firn("--timing", "fast", "--clock", CLOCK)
    with Glacier(server.port) as glacier:
        glacier.create_vault("before")
    return server


def state_of(server):
    with Glacier(server.port) as glacier:
        return [glacier.call("GET", path)[2] for path in (
            "/-/vaults", "/-/provisioned-capacity", "/-/policies/data-retrieval")]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_names_its_line_and_nothing_is_added(refusing, tmp_path, fault):
    rest, lines, words = FAULTS[fault]
    write_document(tmp_path, text := FIRST_LINES + rest)
    before = state_of(refusing)
    status, answer = Control(refusing).ask("POST", "seed", text.encode(), folder=tmp_path)
    assert status == 400, answer
    named = int(re.match(r"line (\d+)[:,]", answer["error"])[1])
    lowest, highest = lines if isinstance(lines, tuple) else (lines, lines)
    assert lowest <= named <= highest, answer
    for word in words:
        assert word in answer["error"], answer
    assert state_of(refusing) == before
    assert list((refusing.data_dir / "incoming").iterdir()) == []


@pytest.mark.parametrize("text", ["", " ", "[]", "5", "null", '"vaults"', '{"vaults": 5}', '{"vaults": [5]}',
                                  "{} {}", pytest.param('{"vaults": ' + "[" * 999 + "]" * 999 + "}", id="deep"),
                                  b'{"vaults": [{"name": "\xff"}]}'])
def test_what_is_no_document_is_refused(refusing, tmp_path, text):
    data = text if isinstance(text, bytes) else text.encode()
    before = state_of(refusing)
    status, answer = Control(refusing).ask("POST", "seed", data)
    assert status == 400, answer
    assert answer["error"].startswith("line 1"), answer
    assert state_of(refusing) == before
    (tmp_path / "seed.json").write_bytes(data)
    result = subprocess.run(
        [firn_binary(), "--port", "0", "--data-dir", tmp_path / "data", "--seed-file", tmp_path / "seed.json"],
        capture_output=True, text=True, errors="replace", timeout=20, env=clean_environment(), check=False)
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (1, "", 1), result
    assert f"the seed file {tmp_path}/seed.json, line 1" in result.stderr


def test_the_folder_is_part_of_the_contract():
    CONTRACT.check_request("POST", "/_firn/seed?folder=%2Ftmp", "application/json", b"{}")


def test_refused_documents_leave_no_file(refusing):
    """After all of the above: each of them had a file that was read before the error showed."""
    wait_for(lambda: not blob_files(refusing.data_dir), 10, "no blob file is left")
    refusing.restart()
    assert not blob_files(refusing.data_dir)
    assert [vault["VaultName"] for vault in state_of(refusing)[0]["VaultList"]] == ["before"]


def test_a_vault_that_is_locked_already(start_firn, tmp_path):
    server = start_firn("--timing", "instant", "--clock", CLOCK)
    document = f'{{"vaults": [{{"name": "broken", "archives": [{{"text": "a"}}],\n"lock": {{"policy": {LOCK}}}}}]}}'
    file = write_document(tmp_path, document)
    control = Control(server)
    assert control.firn("seed", file) == "added 1 vault, 1 archive (1 byte), 0 jobs\n"
    result = control.firn("seed", file, check=False)
    assert (result.returncode, result.stdout) == (1, "")
    assert "line 2:" in result.stderr
    assert result.stderr.count("\n") == 1
    with Glacier(server.port) as glacier:
        assert len(glacier.inventory("broken")) == 1


def test_a_broken_seed_file_ends_the_start(tmp_path):
    file = write_document(tmp_path, FIRST_LINES + '"name": "broken",\n"archives": [\n{"base64": "AAE!"}]\n}]}')
    for path, said in ((file, f"the seed file {file}, line 7: base64"), (tmp_path / "none.json", "none.json")):
        result = subprocess.run(
            [firn_binary(), "--port", "0", "--data-dir", tmp_path / "data", "--seed-file", path],
            capture_output=True, text=True, timeout=20, env=clean_environment(), check=False)
        assert (result.returncode, result.stdout) == (1, ""), result.stderr
        assert said in result.stderr
        assert result.stderr.count("\n") == 1, result.stderr


def test_after_a_broken_seed_file_the_mended_one_is_taken(start_firn, tmp_path):
    good = '{"vaults": [{"name": "v", "archives": [{"file": "beach.jpg"}, {"text": "a"}]}]}'
    file = write_document(tmp_path, good.replace('"text"', '"txt"'))
    subprocess.run([firn_binary(), "--port", "0", "--data-dir", tmp_path / "data", "--seed-file", file],
                   capture_output=True, timeout=20, env=clean_environment(), check=False)
    write_document(tmp_path, good)
    server = start_firn("--timing", "instant", "--seed-file", file, data_dir=tmp_path / "data")
    with Glacier(server.port) as glacier:
        assert sorted(entry["Size"] for entry in glacier.inventory("v")) == [1, len(BEACH)]
    wait_for(lambda: len(blob_files(server.data_dir)) == 1, 10, "one blob file is there, that of the second try")
