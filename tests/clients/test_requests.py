"""The request journal: what it says of each request, at once, and how it is looked through."""
import concurrent.futures
import json
import re
import socket
import time

import pytest
from botocore.exceptions import ClientError
from control import Control
from firn_server import run_firn
from glacier_data import MEBIBYTE, Glacier, random_bytes, tree_hash, upload_headers
from raw_http import RawConnection, ask, head
from sdk import client_of
from waiting import wait_for

NOW = "2030-01-01T00:00:00.000Z"
DATA = random_bytes(MEBIBYTE + 17, "requests")
NONE = {"count": 0, "dropped": 0, "last_dropped": None, "requests": []}


@pytest.fixture(scope="module")
def firn(start_firn):
    """Jobs are done at once, and the clock stands."""
    server = start_firn("--timing", "instant", "--clock", NOW, "--write-timeout", "1s")
    with Glacier(server.port) as connection:
        for vault in ("photos", "prints", "tapes"):
            connection.create_vault(vault)
    return server


@pytest.fixture
def control(firn):
    """With an empty journal and no rules."""
    surface = Control(firn)
    surface.delete("faults")
    surface.delete("requests")
    return surface


@pytest.fixture
def glacier(firn, control):
    with Glacier(firn.port) as connection:
        yield connection


def left(control, count=1, **filters):
    """The entries, once there are so many and their answers have left."""
    def find():
        found = control.requests(**filters)
        return len(found) == count and all(entry["complete"] for entry in found) and found
    return wait_for(find, 5, f"{count} requests have left")


def numbers(entries):
    return [entry["number"] for entry in entries]


# --- What an entry says


def test_an_upload_by_a_signed_client(firn, control):
    client = client_of(firn, access_key="111122223333", region="eu-west-1")
    client.create_vault(vaultName="signed")
    control.delete("requests")
    start = time.monotonic()
    answer = client.upload_archive(vaultName="signed", archiveDescription="a?b", body=DATA)["ResponseMetadata"]
    milliseconds = 1000 * (time.monotonic() - start)
    (entry,) = left(control)
    assert 0 < entry.pop("duration_ms") <= milliseconds
    headers = entry.pop("headers")
    assert headers["x-amz-archive-description"] == "a?b" and headers["x-amz-sha256-tree-hash"] == tree_hash(DATA)
    assert headers["content-length"] == str(len(DATA)) and headers["user-agent"].startswith("Boto3")
    assert entry.pop("number") > 0
    assert entry == {
        "time": NOW, "operation": "UploadArchive", "method": "POST", "path": "/-/vaults/signed/archives",
        "query": None, "body": None, "cut": [],
        "account": "111122223333", "region": "eu-west-1", "vault": "signed", "status": 201, "error": None,
        "fault": None, "received_bytes": len(DATA), "sent_bytes": int(answer["HTTPHeaders"].get("content-length", 0)),
        "complete": True, "request_id": answer["RequestId"]}


def test_a_listing_and_its_query(glacier, control):
    response, content, _ = glacier.call("GET", "/000000000000/vaults?limit=2&X-Amz-Signature=secret")
    (entry,) = left(control)
    assert (entry["operation"], entry["method"], entry["path"]) == ("ListVaults", "GET", "/000000000000/vaults")
    assert (entry["query"], entry["body"]) == ("limit=2", None)
    assert (entry["account"], entry["region"], entry["vault"]) == ("000000000000", "us-east-1", None)
    assert (entry["received_bytes"], entry["sent_bytes"]) == (0, len(content)) and len(content) > 100
    assert entry["request_id"] == response.getheader("x-amzn-RequestId")


def test_credentials_are_not_kept(glacier, control):
    scope = "s3cret/20300101/us-east-1/glacier/aws4_request"
    presigned = f"X-Amz-Signature=s3cret&X-Amz-%53ecurity-Token=s3cret&X-Amz-Credential={scope}"
    glacier.call("GET", f"/-/vaults?limit=2&{presigned}",
                 headers={"X-Amz-Security-Token": "s3cret",
                          "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=a, Signature=s3cret"})
    (entry,) = left(control)
    assert (entry["status"], entry["query"]) == (200, "limit=2")
    assert "s3cret" not in json.dumps(entry)


