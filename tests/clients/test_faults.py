"""Faults: what a real client makes of them, what the journal and the rules say, and which rules are refused."""
import concurrent.futures
import http.client
import json
import re
import shlex
import time

import botocore.exceptions
import botocore.retries.standard
import pytest
from botocore.exceptions import ClientError
from control import Control
from glacier_data import MEBIBYTE, Glacier, random_bytes, tree_hash, upload_headers
from raw_http import RawConnection, head
from sdk import client_of
from waiting import wait_for

# What boto3 calls max_attempts: those after the first.
RETRIES = 5
DATA = random_bytes(3 * MEBIBYTE + 5, "faults")
# What boto3 raises when an answer ends too early.
CUT = (botocore.exceptions.IncompleteReadError, botocore.exceptions.ResponseStreamingError,
       botocore.exceptions.ConnectionClosedError)


@pytest.fixture(scope="module")
def firn(start_firn):
    """A server whose jobs are done when InitiateJob returns."""
    return start_firn("--timing", "instant")


@pytest.fixture(scope="module")
def glacier(firn):
    return client_of(firn, retries=RETRIES)


@pytest.fixture
def vault(firn, request):
    name = re.sub(r"\W", "-", request.node.name)[:200]
    with Glacier(firn.port) as connection:
        connection.create_vault(name)
    return name


@pytest.fixture
def control(firn, vault):
    """Without rules and with an empty journal; the vault is there already."""
    surface = Control(firn)
    surface.delete("faults")
    surface.delete("requests")
    yield surface
    # Also after a rule that the contract does not know.
    with Glacier(firn.port) as connection:
        connection.call("DELETE", "/_firn/faults")


@pytest.fixture(autouse=True)
def no_long_waits(monkeypatch):
    """boto3 waits for a random part of 1, 2, 4 and 8 s before it tries again."""
    monkeypatch.setattr(botocore.retries.standard.ExponentialBackoff, "delay_amount", lambda *_: 0.02)


def attempts(control, **filters):
    return [(entry["status"], entry["error"], entry["fault"]) for entry in control.requests(**filters)]


def archive_count(firn, vault):
    with Glacier(firn.port) as connection:
        return connection.call("GET", f"/-/vaults/{vault}")[2]["NumberOfArchives"]


def statuses(port, count, path):
    with Glacier(port) as connection:
        return [connection.call("GET", path)[0].status for _ in range(count)]


def archive_job(glacier, vault, archive_id):
    return glacier.initiate_job(vaultName=vault,
                                jobParameters={"Type": "archive-retrieval", "ArchiveId": archive_id})["jobId"]


def output(glacier, vault, job_id, **options):
    """The bytes of an output, and the checksum that came with them."""
    answer = glacier.get_job_output(vaultName=vault, jobId=job_id, **options)
    return answer["body"].read(), answer.get("checksum")


@pytest.fixture
def retrieved(glacier, control, vault):
    """The id of a job that offers DATA, and no request in the journal."""
    archive_id = glacier.upload_archive(vaultName=vault, body=DATA)["archiveId"]
    job_id = archive_job(glacier, vault, archive_id)
    control.delete("requests")
    return job_id


# --- What a client survives


@pytest.mark.parametrize("code, status", [("ThrottlingException", 400), ("ServiceUnavailableException", 500),
                                          ("RequestTimeoutException", 408)])
def test_a_client_survives_as_many_errors_as_it_has_retries(glacier, control, vault, code, status):
    fault = control.add_fault({"error": code}, operation="DescribeVault", times=RETRIES)
    answer = glacier.describe_vault(vaultName=vault)
    assert (answer["VaultName"], answer["ResponseMetadata"]["RetryAttempts"]) == (vault, RETRIES)
    assert attempts(control) == [(status, code, fault)] * RETRIES + [(200, None, None)]
    assert attempts(control, fault=fault, error=code, status=status) == [(status, code, fault)] * RETRIES
    assert control.standing(fault) == (RETRIES + 1, RETRIES)


def test_a_client_gives_up_in_the_end(glacier, control, vault):
    fault = control.add_fault({"error": "ThrottlingException"})
    with pytest.raises(ClientError) as refusal:
        glacier.describe_vault(vaultName=vault)
    response = refusal.value.response
    assert (response["Error"]["Code"], response["Error"]["Message"]) == ("ThrottlingException", "Rate exceeded")
    assert (response["ResponseMetadata"]["RetryAttempts"], control.standing(fault)) == (5, (6, 6))
    assert attempts(control) == [(400, "ThrottlingException", fault)] * 6


def test_an_error_that_is_not_retried_comes_once(glacier, control, vault):
    control.add_fault({"error": {"code": "PolicyEnforcedException", "message": "Not today"}})
    with pytest.raises(ClientError, match="Not today"):
        glacier.describe_vault(vaultName=vault)
    assert [entry[:2] for entry in attempts(control)] == [(400, "PolicyEnforcedException")]


