"""The AWS command line against firn: the commands of a user's first day, typed as in the documentation.

The tests run in order and share one vault, because each start of `aws` costs most of a second.
"""
import csv
import json
import re
import subprocess
import time

import pytest
from aws_cli import AWS, Aws, at_once
from glacier_data import MEBIBYTE, Glacier, random_bytes, tree_hash
from waiting import patient

# Long enough to see the job in progress even where `aws` starts slowly. Other tests use the time until it is done.
STANDARD_SECONDS = patient(15)
INVENTORY_SECONDS = 1
VAULT_ARN = "arn:aws:glacier:us-east-1:000000000000:vaults/photos"
DESCRIPTION = 'Rome, "summer" of 2012'
TOPIC = "arn:aws:sns:us-east-1:000000000000:jobs"
CONTENT = random_bytes(3 * MEBIBYTE + 5, "aws-cli")


@pytest.fixture(scope="module")
def firn(start_firn):
    return start_firn("--seed", "aws-cli", "--standard", f"{STANDARD_SECONDS}s",
                      "--inventory-job", f"{INVENTORY_SECONDS}s")


@pytest.fixture(scope="module")
def aws(firn, tmp_path_factory):
    return Aws(firn.url, tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="module")
def vault(aws):
    return aws("create-vault", "--vault-name", "photos")


@pytest.fixture(scope="module")
def archive(aws, vault):
    (aws.folder / "archive.bin").write_bytes(CONTENT)
    return aws("upload-archive", "--vault-name", "photos", "--archive-description", DESCRIPTION,
               "--body", "archive.bin")


@pytest.fixture(scope="module")
def archive_job(aws, archive):
    (aws.folder / "job-archive-retrieval.json").write_text(json.dumps({
        "Type": "archive-retrieval", "ArchiveId": archive["archiveId"], "Description": "Retrieve archive",
        "SNSTopic": TOPIC}))
    return aws("initiate-job", "--vault-name", "photos", "--job-parameters", "file://job-archive-retrieval.json")


def completed(aws, job):
    """The description of the job once it is done."""
    end = time.monotonic() + patient(60)
    while time.monotonic() < end:
        description = aws("describe-job", "--vault-name", "photos", f"--job-id={job['jobId']}")
        if description["Completed"]:
            return description
        time.sleep(1)
    pytest.fail(f"the job is not done: {description}")


def test_create_vault_prints_its_location(vault):
    assert vault == {"location": "/000000000000/vaults/photos"}


def test_upload_archive_prints_location_checksum_and_id(archive):
    assert len(archive["archiveId"]) == 138
    assert archive["checksum"] == tree_hash(CONTENT)
    assert archive["location"] == f"/000000000000/vaults/photos/archives/{archive['archiveId']}"


def test_an_archive_job_is_in_progress_first(aws, archive, archive_job):
    job_id = archive_job["jobId"]
    assert len(job_id) == 92
    assert archive_job["location"] == f"/000000000000/vaults/photos/jobs/{job_id}"
    description, refusal = at_once(
        (aws, "describe-job", "--vault-name", "photos", f"--job-id={job_id}"),
        (aws.error, "get-job-output", "--vault-name", "photos", f"--job-id={job_id}", "early.bin"))
    assert (description["StatusCode"], description["Completed"]) == ("InProgress", False)
    assert description["Action"] == "ArchiveRetrieval"
    assert description["ArchiveId"] == archive["archiveId"]
    assert description["ArchiveSizeInBytes"] == len(CONTENT)
    assert description["ArchiveSHA256TreeHash"] == tree_hash(CONTENT)
    assert description["JobDescription"] == "Retrieve archive"
    assert description["SNSTopic"] == TOPIC
    assert description["Tier"] == "Standard"
    assert description["VaultARN"] == VAULT_ARN
    assert "CompletionDate" not in description
    assert refusal == (
        "An error occurred (InvalidParameterValueException) when calling the GetJobOutput operation: "
        f"The job is not currently available for download: {job_id}")


def test_vaults_are_described_and_listed(aws, archive):
    described, listed, refusal = at_once(
        (aws, "describe-vault", "--vault-name", "photos"), (aws, "list-vaults"),
        (aws.error, "describe-vault", "--vault-name", "videos"))
    assert listed["VaultList"] == [described]
    assert described["VaultARN"] == VAULT_ARN
    assert described["VaultName"] == "photos"
    assert described["NumberOfArchives"] == 1
    assert described["SizeInBytes"] == len(CONTENT) + 32_768
    assert refusal.endswith("Vault not found for ARN: arn:aws:glacier:us-east-1:000000000000:vaults/videos")