def test_credentials_in_places_where_nobody_expects_them(firn, control):
    before = len(firn.log())
    for target in ("http://key:s3cret@localhost/-/vaults", "/-/vaults#X-Amz-Signature=s3cret",
                   "/-/vaults?a=b;X-Amz-Signature=s3cret", "/-/vaults?limit=5%26X-Amz-Signature=s3cret"):
        ask(firn.port, head("GET", target))
    assert len(left(control, 4)) == 4
    assert "s3cret" not in json.dumps(control.requests()) + firn.log()[before:]


def test_an_output_and_its_part(glacier, control):
    archive_id = glacier.upload("photos", DATA).getheader("x-amz-archive-id")
    job_id = glacier.start_job("photos", Type="archive-retrieval", ArchiveId=archive_id)
    path = f"/-/vaults/photos/jobs/{job_id}/output"
    glacier.call("GET", path)
    glacier.call("GET", path, headers={"Range": "bytes=0-99"})
    whole, part = left(control, 2, operation="GetJobOutput")
    assert (whole["status"], whole["sent_bytes"], whole["path"]) == (200, len(DATA), path)
    assert (part["status"], part["sent_bytes"]) == (206, 100)
    assert "range" not in whole["headers"] and part["headers"]["range"] == "bytes=0-99"
    (initiated,) = control.requests(operation="InitiateJob")
    parameters = {"Type": "archive-retrieval", "ArchiveId": archive_id}
    assert json.loads(initiated["body"]) == parameters and initiated["received_bytes"] == len(json.dumps(parameters))


def test_refusals(glacier, control):
    _, content, _ = glacier.call("GET", "/-/vaults/nowhere")
    glacier.call("GET", "/111111111111/vaults")
    glacier.call("POST", "/-/vaults/photos/archives", b"data", upload_headers(b"other"))
    glacier.call("PUT", "/-/vaults/photos/tags/bad")
    entries = left(control, 4)
    assert [(entry["operation"], entry["vault"], entry["status"], entry["error"]) for entry in entries] == [
        ("DescribeVault", "nowhere", 404, "ResourceNotFoundException"),
        ("ListVaults", None, 403, "AccessDeniedException"),
        ("UploadArchive", "photos", 403, "InvalidSignatureException"),
        (None, None, 400, "BadRequest")]
    assert entries[0]["sent_bytes"] == len(content)
    assert entries[2]["received_bytes"] == 4


def test_unknown_paths_and_methods(glacier, control):
    for method, path in (("GET", "/"), ("GET", "/nowhere?x=1"), ("PATCH", "/-/vaults/photos"), ("GET", "/_firnish")):
        assert glacier.call(method, path)[0].status == 400
    assert [(entry["operation"], entry["method"], entry["path"], entry["status"], entry["error"])
            for entry in left(control, 4)] == [
        (None, "GET", "/", 400, "BadRequest"), (None, "GET", "/nowhere", 400, "BadRequest"),
        (None, "PATCH", "/-/vaults/photos", 400, "BadRequest"), (None, "GET", "/_firnish", 400, "BadRequest")]


def test_bytes_in_a_path_that_are_no_text(firn, control):
    assert ask(firn.port, head("GET", "/-/vaults/\xe4\xff")).status >= 400
    assert ask(firn.port, head("GET", "/-/vaults/%ff%00")).status >= 400
    # Whether the first is a request at all is for the wire to say; the answer is JSON either way.
    assert "/-/vaults/%ff%00" in [entry["path"] for entry in control.requests()]


def test_requests_to_the_control_surface_are_not_in_it(glacier, control):
    control.get("clock")
    control.ask("GET", "nowhere")
    assert control.get("requests") == NONE