@pytest.mark.parametrize("effect", [{"error": "ThrottlingException"}, {"error": "ServiceUnavailableException"}])
def test_an_upload_that_is_refused_by_its_head_is_sent_again(firn, glacier, control, vault, effect):
    fault = control.add_fault(effect, operation="UploadArchive", times=2)
    answer = glacier.upload_archive(vaultName=vault, body=DATA)
    assert answer["checksum"] == tree_hash(DATA)
    assert [entry[2] for entry in attempts(control)] == [fault, fault, None]
    assert (archive_count(firn, vault), control.standing(fault)) == (1, (3, 2))


def test_an_upload_survives_time_outs_in_the_middle_of_its_body(firn, glacier, control, vault):
    fault = control.add_fault({"timeout_after_bytes": MEBIBYTE}, operation="Upload*", times=2)
    answer = glacier.upload_archive(vaultName=vault, body=DATA)
    assert answer["checksum"] == tree_hash(DATA)
    assert attempts(control) == [(408, "RequestTimeoutException", fault)] * 2 + [(201, None, None)]
    first, second, last = control.requests()
    assert MEBIBYTE <= first["received_bytes"] < len(DATA) and MEBIBYTE <= second["received_bytes"] < len(DATA)
    assert last["received_bytes"] == len(DATA)
    assert archive_count(firn, vault) == 1


def test_a_part_survives_time_outs_in_the_middle_of_its_body(glacier, control, vault):
    upload = glacier.initiate_multipart_upload(vaultName=vault, partSize=str(4 * MEBIBYTE))["uploadId"]
    fault = control.add_fault({"timeout_after_bytes": 1}, times=1)
    glacier.upload_multipart_part(vaultName=vault, uploadId=upload, range=f"bytes 0-{len(DATA) - 1}/*", body=DATA)
    assert control.standing(fault) == (2, 1)
    parts = glacier.list_parts(vaultName=vault, uploadId=upload)["Parts"]
    assert [part["SHA256TreeHash"] for part in parts] == [tree_hash(DATA)]
    # An upload's body alone counts: neither the listing nor the completion is hit.
    glacier.complete_multipart_upload(vaultName=vault, uploadId=upload, archiveSize=str(len(DATA)),
                                      checksum=tree_hash(DATA))
    assert control.standing(fault) == (2, 1)


def test_a_time_out_comes_at_the_end_of_a_body_that_is_shorter(firn, control, vault):
    control.add_fault({"timeout_after_bytes": 1 << 30})
    with Glacier(firn.port) as connection:
        response = connection.upload(vault, b"short")
    assert response.status == 408
    (entry,) = control.requests(operation="UploadArchive")
    assert (entry["received_bytes"], entry["error"]) == (5, "RequestTimeoutException")
    assert archive_count(firn, vault) == 0


def test_a_reset_connection_before_the_operation(firn, glacier, control, vault):
    fault = control.add_fault({"reset": True}, operation="UploadArchive", times=2)
    assert glacier.upload_archive(vaultName=vault, body=DATA)["ResponseMetadata"]["RetryAttempts"] == 2
    # No answer, and so no error either.
    assert attempts(control) == [(0, None, fault)] * 2 + [(201, None, None)]
    assert [entry["complete"] for entry in control.requests(status=0)] == [False, False]
    assert (archive_count(firn, vault), control.standing(fault)) == (1, (3, 2))


def test_a_reset_connection_after_the_operation(firn, glacier, control, vault):
    fault = control.add_fault({"reset": True, "after": True}, operation="UploadArchive", times=2)
    glacier.upload_archive(vaultName=vault, body=b"three times")
    assert attempts(control, operation="UploadArchive") == [(0, None, fault)] * 2 + [(201, None, None)]
    assert archive_count(firn, vault) == 3


def test_latency_within_the_time_out(glacier, control, vault):
    fault = control.add_fault({"latency": "400ms"}, operation="DescribeVault", times=1)
    start = time.monotonic()
    answer = glacier.describe_vault(vaultName=vault)
    assert 0.4 <= time.monotonic() - start < 5
    assert answer["ResponseMetadata"]["RetryAttempts"] == 0
    (entry,) = wait_for(lambda: [entry for entry in control.requests() if entry["complete"]], 5, "the answer has left")
    assert (entry["status"], entry["fault"]) == (200, fault) and 400 <= entry["duration_ms"] < 5000


def test_latency_beyond_the_time_out_makes_a_second_archive(firn, control, vault):
    fault = control.add_fault({"latency": "1500ms"}, operation="UploadArchive", times=1)
    impatient = client_of(firn, retries=RETRIES, read_timeout=0.4)
    start = time.monotonic()
    assert impatient.upload_archive(vaultName=vault, body=b"twice")["ResponseMetadata"]["RetryAttempts"] == 1
    assert time.monotonic() - start < 1.5
    assert attempts(control, operation="UploadArchive") == [(201, None, fault), (201, None, None)]
    assert archive_count(firn, vault) == 2