def test_inventory_in_json(aws, archive):
    job = aws("initiate-job", "--vault-name", "photos", "--job-parameters", '{"Type": "inventory-retrieval"}')
    description = completed(aws, job)
    printed = aws("get-job-output", "--vault-name", "photos", f"--job-id={job['jobId']}", "inventory.json")
    text = (aws.folder / "inventory.json").read_text()
    inventory = json.loads(text)
    assert printed == {"status": 200, "acceptRanges": "bytes", "contentType": "application/json"}
    assert inventory["VaultARN"] == VAULT_ARN
    (entry,) = inventory["ArchiveList"]
    assert entry == {"ArchiveId": archive["archiveId"], "ArchiveDescription": DESCRIPTION,
                     "CreationDate": entry["CreationDate"], "Size": len(CONTENT), "SHA256TreeHash": tree_hash(CONTENT)}
    # The service's inventories are compact, have these keys in this order and no fraction of a second.
    assert text == json.dumps(inventory, separators=(",", ":"))
    assert list(entry) == ["ArchiveId", "ArchiveDescription", "CreationDate", "Size", "SHA256TreeHash"]
    time.strptime(inventory["InventoryDate"], "%Y-%m-%dT%H:%M:%SZ")
    time.strptime(entry["CreationDate"], "%Y-%m-%dT%H:%M:%SZ")
    assert description["InventorySizeInBytes"] == len(text)
    assert description["InventoryRetrievalParameters"]["Format"] == "JSON"


def test_inventory_in_csv(aws, archive):
    job = aws("initiate-job", "--vault-name", "photos", "--job-parameters",
              '{"Type": "inventory-retrieval", "Format": "CSV", "Description": "as a table"}')
    description = completed(aws, job)
    printed = aws("get-job-output", "--vault-name", "photos", f"--job-id={job['jobId']}", "inventory.csv")
    raw = (aws.folder / "inventory.csv").read_bytes()
    assert printed["contentType"] == "text/csv"
    assert description["InventorySizeInBytes"] == len(raw)
    assert description["JobDescription"] == "as a table"
    # A quote inside a field is written \" and is not doubled.
    assert rb',"Rome, \"summer\" of 2012",' in raw
    rows = list(csv.reader(raw.decode().splitlines(), escapechar="\\", doublequote=False))
    assert rows[0] == ["ArchiveId", "ArchiveDescription", "CreationDate", "Size", "SHA256TreeHash"]
    assert [row[:2] + row[3:] for row in rows[1:]] == [
        [archive["archiveId"], DESCRIPTION, str(len(CONTENT)), tree_hash(CONTENT)]]


def test_archive_output_is_the_archive(aws, archive_job):
    description = completed(aws, archive_job)
    assert description["StatusCode"] == "Succeeded"
    assert description["SHA256TreeHash"] == tree_hash(CONTENT)
    output = ("get-job-output", "--vault-name", "photos", f"--job-id={archive_job['jobId']}")
    whole, part = at_once((aws, *output, "copy.bin"), (aws, *output, "--range", "bytes=1048576-2097151", "part.bin"))
    assert (aws.folder / "copy.bin").read_bytes() == CONTENT
    assert whole == {"checksum": tree_hash(CONTENT), "status": 200, "acceptRanges": "bytes",
                     "contentType": "application/octet-stream", "archiveDescription": DESCRIPTION}
    second_mebibyte = CONTENT[MEBIBYTE:2 * MEBIBYTE]
    assert (aws.folder / "part.bin").read_bytes() == second_mebibyte
    assert part == whole | {"checksum": tree_hash(second_mebibyte), "status": 206,
                            "contentRange": f"bytes 1048576-2097151/{len(CONTENT)}"}


def test_list_jobs_and_its_filters(aws, archive_job):
    description = completed(aws, archive_job)
    everything, succeeded, running, refusal = at_once(
        (aws, "list-jobs", "--vault-name", "photos"),
        (aws, "list-jobs", "--vault-name", "photos", "--statuscode", "Succeeded", "--completed", "true"),
        (aws, "list-jobs", "--vault-name", "photos", "--completed", "false"),
        (aws.error, "list-jobs", "--vault-name", "photos", "--statuscode", "finished"))
    assert description in everything["JobList"]
    assert succeeded == everything
    assert running["JobList"] == []
    assert refusal.endswith("The job status code is not valid: finished")


def test_an_archive_id_that_begins_with_a_dash(aws, firn, vault):
    # One id in 64 does. Only --archive-id=-… gets it past the command line's own parser.
    with Glacier(firn.port) as glacier:
        for number in range(1000):
            archive_id = glacier.upload("photos", b"%d" % number).getheader("x-amz-archive-id")
            if archive_id.startswith("-"):
                break
            response, _, _ = glacier.call("DELETE", f"/-/vaults/photos/archives/{archive_id}")
            assert response.status == 204
    assert archive_id.startswith("-")
    assert aws("delete-archive", "--vault-name", "photos", f"--archive-id={archive_id}") is None


def test_a_vault_goes_when_its_archives_are_gone(aws, archive):
    refusal = aws.error("delete-vault", "--vault-name", "photos")
    assert refusal.endswith(f"Vault not empty or recently written to: {VAULT_ARN}")
    assert aws("delete-archive", "--vault-name", "photos", f"--archive-id={archive['archiveId']}") is None
    assert aws("delete-vault", "--vault-name", "photos") is None
    assert aws("list-vaults")["VaultList"] == []


def test_the_endpoint_from_the_environment(aws):
    version = subprocess.run([AWS, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    major, minor = map(int, re.match(r"aws-cli/(\d+)\.(\d+)", version).groups())
    if (major, minor) < ((2, 13) if major >= 2 else (1, 29)):
        pytest.skip(f"AWS_ENDPOINT_URL_GLACIER is too new for {version.split()[0]}")
    assert aws("list-vaults", endpoint=False, AWS_ENDPOINT_URL_GLACIER=aws.url) == {"VaultList": []}
