"""firn's clock as its user moves it, over HTTP and by `firn clock`; and what came due is done when the answer comes."""
import csv
import datetime
import functools
import io
import json
import re
import threading
import time

import pytest
from control import Control
from dates import after as time_after
from dates import parse
from firn_server import run_firn
from glacier_data import MEBIBYTE, Glacier, upload_headers
from waiting import wait_for

START = "2030-01-01T00:00:00.000Z"
EMPTY = {"now": START, "frozen": True, "rate": 0, "next_event": None, "jobs_in_progress": 0}
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
after = functools.partial(time_after, START)


def real_now():
    return datetime.datetime.now(datetime.timezone.utc)


@pytest.fixture
def start(start_firn):
    """Starts a server whose clock stands at START: its Control, with the server at hand. It ends with the test."""
    servers = []

    def start_frozen(*flags, timing="aws", clock=START, place=("--in-memory",)):
        servers.append(start_firn("--timing", timing, "--clock", clock, "--seed", "clock", *place, *flags))
        control = Control(servers[-1])
        control.server = servers[-1]
        return control

    yield start_frozen
    for server in servers:
        server.stop()


def advance(control, **how):
    return control.post("clock/advance", how)


def refused(control, verb, body):
    """The text of a refusal; its status comes first."""
    status, answer = control.ask("POST", f"clock/{verb}", body)
    return status, answer["error"]


def next_event(clock):
    """When and what; None when nothing will happen."""
    event = clock["next_event"]
    return event and (event["at"], event["kind"])


def policy_of(vault):
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive",
        "Resource": f"arn:aws:glacier:us-east-1:000000000000:vaults/{vault}"}]})


def lock(glacier, vault):
    response, content, _ = glacier.call("POST", f"/-/vaults/{vault}/lock-policy",
                                        json.dumps({"Policy": policy_of(vault)}))
    assert response.status == 201, content
    return response.getheader("x-amz-lock-id")


def start_upload(glacier, vault):
    response, content, _ = glacier.call("POST", f"/-/vaults/{vault}/multipart-uploads",
                                        headers={"x-amz-part-size": str(MEBIBYTE)})
    assert response.status == 201, content
    return response.getheader("x-amz-multipart-upload-id")


def buy_capacity(glacier):
    response, content, _ = glacier.call("POST", "/-/provisioned-capacity")
    assert response.status == 201, content
    return response.getheader("x-amz-capacity-id")


def described(glacier, path):
    response, content, body = glacier.call("GET", path)
    assert response.status == 200, content
    return body


def status_of(glacier, path):
    return glacier.call("GET", path)[0].status


# --- Standing, running, moving


def test_a_clock_of_real_time(start_firn):
    control = Control(start_firn("--in-memory"))
    before = real_now()
    shown = control.get("clock")
    assert abs(parse(shown["now"]) - before) < datetime.timedelta(seconds=30)
    assert shown == {"now": shown["now"], "frozen": False, "rate": 1, "next_event": None, "jobs_in_progress": 0}
    frozen = control.post("clock/freeze")
    assert (frozen["frozen"], frozen["rate"]) == (True, 0)
    assert parse(shown["now"]) <= parse(frozen["now"]) <= real_now()
    assert control.post("clock/freeze") == frozen
    status, health = control.ask("GET", "health")
    assert (status, health["clock"]) == (200, {"now": frozen["now"], "frozen": True})
    running = control.post("clock/resume")
    assert (running["frozen"], running["rate"]) == (False, 1)
    # It went on from where it stood.
    assert parse(running["now"]) - parse(frozen["now"]) < real_now() - parse(frozen["now"])
    wait_for(lambda: control.get("clock")["now"] > running["now"], 5, "the clock runs")