def test_throttling_by_rate(firn, control, vault, monkeypatch):
    fault = control.add_fault({"requests_per_second": 5}, operation="DescribeVault", vault=vault)
    start = time.monotonic()
    seen = statuses(firn.port, 12, f"/-/vaults/{vault}")
    may_pass = 5 + 5 * (time.monotonic() - start)
    # A second's worth passes at once, and then only what the rate allows.
    assert seen[:5] == [200] * 5 and 5 <= seen.count(200) <= may_pass + 1 and seen.count(400) >= 4
    assert control.standing(fault) == (12, seen.count(400))
    throttled = control.requests(fault=fault)
    assert {entry["error"] for entry in throttled} == {"ThrottlingException"} and len(throttled) == seen.count(400)

    monkeypatch.setattr(botocore.retries.standard.ExponentialBackoff, "delay_amount", lambda *_: 0.15)
    patient = client_of(firn, retries=RETRIES)
    retries = [patient.describe_vault(vaultName=vault)["ResponseMetadata"]["RetryAttempts"] for _ in range(6)]
    assert sum(retries) > 0
    assert control.standing(fault) == (12 + 6 + sum(retries), seen.count(400) + sum(retries))


# --- Carried out, and the answer lost


@pytest.mark.parametrize("effect", [{"error": "ServiceUnavailableException"}, {"reset": True}])
def test_the_retry_of_an_upload_makes_a_second_archive(firn, glacier, control, vault, effect):
    control.add_fault(effect | {"after": True}, operation="UploadArchive", nth=1)
    kept = glacier.upload_archive(vaultName=vault, body=b"twice")["archiveId"]
    with Glacier(firn.port) as connection:
        archives = [archive["ArchiveId"] for archive in connection.inventory(vault)]
    assert len(set(archives)) == 2 and kept in archives


def test_the_retry_of_a_job_makes_a_second_job(glacier, control, vault):
    glacier.upload_archive(vaultName=vault, body=b"data")
    control.add_fault({"error": "ServiceUnavailableException", "after": True}, operation="InitiateJob", times=1)
    kept = glacier.initiate_job(vaultName=vault, jobParameters={"Type": "inventory-retrieval"})["jobId"]
    jobs = [job["job_id"] for job in control.get("jobs", vault=vault)["jobs"]]
    assert len(jobs) == 2 and kept == jobs[0]


def test_the_retry_of_a_completion_finds_the_archive_of_the_first(firn, glacier, control, vault):
    upload = glacier.initiate_multipart_upload(vaultName=vault, partSize=str(4 * MEBIBYTE))["uploadId"]
    glacier.upload_multipart_part(vaultName=vault, uploadId=upload, range=f"bytes 0-{len(DATA) - 1}/*", body=DATA)
    fault = control.add_fault({"error": "ServiceUnavailableException", "after": True},
                              operation="CompleteMultipartUpload", times=2)
    archive = glacier.complete_multipart_upload(vaultName=vault, uploadId=upload, archiveSize=str(len(DATA)),
                                                checksum=tree_hash(DATA))
    assert attempts(control, operation="Complete*") == [
        (500, "ServiceUnavailableException", fault)] * 2 + [(201, None, None)]
    with Glacier(firn.port) as connection:
        assert [entry["ArchiveId"] for entry in connection.inventory(vault)] == [archive["archiveId"]]


def test_what_may_be_done_twice_is_done_once(firn, glacier, control, vault):
    control.add_fault({"error": "ServiceUnavailableException", "after": True}, operation="CreateVault", nth=1)
    glacier.create_vault(vaultName=vault + "-new")
    assert [entry[0] for entry in attempts(control, operation="CreateVault")] == [500, 201]
    assert statuses(firn.port, 1, f"/-/vaults/{vault}-new") == [200]


def test_an_error_without_after_prevents_the_operation(firn, control, vault):
    control.add_fault({"error": "ServiceUnavailableException"}, operation="CreateVault")
    with pytest.raises(ClientError, match="ServiceUnavailableException"):
        client_of(firn).create_vault(vaultName=vault + "-none")
    assert statuses(firn.port, 1, f"/-/vaults/{vault}-none") == [404]


# --- What a client must notice itself


def test_an_output_that_is_cut(glacier, control, vault, retrieved):
    fault = control.add_fault({"cut_after_bytes": MEBIBYTE}, times=1)
    with pytest.raises(CUT):
        output(glacier, vault, retrieved)
    assert output(glacier, vault, retrieved) == (DATA, tree_hash(DATA))
    first, second = wait_for(lambda: control.requests() if control.requests()[-1]["complete"] else None, 5, "both left")
    assert (first["status"], first["fault"], first["complete"], first["sent_bytes"]) == (200, fault, False, MEBIBYTE)
    assert (second["status"], second["fault"], second["sent_bytes"]) == (200, None, len(DATA))


