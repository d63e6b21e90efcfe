"""The commands that drive a running firn: what they ask, against the contract, and what they print."""
import json
import os
import subprocess

import pytest
from control_double import ANSWERS, CLOCK, JOB, REQUEST, SECOND_JOB, ControlDouble
from firn_server import clean_environment, firn_binary, run_firn

VAULT = {"vault": "photos", "account": "111122223333", "region": "eu-north-1"}
VAULT_FLAGS = ["--account", "111122223333", "--region", "eu-north-1"]
NOW = CLOCK["now"]

# Arguments; operationId and path parameters; query; body; what people read.
COMMANDS = [
    ("clock", "clock_show", [], {}, None, [NOW, "3600 times", "15:00:00.000Z  job completes", "jobs in progress  2"]),
    ("clock show", "clock_show", [], {}, None, [NOW]),
    ("clock events", "clock_events", [], {}, None, ["EVENT", "job_completes", "photos", "-JobOne"]),
    ("clock events --limit 1", "clock_events", [], {"limit": "1"}, None, []),
    ("clock freeze", "clock_freeze", [], {}, None, [NOW, "frozen"]),
    ("clock resume", "clock_resume", [], {}, None, [NOW]),
    ("clock rate 3600", "clock_resume", [], {}, {"rate": 3600}, ["3600 times as fast"]),
    ("clock set now", "clock_set", [], {}, {"time": "now"}, [NOW, "next event        -\n"]),
    ("clock set 2026-03-01T12:00:00Z", "clock_set", [], {}, {"time": "2026-03-01T12:00:00Z"}, [NOW]),
    ("clock advance 5h", "clock_advance", [], {}, {"by": "5h"}, [NOW]),
    ("clock advance --until idle", "clock_advance", [], {}, {"until": "idle"}, [NOW]),
    ("clock advance --until next", "clock_advance", [], {}, {"until": "next"}, [NOW]),
    ("clock advance --until-job -JobOne", "clock_advance", [], {}, {"until_job": "-JobOne"}, [NOW]),
    ("jobs", "jobs_list", [], {}, None, ["STATUS", "InProgress", "Standard", "photos", "-JobOne", "JobTwo"]),
    ("jobs --status Failed", "jobs_list", [], {"status": "Failed"}, None, []),
    ("jobs list --status Failed --vault photos " + " ".join(VAULT_FLAGS), "jobs_list", [],
     {"status": "Failed"} | VAULT, None, []),
    ("jobs show JobOne", "jobs_show", ["JobOne"], {}, None,
     ["job id                -JobOne\n", "status message        -\n", "retrieval byte range  0-11\n"]),
    ("jobs show -- -JobOne", "jobs_show", ["-JobOne"], {}, None, ["-JobOne"]),
    ("jobs complete -- -abc", "jobs_complete", ["-abc"], {}, None, ["Succeeded"]),
    ("jobs complete --job-id=-abc", "jobs_complete", ["-abc"], {}, None, ["Succeeded"]),
    ("jobs fail --job-id=--help", "jobs_fail", ["--help"], {}, None, ["Failed"]),
    ("jobs fail a/b?c%20d --message Lost", "jobs_fail", ["a/b?c%20d"], {}, {"message": "Lost"}, ["Failed"]),
    ("jobs reschedule JobOne 2h", "jobs_reschedule", ["JobOne"], {}, {"in": "2h"}, ["2026-03-01T14:00:00.000Z"]),
    ("jobs reschedule --in 2h --job-id=-JobOne", "jobs_reschedule", ["-JobOne"], {}, {"in": "2h"}, []),
    ("jobs reschedule JobOne --at 2026-03-01T14:00:00Z", "jobs_reschedule", ["JobOne"], {},
     {"at": "2026-03-01T14:00:00Z"}, []),
    ("vaults", "vaults_list", [], {}, None,
     ["photos", "12", "345", "2026-02-03T00:00:00.000Z", "InProgress", "team=film, cost=7"]),
    ("vaults list --vault photos " + " ".join(VAULT_FLAGS), "vaults_list", [], VAULT, None, []),
    ("archives", "archives_list", [], {}, None, ["photos", "-ArchiveOne", "the beach"]),
    ("archives --deleted --vault photos", "archives_list", [], {"deleted": "true", "vault": "photos"}, None, []),
    ("uploads " + " ".join(VAULT_FLAGS), "uploads_list", [],
     {"account": "111122223333", "region": "eu-north-1"}, None, ["-UploadOne", "3145728"]),
    ("locks", "locks_list", [], {}, None, ["LockOne", "InProgress", "2026-03-01T13:00:00.000Z"]),
    ("capacity", "capacity_list", [], {}, None, ["-UnitOne", "2026-03-28T00:00:00.000Z"]),
    ("capacity list " + " ".join(VAULT_FLAGS), "capacity_list", [],
     {"account": "111122223333", "region": "eu-north-1"}, None, []),
    ("inventory take", "inventories_take", [], {}, None, ["photos", "12", "123456789012345"]),
    ("inventory take photos " + " ".join(VAULT_FLAGS), "inventories_take", [], {}, VAULT, ["photos"]),
    ("reset", "reset", [], {}, None, ["as at the beginning", NOW]),
    ("reset --no-seed", "reset", [], {}, {"seed": False}, [NOW]),
    ("reset --vault photos", "reset", [], {}, {"vault": "photos"}, ["photos", NOW]),
    ("reset --vault photos " + " ".join(VAULT_FLAGS), "reset", [], {}, VAULT, ["photos"]),
    ("reset --account 111122223333", "reset", [], {}, {"account": "111122223333"}, ["111122223333", "all Regions", NOW]),
    ("reset " + " ".join(VAULT_FLAGS), "reset", [], {}, {"account": "111122223333", "region": "eu-north-1"},
     ["eu-north-1", NOW]),
    ("snapshot", "snapshots_list", [], {}, None, ["full", "4096"]),
    ("snapshot list", "snapshots_list", [], {}, None, ["full"]),
    ("snapshot show full", "snapshots_show", ["full"], {}, None, ["NAME", "full", "4096"]),
    ("snapshot save full", "snapshots_save", ["full"], {}, None, ["saved full, 4096 bytes"]),
    ("snapshot save list", "snapshots_save", ["list"], {}, None, []),
    ("snapshot restore -- -x", "snapshots_restore", ["-x"], {}, None, ["restored -x", NOW]),
    ("faults", "faults_list", [], {}, None, ["f1", "Upload*", "nth 3, times 1", "7", "2s", "ThrottlingException"]),
    ("faults list", "faults_list", [], {}, None, ["f2", "always", "reset"]),
    ("faults add --operation Upload* --vault p? --nth 3 --every 2 --probability 0.5 --times 1 "
     "--error ThrottlingException", "faults_add", [], {},
     {"operation": "Upload*", "vault": "p?", "nth": 3, "every": 2, "probability": 0.5, "times": 1,
      "effect": {"error": "ThrottlingException"}}, ["f1"]),
    ("faults add --reset " + " ".join(VAULT_FLAGS), "faults_add", [], {},
     {"account": "111122223333", "region": "eu-north-1", "effect": {"reset": True}}, ["f1"]),
    ("faults add --error X --status 503 --message Away --type Server --after", "faults_add", [], {},
     {"effect": {"after": True, "error": {"code": "X", "status": 503, "message": "Away", "type": "Server"}}}, ["f1"]),
    ("faults add --latency 2s --reset --timeout-after 0 --cut-after 10 --flip-byte 0 --wrong-checksum", "faults_add",
     [], {}, {"effect": {"latency": "2s", "reset": True, "timeout_after_bytes": 0, "cut_after_bytes": 10,
                         "flip_byte": 0, "wrong_checksum": True}}, []),
    ("faults add --trickle 1024 --fail-job Lost --throttle 0.5", "faults_add", [], {},
     {"effect": {"bytes_per_second": 1024, "job_failure": "Lost", "requests_per_second": 0.5}}, []),
    ("faults show f1", "faults_show", ["f1"], {}, None, ["f1", "7"]),
    ("faults remove f1", "faults_remove", ["f1"], {}, None, ["f1", "7"]),
    ("faults clear", "faults_clear", [], {}, None, ["f1"]),
    ("requests", "requests_list", [], {}, None,
     ["41", "UploadArchive", "1.25", "RequestOne", "GET /nowhere", "311 (cut)", "the last 2 of 90"]),
    ("requests --operation Up* --vault p? --status 201 --error * --fault * --request-id R --since 5 --limit 7 "
     + " ".join(VAULT_FLAGS), "requests_list", [],
     {"operation": "Up*", "status": "201", "error": "*", "fault": "*", "request_id": "R", "since": "5", "limit": "7"}
     | VAULT | {"vault": "p?"}, None, []),
    ("requests show 41", "requests_show", ["41"], {}, None,
     ["header x-amz-archive-description  holiday\n", 'cut                               ["headers"]\n']),
    ("requests show --id=-RequestOne", "requests_show", ["-RequestOne"], {}, None, ["RequestOne"]),
    ("health", "health", [], {}, None, ["firn 1.2.3 answers at http://127.0.0.1:", NOW]),
]