def test_a_rate(start):
    control = start()
    for rate in (3600, 0.5):
        begin = time.monotonic()
        first = control.post("clock/resume", {"rate": rate})
        inner = time.monotonic()
        assert (first["rate"], first["frozen"]) == (rate, False)
        wait_for(lambda: time.monotonic() > inner + 0.2, 5, "a moment passes")
        inner = time.monotonic() - inner
        passed = parse(control.post("clock/freeze")["now"]) - parse(first["now"])
        assert rate * inner * 0.99 <= passed.total_seconds() <= rate * (time.monotonic() - begin), rate
    # A job's hours pass in a moment, without a word.
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        job = glacier.start_job("v", Type="archive-retrieval",
                                ArchiveId=glacier.upload("v", b"x").getheader("x-amz-archive-id"))
        control.post("clock/resume", {"rate": 36000})
        done = wait_for(lambda: (found := control.get(f"jobs/{job}"))["status"] == "Succeeded" and found, 10, "the job")
        length = parse(done["completed_at"]) - parse(done["created_at"])
        assert 3 * HOUR <= length <= 5 * HOUR
        assert parse(done["due_at"]) == parse(done["completed_at"]) + DAY


@pytest.mark.parametrize("by, milliseconds", [
    ("250ms", 250), ("90s", 90_000), ("5m", 300_000), ("12h", 43_200_000), ("1d", 86_400_000), ("7", 7000),
    ("1.5h", 5_400_000), ("0", 0), ("3650d", 315_360_000_000)])
def test_advance_by(start, by, milliseconds):
    control = start()
    assert advance(control, by=by) == EMPTY | {"now": after(milliseconds=milliseconds)}
    assert control.get("clock")["now"] == after(milliseconds=milliseconds)


def test_advance_adds_up_while_it_runs(start):
    control = start()
    control.post("clock/resume", {"rate": 1})
    shown = advance(control, by="100d")
    assert datetime.timedelta(0) <= parse(shown["now"]) - parse(after(days=100)) < datetime.timedelta(seconds=60)
    assert (shown["frozen"], shown["rate"]) == (False, 1)