def test_a_part_of_an_output_that_is_cut_before_its_first_byte(glacier, control, vault, retrieved):
    control.add_fault({"cut_after_bytes": 0}, times=1)
    with pytest.raises(CUT):
        output(glacier, vault, retrieved, range="bytes=10-99")
    assert output(glacier, vault, retrieved, range="bytes=10-99")[0] == DATA[10:100]


def test_a_byte_of_an_output_that_is_inverted(glacier, control, vault, retrieved):
    place = 2 * MEBIBYTE + 7
    control.add_fault({"flip_byte": place}, times=1)
    received, checksum = output(glacier, vault, retrieved)
    wrong = bytes([DATA[place] ^ 0xFF])
    assert received == DATA[:place] + wrong + DATA[place + 1:]
    assert checksum == tree_hash(DATA) != tree_hash(received)
    assert output(glacier, vault, retrieved)[0] == DATA


def test_a_byte_of_a_part_counts_from_the_first_that_is_sent(glacier, control, vault, retrieved):
    control.add_fault({"flip_byte": 3}, times=1)
    assert output(glacier, vault, retrieved, range="bytes=100-109")[0] == (
        DATA[100:103] + bytes([DATA[103] ^ 0xFF]) + DATA[104:110])


def test_a_wrong_checksum(glacier, control, vault, retrieved):
    fault = control.add_fault({"wrong_checksum": True}, times=1)
    received, checksum = output(glacier, vault, retrieved)
    assert received == DATA and checksum != tree_hash(received) and re.fullmatch("[0-9a-f]{64}", checksum)
    assert attempts(control) == [(200, None, fault)]
    assert output(glacier, vault, retrieved) == (DATA, tree_hash(DATA))


def test_a_wrong_checksum_of_an_upload(glacier, control, vault):
    control.add_fault({"wrong_checksum": True}, operation="UploadArchive", times=1)
    assert glacier.upload_archive(vaultName=vault, body=b"data")["checksum"] != tree_hash(b"data")
    assert glacier.upload_archive(vaultName=vault, body=b"data")["checksum"] == tree_hash(b"data")


def test_a_slow_output(glacier, control, vault):
    data = random_bytes(40_000, "slow")
    job_id = archive_job(glacier, vault, glacier.upload_archive(vaultName=vault, body=data)["archiveId"])
    control.add_fault({"bytes_per_second": 80_000}, times=1)
    start = time.monotonic()
    assert output(glacier, vault, job_id) == (data, tree_hash(data))
    assert 0.4 <= time.monotonic() - start < 5


def test_effects_go_together(glacier, control, vault, retrieved):
    control.add_fault({"latency": "300ms", "flip_byte": 0, "wrong_checksum": True}, times=1)
    start = time.monotonic()
    received, checksum = output(glacier, vault, retrieved)
    assert time.monotonic() - start >= 0.3
    assert received == bytes([DATA[0] ^ 0xFF]) + DATA[1:] and checksum not in (tree_hash(DATA), tree_hash(received))


def test_a_job_that_fails_and_one_that_succeeds(start_firn):
    server = start_firn("--timing", "aws", "--clock", "2030-01-01T00:00:00Z", "--in-memory")
    control, glacier = Control(server), client_of(server)
    glacier.create_vault(vaultName="damaged")
    archive_id = glacier.upload_archive(vaultName="damaged", body=DATA)["archiveId"]
    fault = control.add_fault({"job_failure": "the archive is damaged"}, times=1)
    unlucky = archive_job(glacier, "damaged", archive_id)
    lucky = archive_job(glacier, "damaged", archive_id)
    # Until its time has come nobody knows.
    assert glacier.describe_job(vaultName="damaged", jobId=unlucky)["StatusCode"] == "InProgress"
    control.post("clock/advance", {"until": "idle"})
    failed = glacier.describe_job(vaultName="damaged", jobId=unlucky)
    assert (failed["StatusCode"], failed["StatusMessage"], failed["Completed"]) == (
        "Failed", "the archive is damaged", True)
    with pytest.raises(ClientError, match="not currently available"):
        glacier.get_job_output(vaultName="damaged", jobId=unlucky)
    assert glacier.describe_job(vaultName="damaged", jobId=lucky)["StatusCode"] == "Succeeded"
    assert output(glacier, "damaged", lucky) == (DATA, tree_hash(DATA))
    assert [entry["fault"] for entry in control.requests(operation="InitiateJob")] == [fault, None]
    assert control.standing(fault) == (2, 1)


def test_an_answer_of_any_operation_that_is_cut(firn, control, vault):
    fault = control.add_fault({"cut_after_bytes": 5}, operation="DescribeVault", times=1)
    with Glacier(firn.port) as connection, pytest.raises(http.client.IncompleteRead) as cut:
        connection.call("GET", f"/-/vaults/{vault}")
    assert len(cut.value.partial) == 5
    (entry,) = wait_for(lambda: [entry for entry in control.requests() if entry["sent_bytes"]], 5, "it has left")
    assert (entry["status"], entry["fault"], entry["sent_bytes"], entry["complete"]) == (200, fault, 5, False)


