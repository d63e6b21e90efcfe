"""Every operation through the clients that people use: all subcommands of `aws glacier`, the pages and waiters of
boto3, and a multipart upload as a backup program makes it, with the mistakes that such programs make.
"""
import concurrent.futures
import hashlib
import io
import json
import random
import re
import threading

import pytest
from aws_cli import Aws, at_once
from botocore import xform_name
from botocore.exceptions import ClientError, WaiterError
from botocore.utils import calculate_tree_hash
from glacier_data import MEBIBYTE, Glacier, linear_hash, random_bytes, tree_hash
from operations import operations
from sdk import client_of

TOPIC = "arn:aws:sns:us-east-1:000000000000:jobs"


def arn(vault):
    return f"arn:aws:glacier:us-east-1:000000000000:vaults/{vault}"


@pytest.fixture(scope="module")
def firn(start_firn):
    """A server whose jobs are done when InitiateJob returns."""
    return start_firn("--timing", "instant")


@pytest.fixture(scope="module")
def glacier(firn):
    return client_of(firn)


# --- All subcommands of the command line: one story in chapters that run side by side, each with a vault of its own.


class RecordingAws(Aws):
    """Knows which subcommands have succeeded."""

    def __init__(self, url, folder):
        super().__init__(url, folder)
        self.succeeded = set()

    def __call__(self, command, *arguments, **options):
        output = super().__call__(command, *arguments, **options)
        self.succeeded.add(command)
        return output


def with_vault(vault):
    return "--vault-name", vault