@pytest.mark.parametrize("text, wanted", [
    ("2030-01-31T12:00:00Z", "2030-01-31T12:00:00.000Z"), ("2030-01-31T12:00:00.25Z", "2030-01-31T12:00:00.250Z"),
    ("2030-01-31T14:30:00+02:30", "2030-01-31T12:00:00.000Z"),
    # As README.md writes it.
    ("2030-01-31T12:00Z", "2030-01-31T12:00:00.000Z"),
    ("2028-02-29T23:59:59Z", "2028-02-29T23:59:59.000Z"), ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z")])
def test_set(start, text, wanted):
    # Also back: nothing is stored.
    assert start().post("clock/set", {"time": text}) == EMPTY | {"now": wanted}


def test_set_to_real_time(start):
    control = start()
    shown = control.post("clock/set", {"time": "now"})
    assert abs(parse(shown["now"]) - real_now()) < datetime.timedelta(seconds=30)
    assert shown["frozen"] is True


def test_the_command_line(start):
    control = start(timing="fast")

    def clock(*arguments):
        return json.loads(control.firn("clock", "--json", *arguments))

    assert clock() == clock("show") == EMPTY
    assert clock("advance", "5h") == EMPTY | {"now": after(hours=5)}
    assert clock("set", "2030-01-31T12:00:00Z") == EMPTY | {"now": "2030-01-31T12:00:00.000Z"}
    assert abs(parse(clock("set", "now")["now"]) - real_now()) < datetime.timedelta(seconds=30)
    assert clock("set", START) == EMPTY
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        jobs = [glacier.start_job("v", Type="inventory-retrieval")]
        clock("advance", "1s")
        jobs.append(glacier.start_job("v", Type="inventory-retrieval"))
        assert clock() == EMPTY | {"now": after(seconds=1), "jobs_in_progress": 2, "next_event": {
            "at": after(seconds=2), "kind": "job_completes", "account": "000000000000", "region": "us-east-1",
            "vault": "v", "id": jobs[0]}}
        assert "job completes" in control.firn("clock")
        assert clock("advance", "--until", "next")["now"] == after(seconds=2)
        assert clock("advance", f"--until-job={jobs[1]}")["now"] == after(seconds=3)
        jobs.append(glacier.start_job("v", Type="inventory-retrieval"))
        shown = clock("advance", "--until", "idle")
        assert (shown["now"], shown["jobs_in_progress"]) == (after(seconds=5), 0)
        assert next_event(shown) == (after(days=1, seconds=2), "job_expires")
    assert clock("rate", "3600")["rate"] == 3600
    assert clock("freeze")["frozen"] is True
    running = clock("resume")
    assert (running["rate"], running["frozen"]) == (1, False)
    failed = control.firn("clock", "set", "2030-01-01T00:00:00Z", check=False)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("firn: ") and after(seconds=5) in failed.stderr


@pytest.mark.parametrize("rate", ["0", "-1", "1000001", "inf", "nan", "fast", ""])
def test_no_rate(start, rate):
    control = start()
    failed = control.firn("clock", "rate", "--", rate, check=False)
    assert control.get("clock") == EMPTY
    assert failed.returncode > 0 and failed.stdout == "" and "rate" in failed.stderr


# --- What is due is done


def test_each_event_in_its_turn(start):
    control = start()
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        upload = start_upload(glacier, "v")
        advance(control, by="1h")
        lock(glacier, "v")
        advance(control, by="1h")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        buy_capacity(glacier)
        job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive, Tier="Expedited")
        path = f"/-/vaults/v/jobs/{job}"
        is_there = {
            "job_completes": lambda: described(glacier, path)["StatusCode"] == "InProgress",
            "inventory": lambda: described(glacier, "/-/vaults/v")["NumberOfArchives"] == 0,
            # The marker is not valid: no job begins in either case.
            "inventory_ready": lambda: glacier.call("POST", "/-/vaults/v/jobs", json.dumps({
                "Type": "inventory-retrieval", "InventoryRetrievalParameters": {"Marker": "x"}}))[0].status == 404,
            "upload_dropped": lambda: status_of(glacier, f"/-/vaults/v/multipart-uploads/{upload}") == 200,
            "lock_ends": lambda: status_of(glacier, "/-/vaults/v/lock-policy") == 200,
            "job_expires": lambda: status_of(glacier, path) == 200,
            "capacity_ends": lambda: described(glacier, "/-/provisioned-capacity")["ProvisionedCapacityList"] != []}
        seen = []
        while event := control.get("clock")["next_event"]:
            assert is_there[event["kind"]](), event
            # Until a millisecond before, it has not happened.
            gap = parse(event["at"]) - parse(control.get("clock")["now"])
            advance(control, by=f"{gap // datetime.timedelta(milliseconds=1) - 1}ms")
            assert is_there[event["kind"]](), event
            shown = advance(control, until="next")
            assert shown["now"] == event["at"]
            assert not is_there[event["kind"]](), event
            assert shown["jobs_in_progress"] == 0
            seen.append((event["kind"], parse(event["at"]) - parse(after(hours=2))))
        at = dict(seen)
        assert datetime.timedelta(minutes=1) <= at["job_completes"] <= datetime.timedelta(minutes=5)
        assert datetime.timedelta(0) < at["inventory"] <= 12 * HOUR
        assert at["upload_dropped"] == 22 * HOUR
        assert at["lock_ends"] == 23 * HOUR
        assert at["job_expires"] == at["job_completes"] + DAY
        assert at["capacity_ends"] == 31 * DAY
        assert at["inventory_ready"] == at["inventory"] + 12 * HOUR
        assert [moment for _, moment in seen] == sorted(at.values()) and len(seen) == len(at) == 7
    assert refused(control, "advance", {"until": "next"}) == (409, "there is no next event")


def test_all_at_once(start):
    """What is jumped over happens at its own time, and in order: a job sees the inventories before it, no later one."""
    control = start()
    with Glacier(control.server.port) as glacier:
        for vault in ("v", "w"):
            glacier.create_vault(vault)
        glacier.upload("v", b"1", "first")
        advance(control, until="next")
        advance(control, by="24h")
        glacier.upload("v", b"2", "second")
        run = parse(advance(control, until="next")["now"]) + DAY
        advance(control, by="20h")
        glacier.upload("v", b"3", "third")
        assert parse(control.get("clock")["next_event"]["at"]) == run
        jobs = [glacier.start_job("v", Type="inventory-retrieval", Format="CSV") for _ in range(8)]
        due = {job: parse(control.get(f"jobs/{job}")["due_at"]) for job in jobs}
        assert min(due.values()) < run < max(due.values())
        shown = advance(control, by="6h")
        assert (parse(shown["now"]), shown["jobs_in_progress"]) == (run + 2 * HOUR, 0)
        for job in jobs:
            rows = list(csv.reader(io.StringIO(glacier.output("v", job).decode())))
            seen = ["first", "second"] + ["third"] * (due[job] > run)
            assert [row[1] for row in rows[1:]] == seen
            found = control.get(f"jobs/{job}")
            assert (parse(found["completed_at"]), parse(found["due_at"])) == (due[job], due[job] + DAY)
        assert parse(shown["next_event"]["at"]) == min(due.values()) + DAY
        vault = described(glacier, "/-/vaults/v")
        assert (vault["NumberOfArchives"], parse(vault["LastInventoryDate"])) == (3, run)


def test_everything_ends(start):
    control = start()
    with Glacier(control.server.port) as glacier:
        for vault in ("v", "w"):
            glacier.create_vault(vault)
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        uploads = [start_upload(glacier, "v") for _ in range(2)]
        lock(glacier, "v")
        buy_capacity(glacier)
        job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive)
        path = f"/-/vaults/v/jobs/{job}"
        advance(control, until_job=job)
        advance(control, by="86399999ms")
        assert [status_of(glacier, path), status_of(glacier, path + "/output")] == [200, 200]
        shown = advance(control, by="1ms")
        assert [status_of(glacier, path), status_of(glacier, path + "/output")] == [404, 404]
        assert next_event(shown) == (after(days=31), "capacity_ends")
        assert [status_of(glacier, f"/-/vaults/v/multipart-uploads/{upload}") for upload in uploads] == [404, 404]
        assert described(glacier, "/-/vaults/v/multipart-uploads")["UploadsList"] == []
        assert status_of(glacier, "/-/vaults/v/lock-policy") == 404
        assert advance(control, by="365d")["next_event"] is None
        assert described(glacier, "/-/provisioned-capacity")["ProvisionedCapacityList"] == []
        vault = described(glacier, "/-/vaults/v")
        assert vault["NumberOfArchives"] == 1 and START < vault["LastInventoryDate"] <= after(hours=12)
        # Never written to: no inventory.
        assert described(glacier, "/-/vaults/w")["LastInventoryDate"] is None


