"""Jobs, inventories and the emptying of firn by its control surface: across vaults, accounts and regions."""
import concurrent.futures
import contextlib
import datetime
import json
import threading

import pytest
from control import Control
from data_files import blob_files
from dates import after, parse
from glacier_data import MEBIBYTE, Glacier, random_bytes, signed_by, tree_hash, upload_headers
from raw_http import RawConnection, head
from sdk import client_of
from waiting import patient, wait_for

START = "2030-01-01T00:00:00.000Z"
HOME = {"account": "000000000000", "region": "us-east-1"}
OTHER = {"account": "111122223333", "region": "eu-north-1"}
FROZEN = {"now": START, "frozen": True, "rate": 0, "next_event": None, "jobs_in_progress": 0}


class World:
    """A server with Glacier's times, whose clock stands."""

    def __init__(self, server):
        self.server = server
        self.control = Control(server)

    def caller(self, account=HOME["account"], region=HOME["region"]):
        return Glacier(self.server.port, headers=signed_by(account, region))

    def retrieval(self, vault="v", data=b"content", **parameters):
        """The id of a job for a new archive."""
        with self.caller() as glacier:
            glacier.create_vault(vault)
            archive = glacier.upload(vault, data).getheader("x-amz-archive-id")
            return glacier.start_job(vault, Type="archive-retrieval", ArchiveId=archive, **parameters)

    def answer(self, path):
        """Status and body of a GET."""
        with self.caller() as glacier:
            response, content, body = glacier.call("GET", path)
            return response.status, body if body is not None else content


@pytest.fixture
def world(start_firn):
    server = start_firn("--in-memory", "--timing", "aws", "--clock", START, "--seed", "jobs")
    yield World(server)
    server.stop()


# --- One job


INVENTORY_MEMBERS = ("format", "start_date", "end_date", "limit", "marker", "next_marker")
ARCHIVE_MEMBERS = ("tier", "archive_id", "archive_size_bytes", "archive_tree_hash", "retrieval_byte_range",
                   "range_tree_hash")
TOPIC = "arn:aws:sns:us-east-1:000000000000:jobs"


def test_an_archive_retrieval_as_it_is_shown(world):
    data = random_bytes(3 * MEBIBYTE, seed=1)
    world.control.add_fault({"job_failure": "the tape is lost"}, operation="InitiateJob", nth=1)
    job = world.retrieval(data=data, Description="the beach", Tier="Bulk", SNSTopic=TOPIC,
                          RetrievalByteRange=f"{MEBIBYTE}-{2 * MEBIBYTE - 1}")
    _, described = world.answer(f"/-/vaults/v/jobs/{job}")
    shown = world.control.get(f"jobs/{job}")
    assert after(START, hours=5) <= shown["due_at"] <= after(START, hours=12)
    assert shown == HOME | dict.fromkeys(INVENTORY_MEMBERS) | {
        "job_id": job, "vault": "v", "action": "ArchiveRetrieval", "status": "InProgress", "status_message": None,
        "description": "the beach", "sns_topic": TOPIC, "tier": "Bulk", "archive_id": described["ArchiveId"],
        "archive_size_bytes": len(data), "archive_tree_hash": tree_hash(data),
        "retrieval_byte_range": f"{MEBIBYTE}-{2 * MEBIBYTE - 1}",
        "range_tree_hash": tree_hash(data[MEBIBYTE:2 * MEBIBYTE]), "output_size_bytes": MEBIBYTE, "created_at": START,
        "completed_at": None, "due_at": shown["due_at"], "expires_at": None, "planned_failure": "the tape is lost"}
    assert json.loads(world.control.firn("jobs", "show", "--json", "--job-id=" + job)) == shown
    assert world.control.get("jobs")["jobs"] == [shown]
    done = world.control.post(f"jobs/{job}/complete")
    assert done == shown | {
        "status": "Failed", "status_message": "the tape is lost", "completed_at": START, "output_size_bytes": None,
        "due_at": after(START, days=1), "expires_at": after(START, days=1), "planned_failure": None}