@pytest.fixture(scope="module")
def server():
    double = ControlDouble()
    yield double
    double.stop()


@pytest.fixture(autouse=True)
def keeps_the_contract(server):
    server.reset()
    yield
    assert server.breaches == []


def run(server, *arguments, **variables):
    return run_firn(*arguments, FIRN_ENDPOINT=server.url, **variables)


def output_of(server, *arguments):
    result = run(server, *arguments)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def assert_fails(result, *words):
    """One line on stderr that holds the words; nothing on stdout."""
    assert (result.returncode, result.stdout) == (1, ""), result
    assert result.stderr.startswith("firn: ") and len(result.stderr.splitlines()) == 1, result.stderr
    for word in words:
        assert word in result.stderr


def test_the_canned_answers_keep_the_contract(server):
    assert server.contract.operation_ids() == ANSWERS.keys() | {"openapi"}
    for operation_id, (status, answer) in ANSWERS.items():
        server.contract.check_answer(operation_id, status, answer)


@pytest.mark.parametrize("line, operation_id, path, query, body, words", COMMANDS, ids=[row[0] for row in COMMANDS])
def test_a_command(server, line, operation_id, path, query, body, words):
    text = output_of(server, *line.split())
    for word in words:
        assert word in text
    assert not any(row != row.rstrip() for row in text.splitlines())
    # Before the arguments: some of them end the options.
    command = line.split()[0]
    answer = json.loads(output_of(server, command, "--json", *line.split()[1:]))
    assert answer == ANSWERS[operation_id][1]
    assert len(server.asked) == 2
    for asked in server.asked:
        assert (asked.operation_id, asked.path, asked.query, asked.body) == (operation_id, path, query, body)