def test_a_client_that_goes_away_in_the_middle_of_a_body(firn, control):
    headers = {name.replace("-", "_"): value for name, value in upload_headers(DATA).items()}
    del headers["x_amz_glacier_version"]
    with RawConnection(firn.port) as connection:
        connection.send(head("POST", "/-/vaults/tapes/archives", Content_Length=len(DATA), **headers))
        connection.send(DATA[:300_000])
    (entry,) = wait_for(control.requests, 5, "the request is on record")
    assert (entry["operation"], entry["vault"], entry["status"], entry["error"]) == ("UploadArchive", "tapes", 0, None)
    assert (entry["received_bytes"], entry["sent_bytes"], entry["complete"]) == (300_000, 0, False)
    assert control.get("requests", status=0)["count"] == 1


def test_a_client_that_goes_away_while_its_answer_waits(firn, control):
    fault = control.add_fault({"latency": "300ms"}, times=1)
    with RawConnection(firn.port) as connection:
        connection.send(head("PUT", "/-/vaults/left-behind"))
    (entry,) = wait_for(control.requests, 5, "the request is on record")
    # It was carried out.
    assert (entry["status"], entry["fault"]) == (201, fault)
    assert wait_for(lambda: ask(firn.port, head("GET", "/-/vaults/left-behind")).status == 200, 5, "the vault is there")


@pytest.fixture(scope="module")
def film(firn):
    """Path and size of an output that no buffer of a socket holds."""
    size = 256 * MEBIBYTE
    Control(firn).post("seed", {"vaults": [{"name": "films", "archives": [
        {"name": "film", "synthetic": str(size)}], "jobs": [
            {"parameters": {"Type": "archive-retrieval", "ArchiveId": "@film"}, "state": "Succeeded"}]}]})
    (job,) = Control(firn).get("jobs", vault="films")["jobs"]
    return f"/-/vaults/films/jobs/{job['job_id']}/output", size


def test_a_client_that_goes_away_in_the_middle_of_an_output(firn, control, film):
    path, size = film
    with RawConnection(firn.port) as connection:
        connection.send(head("GET", path))
        assert len(connection.socket.recv(1000)) > 0
    (entry,) = wait_for(lambda: [entry for entry in control.requests() if entry["sent_bytes"]], 5, "the end of it")
    assert (entry["status"], entry["complete"]) == (200, False) and 0 < entry["sent_bytes"] < size


def test_a_client_that_stops_reading(firn, control, film):
    path, size = film
    with RawConnection(firn.port) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.send(head("GET", path))
        assert len(connection.socket.recv(1000)) > 0
        # On record while it leaves.
        (entry,) = control.requests()
        assert (entry["status"], entry["complete"], entry["sent_bytes"]) == (200, False, 0)
        (entry,) = wait_for(lambda: [entry for entry in control.requests() if entry["sent_bytes"]], 10, "its time-out")
    assert (entry["status"], entry["complete"]) == (200, False) and 0 < entry["sent_bytes"] < size
    assert entry["duration_ms"] >= 1000


# --- At once


def test_an_entry_is_there_as_soon_as_the_client_has_its_answer(firn, glacier):
    paths = ["/-/vaults/photos", "/-/vaults/nowhere", "/-/vaults", "/nowhere"]
    with Glacier(firn.port) as journal:
        for number in range(500):
            response, _, _ = glacier.call("GET", paths[number % len(paths)])
            request_id = response.getheader("x-amzn-RequestId")
            _, _, answer = journal.call("GET", f"/_firn/requests?request_id={request_id}")
            assert [(entry["request_id"], entry["status"]) for entry in answer["requests"]] == [
                (request_id, response.status)], number


def test_writes_and_outputs_are_there_at_once(firn, glacier):
    job_id = glacier.start_job("photos", Type="inventory-retrieval")
    with Glacier(firn.port) as journal:
        for number in range(100):
            response, _, _ = (glacier.call("PUT", "/-/vaults/photos") if number % 2
                              else glacier.call("GET", f"/-/vaults/photos/jobs/{job_id}/output"))
            request_id = response.getheader("x-amzn-RequestId")
            _, _, answer = journal.call("GET", f"/_firn/requests?request_id={request_id}")
            assert (answer["count"], answer["requests"][0]["status"]) == (1, response.status), number