def test_an_inventory_retrieval_as_it_is_shown(world):
    control = world.control
    with world.caller() as glacier:
        glacier.create_vault("v")
        for number in range(3):
            glacier.upload("v", b"%d" % number)
        control.post("inventories")
        wanted = {"StartDate": "2029-01-01T00:00:00Z", "EndDate": "2031-01-01T00:00:00Z", "Limit": "2"}
        job = glacier.start_job("v", Type="inventory-retrieval", Format="CSV", InventoryRetrievalParameters=wanted)
        shown = control.get(f"jobs/{job}")
        assert after(START, hours=3) <= shown["due_at"] <= after(START, hours=5)
        assert shown == HOME | dict.fromkeys(ARCHIVE_MEMBERS) | {
            "job_id": job, "vault": "v", "action": "InventoryRetrieval", "status": "InProgress",
            "status_message": None, "description": None, "sns_topic": None, "format": "CSV",
            "start_date": "2029-01-01T00:00:00.000Z", "end_date": "2031-01-01T00:00:00.000Z", "limit": 2,
            "marker": None, "next_marker": None, "output_size_bytes": None, "created_at": START,
            "completed_at": None, "due_at": shown["due_at"], "expires_at": None, "planned_failure": None}
        done = control.post(f"jobs/{job}/complete")
        assert (done["output_size_bytes"], done["marker"]) == (len(glacier.output("v", job)), None)
        rest = glacier.start_job("v", Type="inventory-retrieval",
                                 InventoryRetrievalParameters={"Marker": done["next_marker"]})
        assert control.get(f"jobs/{rest}")["marker"] == done["next_marker"]
        control.post(f"jobs/{rest}/complete")
        assert len(json.loads(glacier.output("v", rest))["ArchiveList"]) == 1


@pytest.mark.parametrize("by_command", [False, True], ids=["http", "command"])
def test_complete_a_job_now(world, by_command):
    control = world.control
    data = random_bytes(MEBIBYTE + 1, seed=2)
    job = world.retrieval(data=data)
    world.control.post("clock/advance", {"by": "1h"})
    now = after(START, hours=1)
    if by_command:
        done = json.loads(control.firn("jobs", "complete", "--json", "--job-id=" + job))
    else:
        done = control.post(f"jobs/{job}/complete")
    assert done == control.get(f"jobs/{job}")
    assert (done["status"], done["completed_at"], done["due_at"]) == ("Succeeded", now, after(now, days=1))
    assert world.answer(f"/-/vaults/v/jobs/{job}/output") == (200, data)
    described = client_of(world.server).describe_job(vaultName="v", jobId=job)
    assert (described["StatusCode"], described["CompletionDate"], described["Completed"]) == ("Succeeded", now, True)
    assert control.get("clock")["jobs_in_progress"] == 0
    control.post("clock/set", {"time": after(now, hours=23, minutes=59)})
    assert world.answer(f"/-/vaults/v/jobs/{job}/output") == (200, data)
    control.post("clock/advance", {"by": "1m"})
    assert world.answer(f"/-/vaults/v/jobs/{job}/output")[0] == 404
    assert control.ask("GET", f"jobs/{job}")[0] == 404


def test_complete_an_inventory_job_now(world):
    world.retrieval()
    world.control.post("inventories")
    with world.caller() as glacier:
        job = glacier.start_job("v", Type="inventory-retrieval")
        glacier.upload("v", b"later")
        world.control.post(f"jobs/{job}/complete")
        assert [archive["Size"] for archive in json.loads(glacier.output("v", job))["ArchiveList"]] == [7]


def test_a_retrieval_of_what_is_gone_completes_as_failed(world):
    job = world.retrieval()
    archive = world.control.get(f"jobs/{job}")["archive_id"]
    with world.caller() as glacier:
        glacier.call("DELETE", f"/-/vaults/v/archives/{archive}")
    done = world.control.post(f"jobs/{job}/complete")
    assert (done["status"], done["completed_at"]) == ("Failed", START)
    assert "deleted" in done["status_message"]


@pytest.mark.parametrize("by_command", [False, True], ids=["http", "command"])
@pytest.mark.parametrize("message", ["the tape “17” is lost", None])
def test_fail_a_job_now(world, message, by_command):
    control = world.control
    job = world.retrieval()
    control.post("clock/advance", {"by": "1h"})
    now = after(START, hours=1)
    if by_command:
        extra = ["--message", message] if message else []
        done = json.loads(control.firn("jobs", "fail", "--json", "--job-id=" + job, *extra))
    else:
        done = control.post(f"jobs/{job}/fail", {"message": message} if message else None)
    assert done == control.get(f"jobs/{job}")
    assert (done["status"], done["completed_at"], done["due_at"]) == ("Failed", now, after(now, days=1))
    assert done["status_message"] == (message or "The job failed.")
    described = client_of(world.server).describe_job(vaultName="v", jobId=job)
    assert (described["StatusCode"], described["StatusMessage"]) == ("Failed", done["status_message"])
    assert (described["Completed"], described["CompletionDate"]) == (True, now)
    status, error = world.answer(f"/-/vaults/v/jobs/{job}/output")
    assert (status, error["code"]) == (400, "InvalidParameterValueException")
    # Its old due time changes nothing any more.
    control.post("clock/advance", {"by": "86399999ms"})
    assert control.get(f"jobs/{job}") == done
    control.post("clock/advance", {"by": "1ms"})
    assert control.ask("GET", f"jobs/{job}")[0] == 404
    assert control.get("clock")["next_event"] is None