def test_slow_answers_do_not_wait_for_each_other(firn, control, vault):
    control.add_fault({"latency": "500ms"}, operation="DescribeVault")
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        seen = sum(pool.map(lambda _: statuses(firn.port, 1, f"/-/vaults/{vault}"), range(16)), [])
        assert statuses(firn.port, 1, "/-/vaults") == [200]
    assert seen == [200] * 16 and time.monotonic() - start < 2.5


@pytest.mark.parametrize("effect", [{"latency": "1h"}, {"bytes_per_second": 1}])
def test_a_server_ends_before_its_slowest_answer(start_firn, effect):
    server = start_firn("--in-memory", "--timing", "instant")
    Control(server).add_fault(effect, operation="GetJobOutput")
    with Glacier(server.port) as connection:
        connection.create_vault("slow")
        archive_id = connection.upload("slow", DATA).getheader("x-amz-archive-id")
        job_id = connection.start_job("slow", Type="archive-retrieval", ArchiveId=archive_id)
    with RawConnection(server.port) as connection:
        connection.send(head("GET", f"/-/vaults/slow/jobs/{job_id}/output"))
        wait_for(lambda: Control(server).standing("f1") == (1, 1), 5, "the request has come")
        start = time.monotonic()
        server.terminate()
        while connection.socket.recv(1 << 16):
            pass
        assert server.wait() == 0 and time.monotonic() - start < 5


def test_rules_outlive_a_restored_snapshot_but_no_reset(start_firn):
    server = start_firn("--in-memory")
    control = Control(server)
    control.put("snapshots/before")
    fault = control.add_fault({"error": "ThrottlingException"}, operation="ListVaults")
    control.post("snapshots/before/restore")
    assert statuses(server.port, 1, "/-/vaults") == [400] and control.standing(fault) == (1, 1)
    control.post("reset")
    assert control.get("faults")["faults"] == [] and statuses(server.port, 1, "/-/vaults") == [200]
    # Ids begin anew, and so do the draws.
    assert control.add_fault({"reset": True}) == fault


# --- Which requests


@pytest.mark.parametrize("rule, hit", [
    ({}, [1, 2, 3, 4, 5, 6]), ({"nth": 3}, [3]), ({"every": 2}, [2, 4, 6]), ({"times": 2}, [1, 2]),
    ({"every": 2, "times": 2}, [2, 4]), ({"nth": 4, "every": 2}, [4]), ({"nth": 3, "every": 2}, []),
    ({"probability": 0}, []), ({"probability": 1}, [1, 2, 3, 4, 5, 6]), ({"probability": 1, "nth": 6}, [6]),
])
def test_how_often_a_rule_fires(firn, control, vault, rule, hit):
    fault = control.add_fault({"error": {"code": "Odd", "status": 418}}, **rule)
    assert statuses(firn.port, 6, f"/-/vaults/{vault}") == [418 if n in hit else 200 for n in range(1, 7)]
    assert control.standing(fault) == (6, len(hit))


def test_times_holds_for_clients_at_once(firn, control, vault):
    fault = control.add_fault({"error": {"code": "Odd", "status": 418}}, times=7)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        seen = sum(pool.map(lambda _: statuses(firn.port, 10, f"/-/vaults/{vault}"), range(8)), [])
    assert seen.count(418) == 7 and control.standing(fault) == (80, 7)


def test_the_seed_decides_whom_a_probability_hits(start_firn):
    seen = []
    for seed in ("one", "one", "two"):
        server = start_firn("--in-memory", "--seed", seed)
        control = Control(server)
        control.add_fault({"error": "ThrottlingException"}, operation="ListVaults", probability=0.3)
        control.add_fault({"error": "ServiceUnavailableException"}, operation="ListVaults", probability=0.3)
        seen.append(statuses(server.port, 60, "/-/vaults"))
        (first, second) = control.get("faults")["faults"]
        assert (first["fired"], second["fired"]) == (seen[-1].count(400), seen[-1].count(500))
    assert seen[0] == seen[1] != seen[2]
    # Far from nothing and from everything, and the two rules are drawn for apart.
    assert all(6 <= run.count(400) <= 33 and 3 <= run.count(500) <= 33 for run in seen)


def test_the_first_rule_that_fires_decides(firn, control, vault):
    first = control.add_fault({"error": {"code": "First", "status": 418}}, nth=2)
    second = control.add_fault({"error": {"code": "Second", "status": 419}}, times=2)
    assert statuses(firn.port, 4, f"/-/vaults/{vault}") == [419, 418, 419, 200]
    assert [entry["fault"] for entry in control.requests()] == [second, first, second, None]


