"""kill -9, and a start long after: no answer shows or changes what was over by then, however much has come due.

FIRN_CATCH_UP_JOBS and FIRN_CATCH_UP_ROUNDS make it longer.
"""
import http.client
import json
import os
import subprocess
import threading
import time

import pytest
from control import Control
from dates import parse
from firn_server import clean_environment, firn_binary
from glacier_data import MEBIBYTE, Glacier, upload_headers
from waiting import patient, wait_for
from world import policy_for

JOBS = int(os.environ.get("FIRN_CATCH_UP_JOBS", "1500"))
ROUNDS = int(os.environ.get("FIRN_CATCH_UP_ROUNDS", "2"))
START = "2030-01-01T00:00:00Z"
FLAGS = ("--timing", "aws", "--clock", START, "--expedited", "1m", "--bulk", "2m", "--lock-lifetime", "5m",
         "--upload-lifetime", "5m", "--output-lifetime", "1000d", "--log-level", "warn")


def header(glacier, name, *call, **options):
    response, content, _ = glacier.call(*call, **options)
    assert response.status < 300, content
    return response.getheader(name)


def seed_crowd(control, vault):
    job = {"parameters": {"Type": "archive-retrieval", "ArchiveId": "@x", "Tier": "Expedited"}}
    control.post("seed", {"vaults": [{"name": vault, "archives": [{"name": "x", "text": "x"}], "jobs": [job] * JOBS}]})


def prepare(server):
    """Everything that will be over: a lock attempt, an upload, jobs. Returns their ids."""
    seed_crowd(Control(server), "crowd")
    with Glacier(server.port) as glacier:
        glacier.create_vault("v")
        archive = glacier.upload("v", b"x").getheader("x-amz-archive-id")
        return {
            "lock": header(glacier, "x-amz-lock-id", "POST", "/-/vaults/v/lock-policy",
                           policy_for("v", "Deny", "glacier:DeleteArchive")),
            "upload": header(glacier, "x-amz-multipart-upload-id", "POST", "/-/vaults/v/multipart-uploads",
                             headers={"x-amz-part-size": str(MEBIBYTE)}),
            "job": glacier.start_job("v", Type="archive-retrieval", ArchiveId=archive, Tier="Bulk")}


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_start_after_everything_was_over(start_firn, number):
    server = start_firn(*FLAGS)
    control = Control(server)
    ids = prepare(server)
    due = parse(control.get(f"jobs/{ids['job']}")["due_at"])
    # So fast that everything is over before the next start, and nothing before the kill.
    control.post("clock/resume", {"rate": 1000})
    server.kill()
    # Ten minutes of firn's clock: while no firn runs, nobody can move it.
    time.sleep(0.6)

    first = []
    asking = threading.Event()

    def ask_early(port):
        """Asks as soon as the port is open, before firn says that it is ready."""
        while not asking.is_set():
            try:
                with Glacier(port) as glacier:
                    first.append(glacier.call("POST", f"/-/vaults/v/lock-policy/{ids['lock']}")[0].status)
                return
            except (OSError, http.client.HTTPException):
                time.sleep(0.001)

    early = threading.Thread(target=ask_early, args=(server.port,))
    early.start()
    try:
        server.start(*FLAGS, port=server.port)
        assert server.health()[0] == 200
    finally:
        early.join(patient(30))
        asking.set()
        early.join()
    now = parse(control.get("clock")["now"])
    assert now > due
    assert first == [404]
    with Glacier(server.port) as glacier:
        described = json.loads(glacier.call("GET", f"/-/vaults/v/jobs/{ids['job']}")[1])
        assert described["StatusCode"] == "Succeeded" and parse(described["CompletionDate"]) == due
        upload = f"/-/vaults/v/multipart-uploads/{ids['upload']}"
        assert glacier.call("GET", upload)[0].status == 404
        part = upload_headers(b"x") | {"Content-Range": "bytes 0-0/*"}
        assert glacier.call("PUT", upload, b"x", part)[0].status == 404
        assert glacier.call("GET", "/-/vaults/v/lock-policy")[0].status == 404
    assert control.get("jobs", status="InProgress")["jobs"] == []
    server.stop()


def test_a_stop_in_the_middle_of_a_long_move(start_firn):
    """firn stops between two commits of what is due, and the next start goes on."""
    server = start_firn(*FLAGS)
    control = Control(server)
    ids = prepare(server)
    answers = []
    move = threading.Thread(target=lambda: answers.append(control.ask("POST", "clock/advance", {"by": "30d"})))
    move.start()
    # The clock has moved when the move is stored; what was due follows.
    while server.health()[1]["clock"]["now"] < "2030-01-31":
        time.sleep(0.001)
    assert server.stop() == 0
    move.join()
    assert answers[0][0] in (200, 500), answers
    server.start(*FLAGS)
    assert control.get("clock")["now"] == "2030-01-31T00:00:00.000Z"
    assert control.get("jobs", status="InProgress")["jobs"] == []
    with Glacier(server.port) as glacier:
        assert glacier.call("POST", f"/-/vaults/v/lock-policy/{ids['lock']}")[0].status == 404


def test_a_stop_while_a_start_catches_up(start_firn):
    """Until firn has caught up, health says so and nothing is announced."""
    server = start_firn(*FLAGS)
    control = Control(server)
    for number in range(4):
        seed_crowd(control, f"crowd{number}")
    control.post("clock/resume", {"rate": 1000})
    server.kill()
    time.sleep(0.6)
    process = subprocess.Popen(
        [firn_binary(), "--data-dir", server.data_dir, "--port", str(server.port), "--port-file", server.port_file, *FLAGS],
        stdout=subprocess.PIPE, text=True, env=clean_environment())

    def health():
        try:
            return server.health()
        except (OSError, http.client.HTTPException):
            return None

    status, shown = wait_for(health, 20, "firn answers", 0.001)
    assert (status, shown["status"]) == (503, "starting")
    process.terminate()
    assert process.communicate(timeout=patient(20))[0] == ""
    assert process.returncode == 0 and not server.port_file.exists()
    server.start(*FLAGS)
    assert control.get("jobs", status="InProgress")["jobs"] == []