@pytest.mark.parametrize("verb", ["complete", "fail"])
def test_only_a_running_job_can_be_ended(world, verb):
    control = world.control
    for end, status in (("complete", "Succeeded"), ("fail", "Failed")):
        job = world.retrieval()
        done = control.post(f"jobs/{job}/{end}")
        refused, answer = control.ask("POST", f"jobs/{job}/{verb}")
        assert (refused, status in answer["error"]) == (409, True), answer
        assert control.get(f"jobs/{job}") == done
    for unknown in ("nobody", "-", "A" * 92, "%2e%2e"):
        refused, answer = control.ask("POST", f"jobs/{unknown}/{verb}")
        assert refused == 404 and "there is no job" in answer["error"]
    failed = control.firn("jobs", verb, "nobody", check=False)
    assert (failed.returncode, failed.stdout, failed.stderr) == (1, "", "firn: there is no job nobody\n")


def test_an_unknown_job(world):
    assert world.control.ask("GET", "jobs/nobody") == (404, {"error": "there is no job nobody"})
    job = world.retrieval()
    for body in ({"message": 5}, {"reason": "x"}):
        status, answer = world.control.ask("POST", f"jobs/{job}/fail", body)
        assert (status, "message" in answer["error"]) == (400, True), answer
    assert world.control.get(f"jobs/{job}")["status"] == "InProgress"


@pytest.mark.parametrize("by_command", [False, True], ids=["http", "command"])
def test_expire_a_job_now(world, by_command):
    control = world.control
    job, other = world.retrieval(), world.retrieval()
    status, answer = control.ask("POST", f"jobs/{job}/expire")
    assert status == 409 and "complete or fail it first" in answer["error"]
    for done in (job, other):
        control.post(f"jobs/{done}/complete")
    if by_command:
        assert control.firn("jobs", "expire", "--job-id=" + job) == f"job {job} has expired\n"
    else:
        control.post(f"jobs/{job}/expire")
    assert world.answer(f"/-/vaults/v/jobs/{job}")[0] == world.answer(f"/-/vaults/v/jobs/{job}/output")[0] == 404
    assert control.ask("POST", f"jobs/{job}/expire") == (404, {"error": f"there is no job {job}"})
    assert world.answer(f"/-/vaults/v/jobs/{other}/output") == (200, b"content")
    assert control.get("clock")["now"] == START


def test_reschedule_a_job(world):
    control = world.control
    job = world.retrieval()
    assert control.post(f"jobs/{job}/reschedule", {"in": "2d"})["due_at"] == after(START, days=2)
    moved = control.post(f"jobs/{job}/reschedule", {"at": "2030-01-01T02:00:00Z"})
    assert moved == control.get(f"jobs/{job}") and moved["due_at"] == after(START, hours=2)
    control.post("clock/advance", {"by": "7199999ms"})
    assert control.get(f"jobs/{job}")["status"] == "InProgress"
    control.post("clock/advance", {"by": "1ms"})
    done = control.get(f"jobs/{job}")
    assert (done["status"], done["completed_at"]) == ("Succeeded", after(START, hours=2))
    control.firn("jobs", "reschedule", "--in", "30d", "--job-id=" + job)
    control.post("clock/advance", {"by": "29d"})
    assert world.answer(f"/-/vaults/v/jobs/{job}/output") == (200, b"content")
    assert control.get(f"jobs/{job}")["expires_at"] == after(START, days=30, hours=2)
    control.post("clock/advance", {"by": "1d"})
    assert control.ask("GET", f"jobs/{job}")[0] == 404