@pytest.mark.parametrize("rule, hit", [
    ({"operation": "DescribeVault", "vault": "log-1"}, ["DescribeVault log-1"]),
    ({"operation": "*Vault*", "vault": "log-?"}, ["DescribeVault log-1", "GetVaultLock log-1"]),
    ({"operation": "List*"}, ["ListVaults", "ListJobs log-1", "ListJobs log-10"]),
    ({"vault": "log-*"}, ["DescribeVault log-1", "DescribeVault log-10", "GetVaultLock log-1", "ListJobs log-1",
                          "ListJobs log-10"]),
    ({"vault": "?*"}, ["DescribeVault log-1", "DescribeVault log-10", "GetVaultLock log-1", "ListJobs log-1",
                       "ListJobs log-10"]),
    ({"operation": "*"}, ["DescribeVault log-1", "DescribeVault log-10", "GetVaultLock log-1", "ListJobs log-1",
                          "ListJobs log-10", "ListVaults"]),
    ({"vault": "LOG-1"}, []),
])
def test_patterns_for_operations_and_vaults(firn, control, rule, hit):
    paths = {"DescribeVault log-1": "/-/vaults/log-1", "DescribeVault log-10": "/-/vaults/log-10",
             "GetVaultLock log-1": "/-/vaults/log-1/lock-policy", "ListJobs log-1": "/-/vaults/log-1/jobs",
             "ListJobs log-10": "/-/vaults/log-10/jobs", "ListVaults": "/-/vaults"}
    fault = control.add_fault({"error": {"code": "Odd", "status": 418}}, **rule)
    assert sorted(name for name, path in paths.items() if statuses(firn.port, 1, path) == [418]) == sorted(hit)
    assert control.standing(fault) == (len(hit), len(hit))


@pytest.mark.parametrize("rule, hit", [
    ({"account": "111122223333"}, [0, 1]), ({"region": "eu-west-1"}, [1, 2]),
    ({"account": "111122223333", "region": "eu-west-1"}, [1]), ({"account": "555566667777"}, [])])
def test_rules_for_an_account_and_a_region(firn, control, rule, hit):
    """Tests that share a server break only their own requests."""
    fault = control.add_fault({"error": {"code": "Odd", "status": 418}}, **rule)
    owners = [("111122223333", "us-east-1"), ("111122223333", "eu-west-1"), ("444455556666", "eu-west-1")]
    for owner in owners:
        try:
            client_of(firn, access_key=owner[0], region=owner[1]).list_vaults()
        except ClientError:
            pass
    assert [place for place, owner in enumerate(owners) if control.requests(
        fault="*", account=owner[0], region=owner[1])] == hit
    assert control.standing(fault) == (len(hit), len(hit))


def test_output_effects_without_an_operation_hit_outputs_alone(firn, control, vault):
    for effect in ({"cut_after_bytes": 0}, {"flip_byte": 0}, {"bytes_per_second": 1}, {"wrong_checksum": True}):
        fault = control.add_fault(effect)
        with Glacier(firn.port) as connection:
            assert connection.call("GET", f"/-/vaults/{vault}")[2]["VaultName"] == vault
        assert control.standing(fault) == (0, 0)


# --- Requests that would have failed anyway


def test_an_upload_without_its_hash_is_hit_all_the_same(firn, control, vault):
    headers = upload_headers(b"data") | {"x-amz-sha256-tree-hash": None}
    fault = control.add_fault({"error": "ThrottlingException"}, operation="UploadArchive", times=1)
    with Glacier(firn.port) as connection:
        codes = [connection.call("POST", f"/-/vaults/{vault}/archives", b"data", headers)[2]["code"] for _ in range(2)]
    assert codes == ["ThrottlingException", "MissingParameterValueException"]
    assert control.standing(fault) == (2, 1)


def test_a_request_of_another_version_is_no_operation_yet(firn, control, vault):
    fault = control.add_fault({"reset": True})
    with Glacier(firn.port) as connection:
        answer = connection.call("GET", f"/-/vaults/{vault}", headers={"x-amz-glacier-version": "2020-01-01"})[2]
        assert answer["code"] == "InvalidParameterValueException"
        assert connection.call("GET", "/nowhere")[2]["code"] == "BadRequest"
    assert control.standing(fault) == (0, 0)


@pytest.mark.parametrize("effect, expected", [
    ({"error": "ServiceUnavailableException"}, (500, "ServiceUnavailableException")),
    ({"error": "ServiceUnavailableException", "after": True}, (500, "ServiceUnavailableException")),
    ({"latency": "50ms"}, (404, "ResourceNotFoundException")),
    ({"timeout_after_bytes": 0}, (404, "ResourceNotFoundException")),
])
def test_a_vault_that_does_not_exist(firn, control, effect, expected):
    fault = control.add_fault(effect, vault="nowhere")
    with Glacier(firn.port) as connection:
        response, _, body = connection.call("POST", "/-/vaults/nowhere/archives", b"data", upload_headers(b"data"))
    assert (response.status, body["code"]) == expected
    assert attempts(control) == [(*expected, fault)]