@pytest.mark.parametrize("line, operation_id, key", [
    ("jobs", "jobs_list", "jobs"), ("snapshot", "snapshots_list", "snapshots"), ("faults", "faults_list", "faults"),
    ("requests", "requests_list", "requests"), ("inventory take", "inventories_take", "inventories"),
    ("vaults", "vaults_list", "vaults"), ("archives", "archives_list", "archives"),
    ("uploads", "uploads_list", "uploads"), ("locks", "locks_list", "locks"),
    ("capacity", "capacity_list", "capacity")])
def test_an_empty_list_is_one_line(server, line, operation_id, key):
    server.answers[operation_id] = (200, ANSWERS[operation_id][1] | {key: []} | (
        {"count": 0} if key == "requests" else {}))
    text = output_of(server, *line.split())
    assert text.startswith("no ") and text.count("\n") == 1
    assert json.loads(output_of(server, *line.split(), "--json"))[key] == []


def test_jobs_of_all_pages(server):
    pages = [{"jobs": [JOB], "marker": "a b+&=%/"}, {"jobs": [SECOND_JOB], "marker": None}]
    server.answers["jobs_list"] = [(200, page) for page in pages]
    answer = json.loads(output_of(server, "jobs", "--vault", "photos", "--json"))
    assert answer == {"jobs": [JOB, SECOND_JOB], "marker": None}
    assert [asked.query for asked in server.asked] == [
        {"vault": "photos"}, {"vault": "photos", "marker": "a b+&=%/"}]


@pytest.mark.parametrize("job, exit_status, stderr", [
    (SECOND_JOB, 0, ""),
    (SECOND_JOB | {"status": "Failed", "status_message": "lost"}, 1,
     '{"error":"job JobTwo has failed: lost","status":null}\n')])