def test_no_request_of_clients_at_once_is_missing_or_twice(firn, control):
    def describe(_):
        with Glacier(firn.port) as connection:
            return [connection.call("GET", "/-/vaults/tapes")[0].getheader("x-amzn-RequestId") for _ in range(50)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        ids = sum(pool.map(describe, range(8)), [])
    entries = left(control, 400, limit=1000)
    assert sorted(entry["request_id"] for entry in entries) == sorted(ids)
    assert len(set(numbers(entries))) == 400


# --- Looking through it


@pytest.fixture
def mixed(firn, control, glacier):
    """The entries of some requests of two accounts."""
    fault = control.add_fault({"error": "ThrottlingException"}, operation="ListJobs")
    glacier.call("GET", "/-/vaults/photos")
    glacier.call("GET", "/-/vaults/prints")
    glacier.call("GET", "/-/vaults/nowhere")
    glacier.call("GET", "/-/vaults/photos/jobs")
    glacier.call("GET", "/-/vaults")
    other = client_of(firn, access_key="222233334444", region="eu-west-1")
    other.list_vaults()
    with pytest.raises(ClientError):
        other.describe_vault(vaultName="photos")
    glacier.call("GET", "/nowhere")
    return left(control, 8), fault


@pytest.mark.parametrize("filters, places", [
    ({}, [0, 1, 2, 3, 4, 5, 6, 7]),
    ({"operation": "DescribeVault"}, [0, 1, 2, 6]), ({"operation": "List*"}, [3, 4, 5]),
    ({"operation": "Upload*"}, []), ({"vault": "photos"}, [0, 3, 6]), ({"vault": "p*"}, [0, 1, 3, 6]),
    ({"vault": "p????s"}, [0, 1, 3, 6]),
    ({"account": "222233334444"}, [5, 6]), ({"region": "eu-west-1"}, [5, 6]),
    ({"account": "222233334444", "region": "us-east-1"}, []),
    ({"vault": "nowhere"}, [2]), ({"vault": "tapes"}, []), ({"vault": "never-*"}, []),
    ({"status": 200}, [0, 1, 4, 5]), ({"status": 404}, [2, 6]),
    ({"error": "ThrottlingException"}, [3]), ({"error": "*NotFound*"}, [2, 6]), ({"error": "?*"}, [2, 3, 6, 7]),
    ({"fault": "*"}, [3]), ({"status": 0}, []), ({"error": "SerializationException"}, []),
    ({"operation": "DescribeVault", "status": 404, "region": "us-east-1"}, [2]),
    ({"operation": "ListVaults", "status": 404}, []),
])
def test_filters(control, mixed, filters, places):
    entries, _ = mixed
    answer = control.get("requests", **filters)
    assert numbers(answer["requests"]) == [entries[place]["number"] for place in places]
    assert answer["count"] == len(places)
    only_count = control.get("requests", **filters, limit=0)
    assert only_count == NONE | {"count": len(places)}


def test_a_request_by_its_id_and_by_its_rule(control, mixed):
    entries, fault = mixed
    assert control.requests(request_id=entries[4]["request_id"]) == [entries[4]]
    assert control.requests(fault=fault) == [entries[3]]
    assert control.requests(request_id=47 * "x") == []
    assert control.get(f"requests/{entries[4]['request_id']}") == entries[4]
    assert control.get(f"requests/{entries[4]['number']}") == entries[4]
    status, answer = control.ask("GET", "requests/nobody")
    assert status == 404 and "nobody" in answer["error"]


def test_the_newest_come_last_and_since_gives_what_is_new(control, mixed):
    entries, _ = mixed
    first = entries[0]["number"]
    assert numbers(entries) == list(range(first, first + 8))
    assert control.get("requests", limit=3) == NONE | {"count": 8, "requests": entries[-3:]}
    assert control.get("requests", since=first + 4) == NONE | {"count": 3, "requests": entries[5:]}
    assert control.get("requests", since=first + 4, limit=1) == NONE | {"count": 3, "requests": entries[-1:]}
    assert control.get("requests", since=first + 7) == NONE


def test_a_hundred_unless_more_are_wanted(control, glacier):
    for _ in range(120):
        glacier.call("GET", "/-/vaults/photos")
    answer = control.get("requests")
    everything = control.requests(limit=500)
    assert (answer["count"], len(answer["requests"]), len(everything)) == (120, 100, 120)
    assert numbers(answer["requests"]) == numbers(everything)[-100:]


@pytest.mark.parametrize("query", ["status=ok", "limit=-1", "limit=1.5", "since=x", "since=99999999999999999999"])
def test_filters_that_are_no_numbers(control, query):
    name = query.partition("=")[0]
    status, answer = control.ask("GET", f"requests?{query}")
    assert status == 400 and name in answer["error"]


@pytest.mark.parametrize("query, status, words", [
    ("operation=DeleteArchiv", 400, "did you mean DeleteArchive?"),
    ("operation=describevault", 400, "did you mean DescribeVault?"), ("operation=Frob*", 400, "ListJobs"),
    ("error=Throttling", 400, "did you mean ThrottlingException?"),
    ("error=throttling*", 400, "SerializationException"),
    ("status=99999", 400, "from 100 to 599"), ("status=99", 400, "from 100 to 599"), ("status=600", 400, "600"),
    ("account=2222*", 400, "12 digits"), ("region=EU", 400, "like us-east-1"), ("vault=a%20b", 400, "a b"),
    ("vault=nosuch", 404, "there is no vault nosuch"), ("vault=photos&account=999999999999", 404, "999999999999"),
    ("vault=photos&region=eu-north-1", 404, "eu-north-1"), ("fault=f99", 400, "f99"), ("fault=x*", 400, "x*"),
    ("since=123456789", 400, "123456789"), ("request_id=nobody", 400, "47"), ("vault=", 400, "vault is empty"),
    ("operation=", 400, "operation is empty")])
def test_a_filter_that_nothing_can_match(control, mixed, query, status, words):
    found, answer = control.ask("GET", f"requests?{query}")
    assert found == status and words in answer["error"]


def test_what_is_gone_is_still_known(control, glacier):
    """A removed rule, its error, and a vault that only the journal remembers."""
    fault = control.add_fault({"error": {"code": "Strange", "status": 418}}, operation="DescribeVault", times=1)
    glacier.call("PUT", "/-/vaults/short-lived")
    glacier.call("GET", "/-/vaults/short-lived")
    glacier.call("DELETE", "/-/vaults/short-lived")
    control.delete("faults")
    assert [entry["status"] for entry in control.requests(vault="short-lived")] == [201, 418, 204]
    assert [entry["status"] for entry in control.requests(fault=fault, error="Strange")] == [418]
    control.delete("requests")
    assert control.get("requests", fault=fault, error="Strange") == NONE
    assert control.ask("GET", "requests?vault=short-lived")[0] == 404


def test_forgetting_them(control, glacier):
    glacier.call("GET", "/-/vaults/photos")
    (before,) = control.requests()
    assert control.delete("requests") is None
    assert control.get("requests") == NONE
    glacier.call("GET", "/-/vaults/prints")
    # They are counted on.
    (after,) = control.requests(since=before["number"])
    assert (after["number"], after["vault"]) == (before["number"] + 1, "prints")


def test_a_reset_forgets_them(start_firn):
    server = start_firn("--in-memory")
    ask(server.port, head("GET", "/-/vaults"))
    control = Control(server)
    assert control.get("requests")["count"] == 1
    control.post("reset")
    assert control.get("requests")["count"] == 0


# --- How many are kept


def test_ten_are_kept(start_firn):
    server = start_firn("--in-memory", "--journal-size", "10")
    with Glacier(server.port) as connection:
        for number in range(25):
            connection.call("GET", f"/-/vaults/v{number}")
    answer = Control(server).get("requests", limit=100)
    assert answer["count"] == 10
    assert [entry["vault"] for entry in answer["requests"]] == [f"v{number}" for number in range(15, 25)]
    assert numbers(answer["requests"]) == list(range(15, 25))
    assert (answer["dropped"], answer["last_dropped"]) == (15, 14)
    control = Control(server)
    refusal = control.firn("requests", "--count", check=False)
    assert (refusal.returncode, refusal.stdout) == (1, "") and "dropped 15 requests" in refusal.stderr
    assert control.firn("requests", "--count", "--since", 14) == "10\n"
    assert "15 older requests" in control.firn("requests", check=False).stderr
    assert b"firn_journal_dropped_total 15\n" in control.get("metrics")
    control.delete("requests")
    assert control.get("requests") == NONE


def test_none_is_kept(start_firn):
    server = start_firn("--in-memory", "--journal-size", "0")
    assert ask(server.port, head("GET", "/-/vaults")).status == 200
    assert Control(server).get("requests") == NONE | {"dropped": 1, "last_dropped": 0}


def test_how_much_of_the_json_is_kept(start_firn):
    server = start_firn("--in-memory", "--journal-bodies", "10")
    with Glacier(server.port) as connection:
        connection.create_vault("photos")
        connection.call("POST", "/-/vaults/photos/jobs", b'{"Type": "inventory-retrieval"}')
        connection.call("POST", "/-/vaults/photos/archives", DATA, upload_headers(DATA))
    _, job, upload = Control(server).requests()
    assert (job["body"], job["cut"]) == ('{"Type": "', ["body"])
    assert (upload["status"], upload["body"], upload["cut"]) == (201, None, [])
    for size in ("-1", "2MiB", "much"):
        result = run_firn("--in-memory", "--port", "0", "--journal-bodies", size)
        assert result.returncode > 1 and "--journal-bodies" in result.stderr and size in result.stderr


def test_a_size_that_is_none():
    result = run_firn("--in-memory", "--journal-size", "-5", "--port", "0")
    assert result.returncode != 0 and "journal-size" in result.stderr


# --- The command line


def test_requests_on_the_command_line(control, mixed):
    entries, fault = mixed
    assert json.loads(control.firn("requests", "--json")) == NONE | {"count": 8, "requests": entries}
    assert json.loads(control.firn("requests", "show", entries[2]["number"], "--json")) == entries[2]
    assert "header x-amz-glacier-version  2012-06-01\n" in control.firn("requests", "show", entries[2]["request_id"])
    table = control.firn("requests").splitlines()
    assert len(table) == 1 + 8 and "GET /nowhere" in table[-1]
    for entry, line in zip(entries[:-1], table[1:]):
        assert {entry["operation"], str(entry["status"]), entry["request_id"]} <= set(line.split())
    (line,) = control.firn("requests", "--fault", fault).splitlines()[1:]
    assert {"ListJobs", "photos", "400", "ThrottlingException", fault} <= set(line.split())
    assert re.search(r"last 2 of 8", control.firn("requests", "--limit", 2))


def test_counts_on_the_command_line(control, mixed):
    entries, _ = mixed
    assert control.firn("requests", "--count") == "8\n"
    assert control.firn("requests", "--count", "--operation", "List*", "--status", 200) == "2\n"
    assert control.firn("requests", "--count", "--vault", "p*", "--account", "222233334444") == "1\n"
    assert control.firn("requests", "--count", "--limit", 1, "--error", "*NotFound*") == "2\n"
    assert control.firn("requests", "--count", "--since", entries[5]["number"]) == "2\n"
    refusal = control.firn("requests", "--count", "--operation", "DeleteArchiv", check=False)
    assert (refusal.returncode, refusal.stdout) == (1, "") and "DeleteArchive" in refusal.stderr
    control.firn("requests", "clear")
    assert control.firn("requests", "--count") == "0\n"
    assert control.firn("requests") == "no requests\n"