@pytest.mark.parametrize("after", [False, True])
def test_a_reset_on_a_vault_that_does_not_exist(firn, control, after):
    fault = control.add_fault({"reset": True, "after": after}, vault="nowhere")
    with Glacier(firn.port) as connection, pytest.raises((ConnectionError, OSError)):
        connection.call("GET", "/-/vaults/nowhere")
    (entry,) = control.requests(vault="nowhere")
    assert (entry["status"], entry["fault"], entry["complete"]) == (0, fault, False)


def test_a_job_failure_that_meets_no_job(firn, glacier, control, vault):
    fault = control.add_fault({"job_failure": "lost"})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        archive_job(glacier, vault, "no-such-archive")
    assert control.standing(fault) == (1, 1)
    assert control.get("jobs", vault=vault)["jobs"] == []


# --- The errors themselves


def test_an_error_of_ones_own(firn, control, vault):
    control.add_fault({"error": {"code": "MyException", "status": 503, "message": "Away"}}, nth=1)
    control.add_fault({"error": {"code": "MyException", "status": 400, "message": "Away", "type": "Server"}}, nth=1)
    control.add_fault({"error": {"code": "ThrottlingException", "status": 429}})
    with Glacier(firn.port) as connection:
        answers = [connection.call("GET", f"/-/vaults/{vault}") for _ in range(3)]
    assert [(response.status, body) for response, _, body in answers] == [
        (503, {"code": "MyException", "message": "Away", "type": "Server"}),
        (400, {"code": "MyException", "message": "Away", "type": "Server"}),
        (429, {"code": "ThrottlingException", "message": "Rate exceeded", "type": "Client"})]
    assert all(response.getheader("x-firn-hint") for response, _, _ in answers)


# --- The rules


def test_rules_are_listed_removed_and_cleared(firn, control, vault):
    rules = [{"effect": {"error": {"code": "Odd", "status": 418}}, "operation": "DescribeVault", "times": 2},
             {"effect": {"latency": "1ms"}, "vault": vault},
             {"effect": {"reset": True}, "operation": "DeleteVault", "every": 3, "probability": 0.25}]
    added = [control.post("faults", rule) for rule in rules]
    assert [(fault["rule"], fault["matched"], fault["fired"]) for fault in added] == [(rule, 0, 0) for rule in rules]
    ids = [fault["id"] for fault in added]
    assert len(set(ids)) == 3
    assert statuses(firn.port, 3, f"/-/vaults/{vault}") == [418, 418, 200]
    assert [fault["id"] for fault in control.get("faults")["faults"]] == ids
    assert control.get(f"faults/{ids[2]}") == added[2]
    assert control.delete(f"faults/{ids[2]}")["rule"] == rules[2]
    for method in ("GET", "DELETE"):
        assert control.ask(method, f"faults/{ids[2]}") == (404, {"error": f"there is no fault rule {ids[2]}"})
    cleared = control.delete("faults")["faults"]
    assert [(fault["id"], fault["fired"]) for fault in cleared] == [(ids[0], 2), (ids[1], 1)]
    assert cleared[0]["matched"] == 3
    assert control.get("faults")["faults"] == control.delete("faults")["faults"] == []
    assert statuses(firn.port, 1, f"/-/vaults/{vault}") == [200]


NONSENSE = [
    ({}, "effect"),
    ({"effect": {}}, "effect"),
    ({"effect": "reset"}, "effect"),
    ({"effect": {"reset": True}, "operaton": "X"}, "operaton"),
    ({"effect": {"rest": True}}, "rest"),
    ({"effect": {"reset": True}, "operation": "Uplod*"}, "Uplod*"),
    ({"effect": {"reset": True}, "operation": "uploadArchive"}, "did you mean UploadArchive?"),
    ({"effect": {"reset": True}, "operation": 5}, "operation"),
    ({"effect": {"reset": True}, "nth": 0}, "nth"),
    ({"effect": {"reset": True}, "nth": 1.5}, "nth"),
    ({"effect": {"reset": True}, "every": -1}, "every"),
    ({"effect": {"reset": True}, "times": 0}, "times"),
    ({"effect": {"reset": True}, "times": "once"}, "times"),
    ({"effect": {"reset": True}, "probability": 1.5}, "probability"),
    ({"effect": {"reset": True}, "probability": -0.1}, "probability"),
    ({"effect": {"reset": "yes"}}, "reset"),
    ({"effect": {"error": "NoSuchException"}}, "NoSuchException"),
    ({"effect": {"error": 500}}, "error"),
    ({"effect": {"error": {"status": 500}}}, "code"),
    ({"effect": {"error": {"code": "X"}}}, "status"),
    ({"effect": {"error": {"code": "X", "status": 200}}}, "status"),
    ({"effect": {"error": {"code": "X", "status": 500, "mesage": "x"}}}, "mesage"),
    ({"effect": {"error": {"code": "X", "status": 500, "type": "Sender"}}}, "type"),
    ({"effect": {"latency": "soon"}}, "latency"),
    ({"effect": {"latency": "-1s"}}, "latency"),
    ({"effect": {"latency": "2h"}}, "latency"),
    ({"effect": {"timeout_after_bytes": -1}}, "timeout_after_bytes"),
    ({"effect": {"cut_after_bytes": "all"}}, "cut_after_bytes"),
    ({"effect": {"flip_byte": -1}}, "flip_byte"),
    ({"effect": {"bytes_per_second": 0}}, "bytes_per_second"),
    ({"effect": {"requests_per_second": 0}}, "requests_per_second"),
    ({"effect": {"job_failure": True}}, "job_failure"),
    # Nothing would ever happen.
    ({"effect": {"after": True}}, "after"),
    ({"effect": {"reset": False}}, "effect"),
    ({"effect": {"error": None}}, "error"),
    ({"effect": {"latency": 0.25}}, "latency"),
    ({"effect": {"job_failure": "lost"}, "operation": "DescribeJob"}, "InitiateJob"),
    ({"effect": {"timeout_after_bytes": 5}, "operation": "CreateVault"}, "UploadMultipartPart"),
    ({"effect": {"reset": True}, "vault": "a b"}, "a b"),
    ({"effect": {"reset": True}, "account": "1111*"}, "12 digits"),
    ({"effect": {"reset": True}, "region": "EU"}, "us-east-1"),
    ({"effect": {"error": {"code": "", "status": 500}}}, "code"),
    ([], "object"),
    (b"no json", "JSON"),
    (b"", "JSON"),
]