@pytest.mark.parametrize("body, words", [
    ({}, "exactly one of in and at"), ({"in": "1h", "at": "2030-01-02T00:00:00Z"}, "exactly one"),
    ({"in": "soon"}, "soon is not a duration"), ({"at": "soon"}, "soon is not a time"), ({"in": "0s"}, "later"),
    ({"at": START}, "later"), ({"in": "9999999d"}, "8999"), ({"at": "9999-01-01T00:00:00Z"}, "8999"),
    ({"by": "1h"}, "in, at")], ids=str)
def test_a_time_that_makes_no_sense(world, body, words):
    job = world.retrieval()
    before = world.control.get(f"jobs/{job}")
    status, answer = world.control.ask("POST", f"jobs/{job}/reschedule", body)
    assert (status, words in answer["error"]) == (400, True), answer
    assert world.control.get(f"jobs/{job}") == before


# --- Waiting, which passes real time


def test_waits_end_with_the_job_and_hold_up_nobody(world):
    """More of them than the control surface has threads."""
    control = world.control
    jobs = [world.retrieval() for _ in range(6)]
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        waits = [pool.submit(Control(world.server).get, f"jobs/{job}", wait="60s") for job in jobs]
        for wait, job in zip(waits, jobs):
            assert not wait.done()
            control.post(f"jobs/{job}/complete")
            assert wait.result(patient(10))["status"] == "Succeeded"


def test_a_wait_is_over_after_its_time(world):
    job = world.retrieval()
    assert world.control.get(f"jobs/{job}", wait="1ms")["status"] == "InProgress"
    for wait, words in (("soon", "soon is not a duration"), ("61s", "at most 60s"), ("-1s", "not a duration")):
        status, answer = world.control.ask("GET", f"jobs/{job}", wait=wait)
        assert (status, words in answer["error"]) == (400, True), answer
    assert world.control.ask("GET", "jobs/nobody", wait="60s")[0] == 404


def test_a_wait_does_not_hold_up_the_end_of_the_server(start_firn):
    world = World(start_firn("--in-memory", "--timing", "aws", "--clock", START))
    job = world.retrieval()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        wait = pool.submit(Control(world.server).get, f"jobs/{job}", wait="60s")
        wait_for(lambda: "firn_" in str(world.control.get("metrics")), 10, "the server to answer")
        world.server.stop()
        with contextlib.suppress(OSError):  # the wait may have come too late
            assert wait.result(patient(10))["status"] == "InProgress"


def test_the_command_waits_for_a_running_clock(world):
    job = world.retrieval()
    refused = world.control.firn("jobs", "wait", "--job-id=" + job, check=False)
    assert (refused.returncode, refused.stdout) == (1, "") and "frozen" in refused.stderr
    world.control.post("clock/resume", {"rate": 10000})
    done = json.loads(world.control.firn("jobs", "wait", "--json", "--job-id=" + job))
    assert (done["job_id"], done["status"]) == (job, "Succeeded")


# --- All jobs


@pytest.fixture(scope="module")
def crowd(start_firn):
    """A server with 1200 jobs of six vaults, newest first: every third has succeeded, every fifth has failed."""
    world = World(start_firn("--in-memory", "--timing", "aws", "--clock", START, "--log-level", "warn"))
    ids = []
    places = [HOME | {"vault": "photos"}, HOME | {"vault": "videos"}, OTHER | {"vault": "photos"},
              HOME | {"region": "eu-north-1", "vault": "photos"}, OTHER | {"region": "us-east-1", "vault": "videos"},
              OTHER | {"vault": "a.b_c"}]
    callers = []
    for place in places:
        caller = world.caller(place["account"], place["region"])
        caller.create_vault(place["vault"])
        archive = caller.upload(place["vault"], b"x").getheader("x-amz-archive-id")
        callers.append((caller, place, archive))
    for number in range(1200):
        caller, place, archive = callers[number % len(callers)]
        job = caller.start_job(place["vault"], Type="archive-retrieval", ArchiveId=archive)
        ids.append({"job_id": job, "status": "InProgress"} | place)
    for number, job in enumerate(ids[:60]):
        if number % 3 == 0 or number % 5 == 0:
            verb, job["status"] = ("complete", "Succeeded") if number % 3 == 0 else ("fail", "Failed")
            world.control.post(f"jobs/{job['job_id']}/{verb}")
    for caller, _, _ in callers:
        caller.close()
    world.jobs = ids[::-1]
    return world


def pages(control, **query):
    """The jobs of each page."""
    found = []
    while True:
        answer = control.get("jobs", **query)
        found.append([{key: job[key] for key in ("job_id", "status", "account", "region", "vault")}
                      for job in answer["jobs"]])
        if answer["marker"] is None:
            return found
        query["marker"] = answer["marker"]
        assert len(found) < 1000