def test_a_part_puts_the_end_of_its_upload_off(start):
    control = start()
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        upload = start_upload(glacier, "v")
        assert next_event(control.get("clock")) == (after(days=1), "upload_dropped")
        advance(control, by="20h")
        response, _, _ = glacier.call("PUT", f"/-/vaults/v/multipart-uploads/{upload}", b"x",
                                      upload_headers(b"x") | {"Content-Range": "bytes 0-0/*"})
        assert response.status == 204
        assert next_event(control.get("clock")) == (after(hours=44), "upload_dropped")
        advance(control, by="24h")
        assert advance(control, by="1ms")["next_event"] is None


def test_until_idle(start):
    control = start()
    # Nothing runs, nothing is due: it stays.
    assert advance(control, until="idle") == EMPTY
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        start_upload(glacier, "v")
        assert advance(control, until="idle")["now"] == START
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        jobs = [glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive, Tier=tier)
                for tier in ("Bulk", "Expedited", "Standard")]
        pending = [control.get(f"jobs/{job}")["due_at"] for job in jobs]
        shown = advance(control, until="idle")
        inventory = described(glacier, "/-/vaults/v")["LastInventoryDate"]
        assert shown["now"] == max([*pending, inventory])
        assert shown["jobs_in_progress"] == 0
        assert [glacier.output("v", job) for job in jobs] == [b"x"] * 3
        assert advance(control, until="idle") == shown


@pytest.mark.parametrize("timing", ["fast", "instant"])
def test_until_idle_waits_for_nothing_that_nobody_can_see(start, timing):
    """With inventories that are always current, none is taken: it is no event, and does not keep the clock from going back."""
    control = start(timing=timing)
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        assert next_event(control.get("clock")) is None
        glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive)
        idle = after(seconds=3 if timing == "fast" else 0)
        assert advance(control, until="idle")["now"] == idle
        advance(control, by="1d")
        assert control.post("clock/set", {"time": idle})["now"] == idle