def test_the_wait_for_a_job(server, job, exit_status, stderr):
    server.answers["jobs_show"] = [(200, JOB), (200, JOB), (200, job)]
    result = run(server, "jobs", "wait", "JobTwo", "--json")
    assert (result.returncode, json.loads(result.stdout), result.stderr) == (exit_status, job, stderr)
    first, *later = [asked.query for asked in server.asked if asked.operation_id == "jobs_show"]
    assert first == {} and later == [{"wait": "20000ms"}] * 2


def test_no_wait_while_the_clock_is_frozen(server):
    server.answers["clock_show"] = ANSWERS["clock_freeze"]
    assert_fails(run(server, "jobs", "wait", "--job-id=-JobOne"), "frozen", "firn clock advance --until-job=-JobOne")
    # Somebody else may move the clock until the timeout is over.
    server.answers["jobs_show"] = [(200, JOB), (200, SECOND_JOB)]
    result = run(server, "jobs", "wait", "JobOne", "--timeout", "10s")
    assert (result.returncode, len(result.stderr.splitlines())) == (0, 1) and "frozen" in result.stderr
    assert server.asked[-1].query["wait"] in {f"{milliseconds}ms" for milliseconds in range(5000, 10001)}


def test_a_wait_gives_up(server):
    assert_fails(run(server, "jobs", "wait", "JobOne", "--timeout", "1ms"), "JobOne has not completed yet")
    server.answers["jobs_show"] = [(200, JOB), (404, {"error": "there is no job JobOne"})]
    assert_fails(run(server, "jobs", "wait", "JobOne"), "there is no job JobOne")


def test_the_first_rows_of_a_list(server):
    pages = [{"jobs": [JOB], "marker": "m1"}, {"jobs": [SECOND_JOB], "marker": "m2"}]
    server.answers["jobs_list"] = [(200, page) for page in pages * 2]
    text = output_of(server, "jobs", "--limit", "2")
    assert "JobTwo" in text and text.endswith("the first 2; a higher --limit shows more\n")
    assert [asked.query for asked in server.asked] == [{"limit": "2"}, {"limit": "1", "marker": "m1"}]
    answer = json.loads(output_of(server, "jobs", "list", "--limit", "2", "--json"))
    assert answer == {"jobs": [JOB, SECOND_JOB], "marker": "m2"}


def test_the_number_of_requests(server):
    for extra in ([], ["--json"], ["--limit", "5"]):
        assert output_of(server, "requests", "--count", "--status", "404", *extra) == "90\n"
        assert server.asked[-1].query == {"status": "404", "limit": "0"}


def test_a_count_without_the_dropped_requests_is_refused(server):
    server.answers["requests_list"] = (200, {"count": 90, "dropped": 21, "last_dropped": 30, "requests": []})
    for since in ([], ["--since", "29"]):
        assert_fails(run(server, "requests", "--count", *since), "--journal-size")
    for since in ("30", "31"):
        assert output_of(server, "requests", "--count", "--since", since) == "90\n"
    result = run(server, "requests", "--json")
    assert result.returncode == 0 and json.loads(result.stdout)["dropped"] == 21
    assert "21 older requests" in result.stderr and "--journal-size" in result.stderr


def test_columns_line_up(server):
    head, first, second = output_of(server, "jobs").splitlines()
    for title, value in (("ACTION", JOB["action"]), ("VAULT", JOB["vault"]), ("JOB ID", JOB["job_id"])):
        assert first.index(value) == head.index(title)
    assert second.index(SECOND_JOB["job_id"]) == head.index("JOB ID")
    assert str(REQUEST["received_bytes"]) in output_of(server, "requests")


def test_answers_without_json(server):
    for line, operation_id, word in (("snapshot delete full", "snapshots_delete", "full"),
                                     ("requests clear", "requests_clear", "no requests"),
                                     ("jobs expire JobOne", "jobs_expire", "JobOne"),
                                     ("uploads expire UploadOne", "uploads_expire", "UploadOne"),
                                     ("locks expire photos", "locks_expire", "photos"),
                                     ("capacity expire UnitOne", "capacity_expire", "UnitOne")):
        assert word in output_of(server, *line.split())
        assert output_of(server, *line.split(), "--json") == ""
        assert {asked.operation_id for asked in server.asked[-2:]} == {operation_id}
    assert output_of(server, "metrics") == ANSWERS["metrics"][1]