@pytest.mark.parametrize("wanted", [
    {}, {"status": "Failed"}, {"status": "Succeeded"}, {"status": "InProgress"}, {"vault": "photos"},
    {"vault": "photos"} | OTHER, HOME, {"account": OTHER["account"]}, {"region": "us-east-1"},
    {"region": "eu-north-1", "status": "Succeeded", "vault": "photos"}, {"account": "999999999999"}, {"vault": "a.b_c"}], ids=str)
def test_a_listing(crowd, wanted):
    expected = [job for job in crowd.jobs if wanted.items() <= job.items()]
    found = pages(crowd.control, **wanted)
    assert sum(found, []) == expected
    assert len(found) == max(1, -(-len(expected) // 1000))
    flags = [word for name, value in wanted.items() for word in (f"--{name}", value)]
    if len(wanted) != 1:
        listed = json.loads(crowd.control.firn("jobs", "--json", *flags))
        assert [job["job_id"] for job in listed["jobs"]] == [job["job_id"] for job in expected]
        assert listed["marker"] is None


@pytest.mark.parametrize("limit, sizes", [(1000, [1000, 200]), (5000, [1000, 200]), (500, [500, 500, 200]),
                                          (400, [400, 400, 400]), (1199, [1000, 200])])
def test_pages(crowd, limit, sizes):
    found = pages(crowd.control, limit=limit)
    assert [len(page) for page in found] == sizes
    assert sum(found, []) == crowd.jobs


def test_small_pages_of_a_filtered_listing(crowd):
    expected = [job for job in crowd.jobs if job["status"] == "Failed"]
    found = pages(crowd.control, limit=1, status="Failed")
    assert sum(found, []) == expected and [len(page) for page in found] == [1] * len(expected)


def test_a_table_of_more_than_a_page(crowd):
    first, *rows = crowd.control.firn("jobs").splitlines()
    assert first.startswith("STATUS") and len(rows) == 1200
    for row, job in zip(rows, crowd.jobs):
        assert row.split()[0] == job["status"] and row.endswith(job["job_id"])


@pytest.mark.parametrize("query, words", [
    ({"status": "Lost"}, ["InProgress, Succeeded or Failed"]), ({"status": "failed"}, ["InProgress, Succeeded"]),
    ({"limit": "many"}, ["limit", "many"]), ({"limit": "-1"}, ["limit"]),
    ({"marker": "x"}, ["marker"]), ({"marker": "A" * 60}, ["marker"]), ({"account": "12"}, ["12 digits, not 12"]),
    ({"vault": "photo"}, ["no vault photo in any account, any region"]), ({"vault": "p*"}, ["no vault p*"]),
    ({"vault": "videos", "account": HOME["account"], "region": "eu-north-1"},
     ["no vault videos in account 000000000000, region eu-north-1"])], ids=str)
def test_a_listing_that_makes_no_sense(crowd, query, words):
    status, answer = crowd.control.ask("GET", "jobs", **query)
    assert status == (404 if "vault" in query else 400)
    for word in words:
        assert word in answer["error"]


def test_a_listing_goes_on_where_it_was(world):
    """Jobs that come or go meanwhile neither repeat nor hide others."""
    jobs = [world.retrieval() for _ in range(6)][::-1]
    page = world.control.get("jobs", limit=2)
    assert [job["job_id"] for job in page["jobs"]] == jobs[:2]
    world.retrieval()
    world.control.post(f"jobs/{jobs[2]}/fail")
    world.control.post("clock/advance", {"by": "1ms"})
    rest = world.control.get("jobs", marker=page["marker"])
    assert [job["job_id"] for job in rest["jobs"]] == jobs[2:] and rest["marker"] is None
    # The one that begins the next page is gone.
    page = world.control.get("jobs", limit=5)
    assert [job["job_id"] for job in page["jobs"]][1:] == jobs[:4]
    with world.caller() as glacier:
        before = [job["job_id"] for job in world.control.get("jobs", marker=page["marker"])["jobs"]]
        assert before == jobs[4:]
        world.control.post(f"jobs/{jobs[4]}/complete")
        assert glacier.call("GET", f"/-/vaults/v/jobs/{jobs[4]}")[0].status == 200
    world.control.post("clock/advance", {"by": "1d"})
    assert jobs[4] not in [job["job_id"] for job in world.control.get("jobs")["jobs"]]
    assert [job["job_id"] for job in world.control.get("jobs", marker=page["marker"])["jobs"]] == jobs[5:]


# --- Inventories


def test_an_inventory_can_be_retrieved_at_once(world):
    control = world.control
    with world.caller() as glacier:
        for vault in ("v", "w"):
            glacier.create_vault(vault)
        glacier.upload("v", b"12345", "five")
        response, _, error = glacier.call("POST", "/-/vaults/v/jobs", '{"Type": "inventory-retrieval"}')
        assert (response.status, error["code"]) == (404, "ResourceNotFoundException")
        assert glacier.call("GET", "/-/vaults/v")[2]["NumberOfArchives"] == 0

        taken = json.loads(control.firn("inventory", "take", "--json", "v"))
        (v,) = taken["inventories"]
        assert (v["vault"], v["account"], v["region"]) == ("v", HOME["account"], HOME["region"])
        assert (v["at"], v["archive_count"]) == (START, 1)
        described = glacier.call("GET", "/-/vaults/v")[2]
        assert (described["NumberOfArchives"], described["LastInventoryDate"]) == (1, START)
        assert v["archive_bytes"] in (5, described["SizeInBytes"])
        job = glacier.start_job("v", Type="inventory-retrieval")
        control.post(f"jobs/{job}/complete")
        inventory = json.loads(glacier.output("v", job))
        assert inventory["InventoryDate"] == "2030-01-01T00:00:00Z"
        assert [(a["ArchiveDescription"], a["Size"]) for a in inventory["ArchiveList"]] == [("five", 5)]
        # Of the one vault only.
        assert glacier.call("POST", "/-/vaults/w/jobs", '{"Type": "inventory-retrieval"}')[0].status == 404

        # The vault is as the inventory has seen it until the next one.
        archive = inventory["ArchiveList"][0]["ArchiveId"]
        glacier.call("DELETE", f"/-/vaults/v/archives/{archive}")
        response, _, error = glacier.call("DELETE", "/-/vaults/v")
        assert (response.status, error["code"]) == (400, "InvalidParameterValueException")
        assert control.post("inventories", {"vault": "v"})["inventories"][0]["archive_count"] == 0
        assert glacier.call("DELETE", "/-/vaults/v")[0].status == 204


def test_inventories_of_all_vaults(world):
    with world.caller() as glacier, world.caller(**OTHER) as other:
        for vault in ("b", "a"):
            glacier.create_vault(vault)
        other.create_vault("b")
        other.upload("b", b"x")
        other.upload("b", b"yz")
        taken = world.control.post("inventories")["inventories"]
        assert [(i["account"], i["region"], i["vault"], i["archive_count"]) for i in taken] == [
            (*HOME.values(), "a", 0), (*HOME.values(), "b", 0), (*OTHER.values(), "b", 2)]
        for caller, vault in ((glacier, "a"), (glacier, "b"), (other, "b")):
            job = caller.start_job(vault, Type="inventory-retrieval")
            world.control.post(f"jobs/{job}/complete")
            sizes = [archive["Size"] for archive in json.loads(caller.output(vault, job))["ArchiveList"]]
            assert sizes == ([1, 2] if caller is other else [])
        (one,) = world.control.post("inventories", {"vault": "b"} | OTHER)["inventories"]
        assert (one["account"], one["archive_count"]) == (OTHER["account"], 2)
    assert world.control.post("reset") == FROZEN
    assert world.control.post("inventories") == {"inventories": []}


@pytest.mark.parametrize("path", ["inventories", "reset"])
def test_a_vault_that_is_not_there(world, path):
    world.retrieval()
    for body, status, words in (({"vault": "absent"}, 404, ["absent", HOME["account"], HOME["region"]]),
                                ({"vault": "v"} | OTHER, 404, ["v", OTHER["account"], OTHER["region"]]),
                                ({"vault": "v", "region": "eu-north-1"}, 404, ["eu-north-1"]),
                                ({"region": "eu-north-1"}, 400, ["vault"]), ({"vault": 5}, 400, ["vault must be a string"]),
                                ({"valut": "v"}, 400, ["valut is not known"]), ([], 400, ["object"])):
        refused, answer = world.control.ask("POST", path, body)
        assert refused == status, body
        for word in words:
            assert word in answer["error"]
    assert world.answer("/-/vaults/v")[1]["LastInventoryDate"] is None


# --- Reset


def fill(world):
    """Some of everything. The ids, in order of making, and the day."""
    ids = []
    with world.caller() as glacier:
        glacier.create_vault("v")
        for data in (b"small", random_bytes(300_000, seed=3)):
            archive = glacier.upload("v", data).getheader("x-amz-archive-id")
            ids += [archive, glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive)]
        response, _, _ = glacier.call("POST", "/-/vaults/v/multipart-uploads",
                                      headers={"x-amz-part-size": str(MEBIBYTE)})
        ids.append(response.getheader("x-amz-multipart-upload-id"))
        ids.append(glacier.call("POST", "/-/provisioned-capacity")[0].getheader("x-amz-capacity-id"))
        assert glacier.call("PUT", "/-/policies/data-retrieval", json.dumps(
            {"Policy": {"Rules": [{"Strategy": "FreeTier"}]}}))[0].status == 204
    return ids


def is_empty(world):
    for account in (HOME, OTHER):
        with world.caller(**account) as glacier:
            assert glacier.call("GET", "/-/vaults")[2] == {"Marker": None, "VaultList": []}
            assert glacier.call("GET", "/-/provisioned-capacity")[2] == {"ProvisionedCapacityList": []}
            rules = glacier.call("GET", "/-/policies/data-retrieval")[2]["Policy"]["Rules"]
            assert [rule["Strategy"] for rule in rules] == ["None"]
    assert world.control.get("jobs") == {"jobs": [], "marker": None}
    return True


@pytest.mark.parametrize("place", [["--in-memory"], []], ids=["memory", "disk"])
def test_reset_of_everything(start_firn, place):
    world = World(start_firn(*place, "--timing", "aws", "--clock", START, "--seed", "jobs"))
    control = world.control
    ids = fill(world)
    with world.caller(**OTHER) as other:
        other.create_vault("v")
    control.post("clock/advance", {"by": "100d"})
    control.post("clock/resume", {"rate": 60})
    control.post("faults", {"operation": "DeleteVault", "effect": {"error": "ThrottlingException"}})
    control.put("snapshots/full")
    assert json.loads(control.firn("reset", "--json")) == FROZEN
    # Before anything else is asked: the journal is empty as well.
    assert control.get("requests")["count"] == 0
    assert control.get("faults") == {"faults": []}
    assert is_empty(world)
    assert [snapshot["name"] for snapshot in control.get("snapshots")["snapshots"]] == ["full"]
    assert fill(world) == ids
    assert control.post("reset") == control.post("reset") == FROZEN
    assert is_empty(world)
    if not place:
        # What no snapshot needs leaves the disk.
        assert blob_files(world.server.data_dir)
        control.delete("snapshots/full")
        wait_for(lambda: not blob_files(world.server.data_dir), 10, "the blob files go")
        world.server.restart()
        assert control.get("clock") == FROZEN
        assert is_empty(world)
        assert fill(world) == ids


def test_reset_to_real_time(start_firn):
    world = World(start_firn("--in-memory"))
    world.control.post("clock/set", {"time": "2050-01-01T00:00:00Z"})
    world.control.post("clock/freeze")
    world.retrieval()
    shown = world.control.post("reset")
    now = datetime.datetime.now(datetime.timezone.utc)
    assert abs(parse(shown["now"]) - now).total_seconds() < 30
    assert (shown["frozen"], shown["rate"], shown["jobs_in_progress"]) == (False, 1, 0)


def test_reset_of_one_vault(world):
    control = world.control
    job = world.retrieval("v", random_bytes(300_000, seed=4))
    other_job = world.retrieval("w")
    with world.caller(**OTHER) as other:
        other.create_vault("v")
        kept = other.upload("v", b"kept").getheader("x-amz-archive-id")
    moved = control.post("clock/advance", {"by": "1h"})
    with world.caller() as glacier:
        response, _, _ = glacier.call("POST", "/-/vaults/v/multipart-uploads",
                                      headers={"x-amz-part-size": str(MEBIBYTE)})
        upload = response.getheader("x-amz-multipart-upload-id")
        text = control.firn("reset", "--vault", "v")
        assert "vault v is deleted" in text and moved["now"] in text
        assert [vault["VaultName"] for vault in glacier.call("GET", "/-/vaults")[2]["VaultList"]] == ["w"]
        assert control.ask("GET", f"jobs/{job}")[0] == 404
        assert control.get("clock")["jobs_in_progress"] == 1
        # A vault of the same name begins anew.
        glacier.create_vault("v")
        assert glacier.call("GET", f"/-/vaults/v/multipart-uploads/{upload}")[0].status == 404
        assert glacier.call("GET", "/-/vaults/v/jobs")[2]["JobList"] == []
        world.control.post("inventories")
        again = glacier.start_job("v", Type="inventory-retrieval")
        control.post(f"jobs/{again}/complete")
        assert json.loads(glacier.output("v", again))["ArchiveList"] == []
        assert again not in (job, other_job)
    with world.caller(**OTHER) as other:
        there = other.start_job("v", Type="archive-retrieval", ArchiveId=kept)
        control.post(f"jobs/{there}/complete")
        assert other.output("v", there) == b"kept"
    assert control.post("reset", {"vault": "v"} | OTHER)["now"] == moved["now"]
    with world.caller(**OTHER) as other:
        assert other.call("GET", "/-/vaults")[2]["VaultList"] == []
    control.post(f"jobs/{other_job}/complete")
    assert world.answer(f"/-/vaults/w/jobs/{other_job}/output") == (200, b"content")


@pytest.mark.parametrize("place", [["--in-memory"], []], ids=["memory", "disk"])
@pytest.mark.parametrize("what", [None, {"vault": "v"}], ids=["everything", "vault"])
def test_a_reset_during_uploads(start_firn, place, what):
    """An upload that runs ends in Glacier's words or in a vault of the same name; the next one is whole."""
    world = World(start_firn(*place, "--timing", "instant", "--clock", START))
    data = random_bytes(2 * MEBIBYTE, seed=5)
    with world.caller() as glacier, RawConnection(world.server.port) as lost, \
            RawConnection(world.server.port) as late:
        for connection in (lost, late):
            glacier.create_vault("v")
            fields = {name.replace("-", "_"): value for name, value in upload_headers(data).items()
                      if name != "x-amz-glacier-version"}
            connection.send(head("POST", "/-/vaults/v/archives", Content_Length=len(data), **fields)
                            + data[:MEBIBYTE])
            # The server has begun with it.
            assert glacier.call("GET", "/-/vaults/v")[0].status == 200
            world.control.post("reset", what)
            if connection is late:
                glacier.create_vault("v")
            connection.send(data[MEBIBYTE:])
            answer = connection.read_answer()
            if connection is lost:
                assert (answer.status, answer.error_code()) == (404, "ResourceNotFoundException")
            else:
                assert answer.status == 201
                assert glacier.retrieve("v", answer.fields["x-amz-archive-id"]) == data
        archive = glacier.upload("v", data).getheader("x-amz-archive-id")
        assert glacier.retrieve("v", archive) == data
        if not place:
            world.server.restart()
            with world.caller() as again:
                assert again.retrieve("v", archive) == data


def test_resets_under_load(start_firn):
    world = World(start_firn("--timing", "instant", "--clock", START, "--log-level", "warn"))
    data = random_bytes(200_000, seed=6)
    stopped = threading.Event()
    wrong, late = [], []

    def keep_working(vault):
        with world.caller() as glacier:
            while not stopped.is_set():
                glacier.call("PUT", f"/-/vaults/{vault}")
                response, content, _ = glacier.call("POST", f"/-/vaults/{vault}/archives", data, upload_headers(data))
                if response.status == 404:
                    continue
                parameters = {"Type": "archive-retrieval", "ArchiveId": response.getheader("x-amz-archive-id")}
                response, content, _ = glacier.call("POST", f"/-/vaults/{vault}/jobs", json.dumps(parameters))
                if response.status == 404:
                    continue
                job = response.getheader("x-amz-job-id")
                response, content, _ = glacier.call("GET", f"/-/vaults/{vault}/jobs/{job}/output")
                if response.status != 404 and (response.status, content) != (200, data):
                    wrong.append((response.status, content[:200]))

    threads = [threading.Thread(target=keep_working, args=[f"v{number}"]) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(8):
            shown = world.control.post("reset")
            # What came after the reset is of its time.
            assert shown["now"] == START
            late += [vault for vault in world.answer("/-/vaults")[1]["VaultList"] if vault["CreationDate"] != START]
            world.control.post("clock/advance", {"by": "1d"})
            world.control.ask("POST", "reset", {"vault": "v1"})
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    world.control.post("reset")
    assert is_empty(world)
    assert world.server.is_running()
    assert " error " not in world.server.log(), world.server.log()
    assert (wrong, late) == ([], [])