def deny_deletion(vault):
    """In the service's own form, so that it comes back as it was sent."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Sid": "keep-a-year", "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive",
        "Resource": arn(vault), "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}}}]}, separators=(",", ":"))


def tell_of_vaults(aws):
    vault = with_vault("photos")
    assert aws("create-vault", *vault) == {"location": "/000000000000/vaults/photos"}
    described, listed = at_once((aws, "describe-vault", *vault), (aws, "list-vaults"))
    assert (described["VaultName"], described["VaultARN"]) == ("photos", arn("photos"))
    assert (described["NumberOfArchives"], described["SizeInBytes"]) == (0, 0)
    assert described in listed["VaultList"]
    assert aws("delete-vault", *vault) is None
    assert aws("wait vault-not-exists", *vault) is None


def tell_of_notifications(aws):
    vault = with_vault("notified")
    configuration = {"SNSTopic": TOPIC, "Events": ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"]}
    assert aws("set-vault-notifications", *vault,
               "--vault-notification-config", json.dumps(configuration)) is None
    assert aws("get-vault-notifications", *vault) == {"vaultNotificationConfig": configuration}
    assert aws("delete-vault-notifications", *vault) is None
    assert aws.error("get-vault-notifications", *vault) == (
        "An error occurred (ResourceNotFoundException) when calling the GetVaultNotifications operation: "
        f"No notification configuration is set for vault: {arn('notified')}")


def tell_of_an_access_policy(aws):
    vault = with_vault("shared")
    policy = {"Policy": deny_deletion("shared")}
    assert aws("set-vault-access-policy", *vault, "--policy", json.dumps(policy)) is None
    assert aws("get-vault-access-policy", *vault) == {"policy": policy}
    assert aws("delete-vault-access-policy", *vault) is None


def tell_of_a_lock(aws):
    vault = with_vault("locked")
    policy = {"Policy": deny_deletion("locked")}
    start = ("initiate-vault-lock", *vault, "--policy", json.dumps(policy))
    assert len(aws(*start)["lockId"]) == 24
    state = aws("get-vault-lock", *vault)
    assert (state["State"], state["Policy"]) == ("InProgress", policy["Policy"])
    assert state["ExpirationDate"] > state["CreationDate"]
    assert aws("abort-vault-lock", *vault) is None
    lock_id = aws(*start)["lockId"]
    assert aws("complete-vault-lock", *vault, f"--lock-id={lock_id}") is None
    state = aws("get-vault-lock", *vault)
    assert (state["State"], state["Policy"]) == ("Locked", policy["Policy"])
    assert "ExpirationDate" not in state


def tell_of_tags(aws):
    vault = with_vault("tagged")
    assert aws("add-tags-to-vault", *vault, "--tags", "colour=blue,owner=ann") is None
    assert aws("remove-tags-from-vault", *vault, "--tag-keys", "colour", "never-set") is None
    assert aws("list-tags-for-vault", *vault) == {"Tags": {"owner": "ann"}}


def tell_of_an_archive(aws):
    vault, content = with_vault("archives"), random_bytes(2 * MEBIBYTE + 7, "cli archive")
    (aws.folder / "archive.bin").write_bytes(content)
    archive = aws("upload-archive", *vault, "--archive-description", "two and a bit", "--body", "archive.bin")
    archive_id = archive["archiveId"]
    assert archive == {"archiveId": archive_id, "checksum": tree_hash(content),
                       "location": f"/000000000000/vaults/archives/archives/{archive_id}"}
    job = aws("initiate-job", *vault, "--job-parameters",
              json.dumps({"Type": "archive-retrieval", "ArchiveId": archive_id, "Tier": "Expedited"}))
    job_id = f"--job-id={job['jobId']}"
    description, listed, output = at_once(
        (aws, "describe-job", *vault, job_id), (aws, "list-jobs", *vault),
        (aws, "get-job-output", *vault, job_id, "copy.bin"))
    assert (description["StatusCode"], description["ArchiveSizeInBytes"]) == ("Succeeded", len(content))
    assert listed["JobList"] == [description]
    assert (output["status"], output["checksum"]) == (200, tree_hash(content))
    assert output["archiveDescription"] == "two and a bit"
    assert (aws.folder / "copy.bin").read_bytes() == content
    assert aws("delete-archive", *vault, f"--archive-id={archive_id}") is None


def tell_of_a_multipart_upload(aws):
    vault, content = with_vault("multipart"), random_bytes(MEBIBYTE + 9, "cli multipart")
    start = ("initiate-multipart-upload", *vault, "--part-size", str(MEBIBYTE))
    (aws.folder / "first.bin").write_bytes(content[:MEBIBYTE])
    (aws.folder / "last.bin").write_bytes(content[MEBIBYTE:])
    upload, other = at_once((aws, *start, "--archive-description", "in parts"), (aws, *start))
    upload_id, other_id = f"--upload-id={upload['uploadId']}", f"--upload-id={other['uploadId']}"
    assert upload["location"] == f"/000000000000/vaults/multipart/multipart-uploads/{upload['uploadId']}"
    put = ("upload-multipart-part", *vault, upload_id)
    last, first, aborted = at_once(
        (aws, *put, "--body", "last.bin", "--range", f"bytes {MEBIBYTE}-{len(content) - 1}/*"),
        (aws, *put, "--body", "first.bin", "--range", f"bytes 0-{MEBIBYTE - 1}/*"),
        (aws, "abort-multipart-upload", *vault, other_id))
    hashes = [tree_hash(content[:MEBIBYTE]), tree_hash(content[MEBIBYTE:])]
    assert ([first["checksum"], last["checksum"]], aborted) == (hashes, None)
    # Pages that the command puts together have their lists only.
    uploads, parts = at_once((aws, "list-multipart-uploads", *vault),
                             (aws, "list-parts", *vault, upload_id, "--no-paginate"))
    assert [entry["MultipartUploadId"] for entry in uploads["UploadsList"]] == [upload["uploadId"]]
    assert parts["Parts"] == [{"RangeInBytes": f"0-{MEBIBYTE - 1}", "SHA256TreeHash": hashes[0]},
                              {"RangeInBytes": f"{MEBIBYTE}-{len(content) - 1}", "SHA256TreeHash": hashes[1]}]
    assert (parts["ArchiveDescription"], parts["PartSizeInBytes"]) == ("in parts", MEBIBYTE)
    archive = aws("complete-multipart-upload", *vault, upload_id, "--archive-size", str(len(content)),
                  "--checksum", tree_hash(content))
    assert archive["checksum"] == tree_hash(content) and len(archive["archiveId"]) == 138


def tell_of_the_account(aws):
    capacity, unset = at_once((aws, "purchase-provisioned-capacity"), (aws, "get-data-retrieval-policy"))
    (unit,) = aws("list-provisioned-capacity")["ProvisionedCapacityList"]
    assert unit["CapacityId"] == capacity["capacityId"] and unit["ExpirationDate"] > unit["StartDate"]
    assert unset == {"Policy": {"Rules": [{"Strategy": "None"}]}}
    policy = {"Rules": [{"Strategy": "BytesPerHour", "BytesPerHour": 10 << 30}]}
    assert aws("set-data-retrieval-policy", "--policy", json.dumps(policy)) is None
    assert aws("get-data-retrieval-policy") == {"Policy": policy}


CHAPTERS = {
    "vaults": tell_of_vaults, "notified": tell_of_notifications, "shared": tell_of_an_access_policy,
    "locked": tell_of_a_lock, "tagged": tell_of_tags, "archives": tell_of_an_archive,
    "multipart": tell_of_a_multipart_upload, "account": tell_of_the_account,
}


@pytest.fixture(scope="module")
def aws(start_firn, tmp_path_factory):
    server = start_firn("--timing", "instant")
    with Glacier(server.port) as raw:
        for vault in CHAPTERS:
            raw.create_vault(vault)
    return RecordingAws(server.url, tmp_path_factory.mktemp("aws"))


@pytest.fixture(scope="module")
def chapters(aws):
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        return {name: pool.submit(tell, aws) for name, tell in CHAPTERS.items()}


@pytest.mark.parametrize("name", CHAPTERS)
def test_the_command_line(chapters, name):
    chapters[name].result()


def test_the_story_has_every_subcommand(aws, chapters):
    refusal = aws.run("no-such-command").stderr
    offered = set(re.findall(r"[a-z]+(?:-[a-z]+)+", refusal[refusal.index("valid choices are:"):]))
    assert offered == {xform_name(name, "-") for name in operations()}
    assert {command for command in aws.succeeded if " " not in command} == offered


# --- Pages and waiters


def make_jobs(glacier, vault):
    archive_id = glacier.upload_archive(vaultName=vault, body=b"x")["archiveId"]
    return {glacier.initiate_job(vaultName=vault, jobParameters={
        "Type": "archive-retrieval", "ArchiveId": archive_id})["jobId"] for _ in range(120)}, {"vaultName": vault}


def make_uploads(glacier, vault):
    return {glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MEBIBYTE))["uploadId"]
            for _ in range(120)}, {"vaultName": vault}


def make_parts(glacier, vault):
    upload_id = glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MEBIBYTE))["uploadId"]
    places = [number * MEBIBYTE for number in range(120)]
    # A part may be shorter than the part size anywhere: only the completion minds.
    for place in random.Random("places").sample(places, len(places)):
        glacier.upload_multipart_part(vaultName=vault, uploadId=upload_id, range=f"bytes {place}-{place}/*", body=b"x")
    return {f"{place}-{place}" for place in places}, {"vaultName": vault, "uploadId": upload_id}


def make_vaults(glacier, vault):
    names = {vault} | {f"{vault}-{number}" for number in range(24)}
    for name in names:
        glacier.create_vault(vaultName=name)
    return names, {}


@pytest.mark.parametrize("operation, make, result, key, page_size", [
    ("list_jobs", make_jobs, "JobList", "JobId", 50),
    ("list_multipart_uploads", make_uploads, "UploadsList", "MultipartUploadId", 50),
    ("list_parts", make_parts, "Parts", "RangeInBytes", 50),
    ("list_vaults", make_vaults, "VaultList", "VaultName", 10),
], ids=["list_jobs", "list_multipart_uploads", "list_parts", "list_vaults"])
def test_pages(firn, operation, make, result, key, page_size):
    # A region of its own, so that the list of vaults holds no others.
    glacier = client_of(firn, region=f"pages-{operation.replace('_', '-')}-1")
    vault = operation.replace("_", "-")
    glacier.create_vault(vaultName=vault)
    try:
        made, parameters = make(glacier, vault)
        paginator = glacier.get_paginator(operation)
        for asked in (None, 7):
            pages = [[entry[key] for entry in page[result]]
                     for page in paginator.paginate(**parameters, PaginationConfig={"PageSize": asked})]
            full, listed = asked or page_size, sum(pages, [])
            assert len(pages) > 2
            assert [len(page) for page in pages[:-1]] == [full] * (len(pages) - 1) and 0 < len(pages[-1]) <= full
            assert len(listed) == len(set(listed)), "listed twice"
            assert set(listed) == made
            if operation == "list_parts":
                assert listed == sorted(listed, key=lambda text: int(text.split("-")[0]))
    finally:
        glacier.close()


def test_waiters(firn, glacier):
    often = {"Delay": 1, "MaxAttempts": 15}
    exists, is_gone = glacier.get_waiter("vault_exists"), glacier.get_waiter("vault_not_exists")
    with pytest.raises(WaiterError):
        exists.wait(vaultName="awaited", WaiterConfig={"MaxAttempts": 1})
    for act, waiter, other in ((glacier.create_vault, exists, is_gone), (glacier.delete_vault, is_gone, exists)):
        later = threading.Timer(0.3, act, kwargs={"vaultName": "awaited"})
        later.start()
        waiter.wait(vaultName="awaited", WaiterConfig=often)
        later.join()
        with pytest.raises(WaiterError):
            other.wait(vaultName="awaited", WaiterConfig={"MaxAttempts": 1})


# --- Multipart


def put_part(glacier, vault, upload_id, content, number):
    size = MEBIBYTE
    part = content[number * size:(number + 1) * size]
    response = glacier.upload_multipart_part(vaultName=vault, uploadId=upload_id, body=part,
                                             range=f"bytes {number * size}-{number * size + len(part) - 1}/*")
    assert response["checksum"] == tree_hash(part)


def test_a_multipart_upload_by_four_threads(glacier):
    content, vault = random_bytes(24 * MEBIBYTE, "threads"), "four-threads"
    glacier.create_vault(vaultName=vault)
    upload_id = glacier.initiate_multipart_upload(
        vaultName=vault, partSize=str(MEBIBYTE), archiveDescription="by four threads")["uploadId"]
    # Some parts come twice; what came first for one of them was something else.
    put_part(glacier, vault, upload_id, random_bytes(24 * MEBIBYTE, "other"), 5)
    numbers = [*range(24), 3, 5, 5, 17, 23]
    random.Random("order").shuffle(numbers)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: put_part(glacier, vault, upload_id, content, number), numbers))
    parts = glacier.list_parts(vaultName=vault, uploadId=upload_id)["Parts"]
    assert [part["RangeInBytes"] for part in parts] == [
        f"{number * MEBIBYTE}-{(number + 1) * MEBIBYTE - 1}" for number in range(24)]

    complete = {"vaultName": vault, "uploadId": upload_id, "archiveSize": str(len(content)),
                "checksum": tree_hash(content)}
    archive_id = glacier.complete_multipart_upload(**complete)["archiveId"]
    assert glacier.complete_multipart_upload(**complete)["archiveId"] == archive_id
    assert glacier.list_multipart_uploads(vaultName=vault)["UploadsList"] == []

    job_id = glacier.initiate_job(vaultName=vault, jobParameters={
        "Type": "archive-retrieval", "ArchiveId": archive_id})["jobId"]
    size = 4 * MEBIBYTE

    def read(first):
        response = glacier.get_job_output(vaultName=vault, jobId=job_id, range=f"bytes={first}-{first + size - 1}")
        data = response["body"].read()
        assert (response["status"], response["checksum"]) == (206, tree_hash(data))
        assert response["archiveDescription"] == "by four threads"
        return data

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        copy = b"".join(pool.map(read, range(0, len(content), size)))
    assert hashlib.sha256(copy).hexdigest() == hashlib.sha256(content).hexdigest()


# --- Mistakes with the tree hash, and the header that says which one it was


BODY = random_bytes(5 * MEBIBYTE + 11, "mistakes")


def hash_by_chunks(data, size):
    """The tree hash as it would be with leaves of `size` bytes."""
    level = [hashlib.sha256(data[i:i + size]).digest() for i in range(0, len(data), size)]
    while len(level) > 1:
        level = [hashlib.sha256(b"".join(pair)).digest() if len(pair) == 2 else pair[0]
                 for pair in (level[i:i + 2] for i in range(0, len(level), 2))]
    return level[0].hex()


def hash_after_reading(size):
    """What botocore makes of a file that somebody has read from before."""
    file = io.BytesIO(BODY)
    file.read(size)
    return calculate_tree_hash(file)


MISTAKES = {
    "linear hash": (linear_hash(BODY), "linear SHA-256"),
    "hash of nothing": (hash_after_reading(len(BODY)), "hash of nothing"),
    "chunks of 2 MiB": (hash_by_chunks(BODY, 2 * MEBIBYTE), "chunks of 2048 KiB"),
    "chunks of 64 KiB": (hash_by_chunks(BODY, 65536), "chunks of 64 KiB"),
    "not rewound": (hash_after_reading(4096), "without its first 4096 bytes"),
    "something else": (tree_hash(b"something else"), "not the tree hash of the bytes that arrived"),
}


def hint_of(message, call, **parameters):
    """Calls what is to be refused; what the server says about the mistake."""
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    response = refusal.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["Error"] == response["Error"] | {"Code": "InvalidParameterValueException", "Message": message}
    return response["ResponseMetadata"]["HTTPHeaders"]["x-firn-hint"]


@pytest.mark.parametrize("operation", ["upload_archive", "upload_multipart_part"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_wrong_hash_of_an_upload_is_explained(glacier, operation, mistake):
    sent, explanation = MISTAKES[mistake]
    glacier.create_vault(vaultName="mistakes")
    parameters = {"vaultName": "mistakes", "body": BODY, "checksum": sent}
    if operation == "upload_multipart_part":
        upload = glacier.initiate_multipart_upload(vaultName="mistakes", partSize=str(8 * MEBIBYTE))
        parameters |= {"uploadId": upload["uploadId"], "range": f"bytes 0-{len(BODY) - 1}/*"}
    message = f"Checksum mismatch: expected {sent}, computed {tree_hash(BODY)}"
    assert explanation in hint_of(message, getattr(glacier, operation), **parameters)


def test_a_wrong_hash_of_a_completion_is_explained(glacier):
    vault = "wrong-completion"
    glacier.create_vault(vaultName=vault)
    upload_id = glacier.initiate_multipart_upload(vaultName=vault, partSize=str(MEBIBYTE))["uploadId"]
    for number in range(6):
        put_part(glacier, vault, upload_id, BODY, number)
    parts = [hashlib.sha256(BODY[i:i + MEBIBYTE]).digest() for i in range(0, len(BODY), MEBIBYTE)]
    complete = {"vaultName": vault, "uploadId": upload_id, "archiveSize": str(len(BODY))}
    for sent, explanation in (
            (hashlib.sha256(b"".join(parts)).hexdigest(), "one hash over all the parts' hashes"),
            (linear_hash(b""), "hash of nothing"),
            (parts[-1].hex(), "part 6 alone"),
            (linear_hash(BODY), "not the tree hash that the parts combine to")):
        hint = hint_of(f"Invalid x-amz-sha256-tree-hash: {sent}", glacier.complete_multipart_upload,
                       checksum=sent, **complete)
        assert explanation in hint
    # A refusal keeps the upload.
    assert glacier.complete_multipart_upload(checksum=tree_hash(BODY), **complete)["checksum"] == tree_hash(BODY)