# --- Files


def test_a_seed_is_sent_as_it_is(server, tmp_path):
    document = '{ "vaults": [ {"name": "ä"} ] }\n\n'
    file = tmp_path / "seed.json"
    file.write_text(document, encoding="utf-8")
    assert output_of(server, "seed", str(file)) == "added 1 vault, 12 archives (123456789012345 bytes), 0 jobs\n"
    result = subprocess.run([firn_binary(), "seed", "-", "--json", "--endpoint", server.url], input=document.encode(),
                            capture_output=True, timeout=20, env=clean_environment(), check=True)
    assert json.loads(result.stdout) == ANSWERS["seed"][1]
    assert [asked.body for asked in server.asked] == [json.loads(document)] * 2
    for bad in (tmp_path / "absent", tmp_path):
        assert_fails(run(server, "seed", str(bad)), str(bad))


def test_a_snapshot_as_a_file(server, tmp_path):
    data = ANSWERS["snapshots_export"][1]
    file = tmp_path / "full.firn"
    assert f"{len(data)} bytes" in output_of(server, "snapshot", "export", "full", str(file))
    assert file.read_bytes() == data
    assert "imported full, 4096 bytes" in output_of(server, "snapshot", "import", "again", str(file))
    assert [(asked.path, asked.body) for asked in server.asked] == [(["full"], None), (["again"], data)]
    assert os.listdir(tmp_path) == ["full.firn"]


def test_half_a_snapshot_is_no_file(server, tmp_path):
    file = tmp_path / "full.firn"
    file.write_bytes(b"of yesterday")
    server.bytes_withheld = 1
    server.answers["snapshots_export"] = (200, b"short")
    assert_fails(run(server, "snapshot", "export", "full", str(file)), str(file))
    server.bytes_withheld = 0
    server.answers["snapshots_export"] = (404, {"error": "there is no snapshot full"})
    assert_fails(run(server, "snapshot", "export", "full", str(file)), "there is no snapshot full")
    server.answers.clear()
    assert file.read_bytes() == b"of yesterday"
    assert os.listdir(tmp_path) == ["full.firn"]
    assert_fails(run(server, "snapshot", "export", "full", str(tmp_path / "absent" / "file")), "absent/file")
    assert_fails(run(server, "snapshot", "import", "full", str(tmp_path / "absent")), "absent")


# --- Trouble