def test_a_vault_written_without_daily_inventories_gets_them_with_the_mode(start):
    """The mode belongs to a run, not to the data: the inventory that was missing is taken, as if the mode had always been."""
    control = start(timing="fast", place=())
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        glacier.upload("v", b"x")
        advance(control, by="2d")
    control.server.restart("--timing", "aws", "--seed", "clock")
    with Glacier(control.server.port) as glacier:
        vault = described(glacier, "/-/vaults/v")
        assert vault["NumberOfArchives"] == 1 and START < vault["LastInventoryDate"] <= after(hours=12)
        glacier.upload("v", b"y")
        assert next_event(control.get("clock"))[1] == "inventory"
    control.server.restart("--timing", "fast", "--seed", "clock")
    assert next_event(control.get("clock")) is None


def test_the_list_of_events(start):
    control = start()
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        upload = start_upload(glacier, "v")
        lock(glacier, "v")
        unit = buy_capacity(glacier)
        job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive, Tier="Expedited")
        glacier.call("DELETE", f"/-/vaults/v/archives/{archive}")
    events = control.get("clock/events")["events"]
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert {event["kind"]: (event["vault"], event["id"]) for event in events} == {
        "job_completes": ("v", job), "inventory": ("v", None), "vault_deletable": ("v", None),
        "upload_dropped": ("v", upload), "lock_ends": ("v", None), "capacity_ends": (None, unit)}
    assert control.get("clock/events", limit=2)["events"] == events[:2]
    assert control.get("clock")["next_event"] == events[0]
    assert control.ask("GET", "clock/events", limit=0)[0] == 400
    lines = control.firn("clock", "events").splitlines()
    assert lines[0].split() == ["AT", "EVENT", "VAULT", "ACCOUNT", "REGION", "ID"] and len(lines) == 7
    assert job in lines[1]
    assert json.loads(control.firn("clock", "events", "--limit", 1, "--json"))["events"] == events[:1]
    # What will follow is not known before.
    advance(control, until_job=job)
    assert "job_expires" in {event["kind"] for event in control.get("clock/events")["events"]}


def test_until_a_job(start):
    control = start()
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        first, second = (glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive, Tier=tier)
                         for tier in ("Standard", "Bulk"))
        due = control.get(f"jobs/{first}")["due_at"]
        shown = advance(control, until_job=first)
        assert (shown["now"], shown["jobs_in_progress"]) == (due, 1)
        assert control.get(f"jobs/{second}")["status"] == "InProgress"
        # It has completed: the clock stays.
        assert advance(control, until_job=first) == shown
        assert refused(control, "advance", {"until_job": "nobody"}) == (404, "there is no job nobody")
        assert control.get("clock") == shown


def test_a_job_that_fails_by_its_archive_fails_on_time(start):
    control = start(timing="fast")
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive)
        glacier.call("DELETE", f"/-/vaults/v/archives/{archive}")
        advance(control, by="10h")
        found = control.get(f"jobs/{job}")
        assert (found["status"], found["completed_at"]) == ("Failed", after(seconds=3))
        assert found["due_at"] == after(days=1, seconds=3)


def test_a_year_of_a_hundred_vaults(start):
    control = start(place=())
    with Glacier(control.server.port) as glacier:
        jobs = []
        for number in range(100):
            glacier.create_vault(f"v{number}")
            archive = glacier.upload(f"v{number}", b"x" * (number + 1)).getheader("x-amz-archive-id")
            jobs.append(glacier.start_job(f"v{number}", Type="archive-retrieval", ArchiveId=archive))
        assert control.get("clock")["jobs_in_progress"] == 100
        begin = time.monotonic()
        shown = advance(control, by="365d")
        took = time.monotonic() - begin
        print(f"a year took {took:.2f} s")
        assert shown == EMPTY | {"now": after(days=365)}
        assert control.get("jobs")["jobs"] == []
        vaults = [described(glacier, f"/-/vaults/v{number}") for number in range(100)]
        # Glacier counts 32 KiB of its own with each archive.
        assert [vault["SizeInBytes"] for vault in vaults] == [32769 + number for number in range(100)]
        dates = {vault["LastInventoryDate"] for vault in vaults}
        assert len(dates) > 90 and START < min(dates) and max(dates) < after(days=1)
        assert took < 30