@pytest.mark.parametrize("rule, word", NONSENSE, ids=[json.dumps(rule) if not isinstance(rule, bytes) else repr(rule)
                                                     for rule, _ in NONSENSE])
def test_a_rule_that_makes_no_sense(firn, rule, word):
    body = rule if isinstance(rule, bytes) else json.dumps(rule)
    with Glacier(firn.port) as connection:
        response, _, answer = connection.call("POST", "/_firn/faults", body)
        kept = connection.call("DELETE", "/_firn/faults")[2]["faults"]
    assert (response.status, kept) == (400, [])
    assert answer.keys() == {"error"} and word in answer["error"]


# --- The command line


README_LINES = """\
firn faults add --error ThrottlingException --operation InitiateJob --times 3
firn faults add --error ServiceUnavailableException --after --nth 2
firn faults add --timeout-after 1048576 --operation Upload*
firn faults add --reset --probability 0.1
firn faults add --cut-after 1000
firn faults add --flip-byte 5
firn faults add --wrong-checksum
firn faults add --trickle 65536
firn faults add --latency 2s
firn faults add --throttle 5
firn faults add --fail-job 'the archive is damaged'
"""


def test_the_rules_of_the_readme(control):
    for line in README_LINES.splitlines():
        control.firn(*shlex.split(line)[1:])
    assert [fault["rule"] for fault in control.get("faults")["faults"]] == [
        {"effect": {"error": "ThrottlingException"}, "operation": "InitiateJob", "times": 3},
        {"effect": {"error": "ServiceUnavailableException", "after": True}, "nth": 2},
        {"effect": {"timeout_after_bytes": 1048576}, "operation": "Upload*"},
        {"effect": {"reset": True}, "probability": 0.1},
        {"effect": {"cut_after_bytes": 1000}}, {"effect": {"flip_byte": 5}}, {"effect": {"wrong_checksum": True}},
        {"effect": {"bytes_per_second": 65536}}, {"effect": {"latency": "2s"}}, {"effect": {"requests_per_second": 5}},
        {"effect": {"job_failure": "the archive is damaged"}}]


def test_faults_on_the_command_line(firn, control, vault):
    added = control.firn("faults", "add", "--error", "ThrottlingException", "--operation", "Describe*", "--times", 2)
    (fault,) = control.get("faults")["faults"]
    assert fault["id"] in added
    assert statuses(firn.port, 3, f"/-/vaults/{vault}") == [400, 400, 200]
    standing = json.loads(control.firn("faults", "--json"))["faults"]
    assert [(rule["id"], rule["matched"], rule["fired"]) for rule in standing] == [(fault["id"], 3, 2)]
    assert control.firn("requests", "--fault", "*", "--count") == "2\n"
    (row,) = [line for line in control.firn("faults", "clear").splitlines() if "Throttling" in line]
    assert row.split()[0] == fault["id"] and {"3", "2"} <= set(row.split())
    assert control.get("faults")["faults"] == []
    refused = control.firn("faults", "add", "--error", "NoSuchException", check=False)
    assert refused.returncode != 0 and "NoSuchException" in refused.stderr
    # Words that are no flags would mislead.
    assert "status" in refused.stderr and "code" not in refused.stderr
    own = control.firn("faults", "add", "--error", "Strange", "--status", 418, "--account", "111122223333", "--region",
                       "eu-west-1")
    assert {"111122223333", "eu-west-1"} <= set(own.split())
    number = own.splitlines()[1].split()[0]
    assert control.firn("faults", "show", number) == own
    refused = control.firn("faults", "show", "f999", check=False)
    assert (refused.returncode, refused.stderr) == (1, "firn: there is no fault rule f999\n")