@pytest.mark.parametrize("arguments", [["clock"], ["clock", "--json"], ["health"], ["jobs", "show", "x"]])
def test_a_refusal_tells_why(server, arguments):
    operation_id = {"clock": "clock_show", "health": "health", "jobs": "jobs_show"}[arguments[0]]
    server.answers[operation_id] = (409, {"error": "this is why"})
    result = run(server, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    if "--json" in arguments:
        assert json.loads(result.stderr) == {"error": "this is why", "status": 409}
    else:
        assert result.stderr == "firn: this is why\n"


@pytest.mark.parametrize("status, content, word", [
    (502, "<html>", "502 Bad Gateway"), (404, {"message": "no"}, "404 Not Found"), (200, "<html>", "not JSON")])
def test_something_that_is_no_firn(server, status, content, word):
    server.answers["clock_show"] = (status, content)
    assert_fails(run(server, "clock"), word)


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:1", "https://127.0.0.1", "127.0.0.1:4522", "http://"])
def test_nobody_there(endpoint):
    assert_fails(run_firn("clock", "--endpoint", endpoint), f"no firn answers at {endpoint}: ")
    error = json.loads(run_firn("clock", "--json", "--endpoint", endpoint).stderr)
    assert error["error"].startswith(f"no firn answers at {endpoint}: ")
    assert error["status"] is None


def test_where_the_server_is(server):
    assert run_firn("clock", "--port", str(server.port)).returncode == 0
    assert run_firn("clock", FIRN_PORT=str(server.port)).returncode == 0
    assert run_firn("clock", "show", FIRN_ENDPOINT=server.url + "/", FIRN_PORT="1").returncode == 0
    for place in (["--endpoint", server.url, "clock"], ["clock", "--endpoint", server.url, "show"],
                  ["clock", "show", "--endpoint", server.url], ["--endpoint", "http://127.0.0.1:1", "clock",
                                                                "--endpoint", server.url]):
        assert run_firn(*place, FIRN_ENDPOINT="http://127.0.0.1:1").returncode == 0, place
    # A flag comes before a variable.
    assert run_firn("clock", "--port", str(server.port), FIRN_ENDPOINT="http://127.0.0.1:1").returncode == 0


def test_the_server_of_the_same_options(server, tmp_path):
    """The options that tell a server where to listen tell a command where the server is."""
    config, port_file = tmp_path / "firn.conf", tmp_path / "port"
    config.write_text(f"port = {server.port}\ncolour = blue\n")
    for arguments, variables in ((["--config", str(config)], {}), ([], {"FIRN_CONFIG": str(config)})):
        assert run_firn("health", *arguments, FIRN_TIMING="warp", **variables).returncode == 0
    absent = run_firn("health", "--port-file", str(port_file))
    assert_fails(absent, str(port_file))
    port_file.write_text(f"{server.port}\n")
    assert run_firn("health", FIRN_PORT_FILE=str(port_file), FIRN_PORT="1").returncode == 0
    assert run_firn("health", "--port", "0", "--port-file", str(port_file)).returncode == 0
    assert run_firn("health", "--port", str(server.port), FIRN_PORT_FILE=str(tmp_path / "absent")).returncode == 0


def test_what_the_server_would_refuse_does_not_stop_a_command(server):
    assert run(server, "clock", FIRN_CONFIG="/nonexistent/firn.conf", FIRN_TIMING="warp", FIRN_PORT="x").returncode == 0
    result = run_firn("clock", FIRN_PORT="x")
    assert (result.returncode, result.stdout) == (2, "")
    assert "FIRN_PORT" in result.stderr
    for command in ("help", "version", "operations"):
        assert run_firn(command, FIRN_PORT="x", FIRN_CONFIG="/nonexistent/firn.conf").returncode == 0
    assert run_firn("--help", FIRN_TIMING="warp").returncode == 0


def test_the_last_of_a_repeated_flag_counts(server):
    output_of(server, "requests", "--status", "404", "--status", "403")
    assert server.asked[-1].query == {"status": "403"}


def test_a_number_that_is_none(server):
    for value in ("abc", "-1", "1.5"):
        result = run(server, "requests", f"--status={value}")
        assert result.returncode == 2
        assert result.stderr.splitlines()[0] == f"firn: --status: {value} is not a whole number like 0 or 12"


@pytest.mark.parametrize("line", [
    "clock advance", "clock advance 5h --until next", "clock advance --until later", "clock advance 5h --bogus",
    "clock set", "clock rate fast", "jobs show", "jobs show a b", "jobs --status Failed show a", "jobs show --job-id=",
    "jobs wait", "jobs wait a --timeout soon", "jobs reschedule a", "jobs reschedule a 2h --at 2030-01-01T00:00:00Z",
    "uploads expire --upload-id=", "locks expire", "capacity expire", "vaults photos", "archives --limit 0",
    "capacity --vault photos", "inventory", "snapshot save", "operations --endpoint http://127.0.0.1:1",
    "--endpoint http://127.0.0.1:1 help", "reset --account=", "reset --no-seed --vault v",
    "reset --vault=", "reset --account 111122223333 --region=", "faults add", "faults add --nth 1",
    "faults add --message Away --reset", "faults add --reset --bogus 1", "faults remove --id=",
    "faults add --reset --nth 0", "faults add --reset --probability 1.5", "faults add --error X --status 200",
    "faults add --error X --type Clent", "faults add --throttle 0", "faults show", "requests show",
    "requests --vault photos clear", "requests clear --vault photos", "requests --since x", "metrics --json", "seed",
    "snapshot export full"])
def test_wrong_usage_asks_nothing(server, line):
    result = run(server, *line.split())
    assert (result.returncode, result.stdout, server.asked) == (2, "", [])
    if "--json" in line:
        assert json.loads(result.stderr)["status"] is None
    else:
        assert result.stderr.startswith("firn: ") and "--help" in result.stderr