# --- Never back behind what is stored


def store_vault(control, glacier):
    glacier.create_vault("later")


def store_archive(control, glacier):
    glacier.upload("v", b"x")


def store_deletion(control, glacier):
    glacier.call("DELETE", f"/-/vaults/v/archives/{control.archive}")


def store_job(control, glacier):
    glacier.start_job("v", Type="archive-retrieval", ArchiveId=control.archive)


def store_completion(control, glacier):
    control.post(f"jobs/{control.job}/complete")


def store_failure(control, glacier):
    control.post(f"jobs/{control.job}/fail")


def store_inventory(control, glacier):
    control.post("inventories")


def store_upload(control, glacier):
    start_upload(glacier, "v")


def store_lock(control, glacier):
    lock(glacier, "v")


def store_capacity(control, glacier):
    buy_capacity(glacier)


@pytest.mark.parametrize("store", [store_vault, store_archive, store_deletion, store_job, store_completion,
                                   store_failure, store_inventory, store_upload, store_lock, store_capacity])
def test_not_back_behind_what_is_stored(start, store):
    control = start()
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        control.archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        control.job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=control.archive)
        advance(control, by="1h")
        store(control, glacier)
        moment = after(hours=1)
        moved = advance(control, by="10m")
        for time_before in (after(minutes=59, seconds=59, milliseconds=999), START, "1999-01-01T00:00:00Z"):
            status, text = refused(control, "set", {"time": time_before})
            assert (status, moment in text) == (409, True), text
            assert control.get("clock") == moved
        # To the very moment it may go, and on from there.
        assert control.post("clock/set", {"time": moment}) == moved | {"now": moment}
        glacier.create_vault("after")
        assert described(glacier, "/-/vaults/after")["CreationDate"] == moment


def test_back_while_others_write(start):
    """Whichever comes first: a vault keeps the clock from going back, or it is made at the earlier time."""
    control = start(place=())
    rounds, accepted = 100, 0
    with Glacier(control.server.port) as glacier, Glacier(control.server.port) as setter:
        for number in range(rounds):
            advance(control, by="1d")
            before = control.get("clock")["now"]
            go = threading.Barrier(2)

            def write(name=f"v{number}", pause=number % 20 * 1e-4, go=go):
                go.wait()
                time.sleep(pause)
                glacier.create_vault(name)

            writer = threading.Thread(target=write)
            writer.start()
            go.wait()
            back = after(seconds=number)
            status = setter.call("POST", "/_firn/clock/set", json.dumps({"time": back}))[0].status
            writer.join()
            now = control.get("clock")["now"]
            accepted += status == 200
            assert now == (back if status == 200 else before)
            assert described(glacier, f"/-/vaults/v{number}")["CreationDate"] <= now
            glacier.call("DELETE", f"/-/vaults/v{number}")
    print(f"{accepted} of {rounds} accepted")


def test_freely_back_where_nothing_is_stored(start):
    control = start()
    for moment in ("2040-01-01T00:00:00.000Z", "1980-06-01T00:00:00.000Z", START):
        assert control.post("clock/set", {"time": moment}) == EMPTY | {"now": moment}
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        advance(control, by="1d")
        glacier.create_vault("w")
        # What is gone holds nothing.
        assert glacier.call("DELETE", "/-/vaults/w")[0].status == 204
        assert control.post("clock/set", {"time": START}) == EMPTY
        assert refused(control, "set", {"time": "2029-12-31T23:59:59Z"})[0] == 409


def test_no_change_of_pace_turns_it_back(start):
    """However fast it ran, and whatever is stored at that moment."""
    control = start(place=())
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        glacier.upload("v", b"x")
    stopped = threading.Event()

    def keep_uploading():
        with Glacier(control.server.port) as glacier:
            while not stopped.is_set():
                glacier.upload("v", b"x")

    threads = [threading.Thread(target=keep_uploading) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            for verb, body in (("resume", {"rate": 1e6}), ("resume", {"rate": 1}), ("resume", {"rate": 1e6}),
                               ("advance", {"by": "1s"}), ("freeze", None)):
                control.post(f"clock/{verb}", body)
                # It tells the latest of what is stored.
                status, text = refused(control, "set", {"time": "2000-01-01T00:00:00Z"})
                assert status == 409
                latest = re.search(r"2\d{3}-\S+Z", text)[0]
                assert latest <= control.get("clock")["now"], (verb, body)
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def test_moves_among_jobs_that_are_due_at_once(start):
    """What comes due after the move is not missing from it."""
    control = start(timing="instant")
    stopped = threading.Event()

    def keep_retrieving(vault):
        with Glacier(control.server.port) as glacier:
            glacier.create_vault(vault)
            while not stopped.is_set():
                glacier.start_job(vault, Type="inventory-retrieval")

    threads = [threading.Thread(target=keep_retrieving, args=[f"v{number}"]) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        for number in range(200):
            assert advance(control, by="1ms")["now"] == after(milliseconds=number + 1)
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


# --- Nonsense


@pytest.mark.parametrize("verb, body, words", [
    ("set", {}, ["time is missing"]),
    ("set", {"time": ""}, ["2030-01-31T12:00Z"]),
    ("set", {"time": "yesterday"}, ["yesterday", "2030-01-31T12:00Z", "now"]),
    ("set", {"time": "2030-02-30T00:00:00Z"}, ["2030-02-30"]),
    ("set", {"time": "2030-01-31T24:00:00Z"}, ["24:00"]),
    ("set", {"time": "2030-01-31T12:00:00"}, ["2030-01-31T12:00:00 is not a time"]),
    ("set", {"time": "9999-01-01T00:00:00Z"}, ["1970", "8999"]),
    ("set", {"time": "1969-12-31T23:59:59Z"}, ["1970", "8999"]),
    ("set", {"time": 5}, ["time must be a string"]),
    ("set", {"time": "now", "by": "5h"}, ["by is not known", "time"]),
    ("advance", {}, ["by", "until", "until_job"]),
    ("advance", {"by": "5h", "until": "next"}, ["one of by, until and until_job"]),
    ("advance", {"by": "5h", "until_job": "x"}, ["one of by, until and until_job"]),
    ("advance", {"until": "next", "until_job": "x"}, ["one of by, until and until_job"]),
    ("advance", {"by": ""}, ["not a duration", "12h"]),
    ("advance", {"by": "soon"}, ["soon", "12h"]),
    ("advance", {"by": "-5h"}, ["-5h", "12h"]),
    ("advance", {"by": "5 h"}, ["5 h", "12h"]),
    ("advance", {"by": " 5h"}, [" 5h", "12h"]),
    ("advance", {"by": "0x10"}, ["0x10", "12h"]),
    ("advance", {"by": "nan"}, ["nan"]),
    ("advance", {"by": "infd"}, ["infd"]),
    ("advance", {"by": "1y"}, ["1y", "12h"]),
    ("advance", {"by": "9000000d"}, ["year 9000"]),
    ("advance", {"by": "1e300d"}, ["1e300d"]),
    ("advance", {"by": 5}, ["by must be a string"]),
    ("advance", {"until": "later"}, ["next or idle"]),
    ("advance", {"speed": "5h"}, ["speed is not known"]),
    ("resume", {"rate": 0}, ["more than 0"]),
    ("resume", {"rate": -1}, ["more than 0"]),
    ("resume", {"rate": 1000001}, ["1000000"]),
    ("resume", {"rate": "fast"}, ["rate must be a number"]),
    ("resume", {"pace": 1}, ["pace is not known"]),
    ("resume", [1], ["object"]),
    ("resume", b"{", ["JSON"]),
    ("freeze", {"now": True}, ["now is not known"]),
])
def test_nonsense_moves_nothing(start, verb, body, words):
    control = start()
    status, text = refused(control, verb, body)
    assert control.get("clock") == EMPTY
    assert status == 400
    for word in words:
        assert word in text


# --- Restarts


def kill(server):
    server.kill()
    server.start(*server.flags)


def stop(server):
    server.restart()


@pytest.mark.parametrize("end", [stop, kill])
def test_a_frozen_clock_stays_exactly(start, end):
    control = start(place=())
    moved = advance(control, by="36h")
    end(control.server)
    assert control.get("clock") == moved
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        job = glacier.start_job("v", Type="archive-retrieval",
                                ArchiveId=glacier.upload("v", b"x").getheader("x-amz-archive-id"))
        due = control.get(f"jobs/{job}")["due_at"]
        end(control.server)
        shown = control.get("clock")
        assert (shown["now"], shown["frozen"], shown["jobs_in_progress"]) == (after(hours=36), True, 1)
    shown = advance(control, until_job=job)
    assert (shown["now"], shown["jobs_in_progress"]) == (due, 0)
    end(control.server)
    assert control.get("clock") == shown


@pytest.mark.parametrize("end", [stop, kill])
@pytest.mark.parametrize("rate", [1, 3600])
def test_a_running_clock_goes_on(start, end, rate):
    control = start(place=())
    control.post("clock/set", {"time": "2040-01-01T00:00:00Z"})
    begin = time.monotonic()
    control.post("clock/resume", {"rate": rate})
    shown = advance(control, by="12h")
    inner = time.monotonic()
    end(control.server)
    inner = time.monotonic() - inner
    later = control.get("clock")
    passed = (parse(later["now"]) - parse(shown["now"])).total_seconds()
    assert (later["frozen"], later["rate"]) == (False, rate)
    # It ran while firn was down. Its real time is kept in milliseconds.
    assert rate * (inner - 0.01) <= passed <= rate * (time.monotonic() - begin)


def test_a_job_comes_due_while_firn_is_down(start):
    control = start(place=())
    with Glacier(control.server.port) as glacier:
        glacier.create_vault("v")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        job = glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive, Tier="Expedited")
    due = control.get(f"jobs/{job}")["due_at"]
    # Five minutes in less than a millisecond of real time.
    control.post("clock/resume", {"rate": 1e6})
    control.server.kill()
    control.server.start(*control.server.flags)
    shown = control.post("clock/freeze")
    assert shown["now"] > due and shown["jobs_in_progress"] == 0
    status, found = control.ask("GET", f"jobs/{job}")
    assert status == 404 or found["completed_at"] == due


def test_the_option_is_for_a_new_data_directory(start_firn):
    server = start_firn("--clock", "2030-01-01T00:00:00Z")
    control = Control(server)
    assert control.get("clock") == EMPTY
    advance(control, by="1h")
    server.restart("--clock", "2050-01-01T00:00:00Z")
    assert control.get("clock") == EMPTY | {"now": after(hours=1)}
    server.restart("--clock", "frozen")
    assert control.get("clock") == EMPTY | {"now": after(hours=1)}
    control.post("clock/resume")
    server.restart("--clock", "frozen")
    assert control.get("clock")["frozen"] is False
    server.restart("--log-level", "warn")
    assert parse(after(hours=1)) < parse(control.get("clock")["now"]) < parse(after(hours=2))


def test_a_clock_that_starts_frozen(start_firn):
    begin = real_now()
    server = start_firn("--clock", "frozen")
    control = Control(server)
    shown = control.get("clock")
    assert begin - datetime.timedelta(milliseconds=1) <= parse(shown["now"]) <= real_now()
    assert shown == EMPTY | {"now": shown["now"]}
    server.restart()
    assert control.get("clock") == shown


@pytest.mark.parametrize("text", ["yesterday", "2030-02-30T00:00:00Z", "1969-12-31", "9001-01-01", "0"])
def test_a_start_that_makes_no_sense(text, tmp_path):
    result = run_firn("--clock", text, "--port", "0", "--data-dir", str(tmp_path / "data"))
    assert result.returncode == 2 and result.stdout == ""
    assert "--clock" in result.stderr and ("2030-01-31T12:00Z" in result.stderr or "1970 to 8999" in result.stderr)
