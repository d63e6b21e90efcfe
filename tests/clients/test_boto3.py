"""boto3 against firn: vaults, archives and jobs, and what a program that uses Glacier relies on."""
import datetime
import json
import threading
import time

import pytest
from botocore.exceptions import ClientError, WaiterError
from glacier_data import MEBIBYTE, Glacier, linear_hash, random_bytes, tree_hash, tree_nodes, upload_headers
from sdk import client_of
from waiting import wait_for

DEFAULT_ACCOUNT = "000000000000"
TOPIC = "arn:aws:sns:us-east-1:000000000000:jobs"
# The archive of the reference's table of checksums: seven leaves, the last one half.
LARGE = random_bytes(13 * MEBIBYTE // 2, "boto3")


@pytest.fixture(scope="module")
def firn(start_firn):
    """A server whose jobs are done when InitiateJob returns."""
    return start_firn("--timing", "instant")


@pytest.fixture(scope="module")
def glacier(firn):
    return client_of(firn)


@pytest.fixture
def vault(glacier, request):
    name = request.node.name.split("[")[0][:200]
    glacier.create_vault(vaultName=name)
    return name


@pytest.fixture(scope="module")
def large(glacier):
    """Vault and id of the archive LARGE."""
    glacier.create_vault(vaultName="large")
    return "large", upload(glacier, "large", LARGE)


def arn(vault, account=DEFAULT_ACCOUNT, region="us-east-1"):
    return f"arn:aws:glacier:{region}:{account}:vaults/{vault}"


def upload(glacier, vault, data, **options):
    return glacier.upload_archive(vaultName=vault, body=data, **options)["archiveId"]


def start_job(glacier, vault, **parameters):
    return glacier.initiate_job(vaultName=vault, jobParameters=parameters)["jobId"]


def describe(glacier, vault, job_id):
    description = glacier.describe_job(vaultName=vault, jobId=job_id)
    del description["ResponseMetadata"]
    return description


def inventory(glacier, vault, **parameters):
    """Description of an inventory job that is done, and the archives that it lists."""
    job_id = start_job(glacier, vault, Type="inventory-retrieval", **parameters)
    output = glacier.get_job_output(vaultName=vault, jobId=job_id)["body"].read()
    return describe(glacier, vault, job_id), json.loads(output)["ArchiveList"]


def date(text):
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.timezone.utc)


def assert_refused(status, code, message, call, *arguments, **options):
    """`message` None: the real service's words are not known."""
    with pytest.raises(ClientError) as refusal:
        call(*arguments, **options)
    response = refusal.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert response["Error"]["Code"] == code
    if message is not None:
        assert response["Error"]["Message"] == message


# --- Vaults


def test_a_vault_from_creation_to_deletion(glacier, vault):
    assert glacier.create_vault(vaultName=vault)["location"] == f"/{DEFAULT_ACCOUNT}/vaults/{vault}"
    description = glacier.describe_vault(vaultName=vault)
    assert (description["VaultARN"], description["VaultName"]) == (arn(vault), vault)
    assert (description["NumberOfArchives"], description["SizeInBytes"]) == (0, 0)
    assert "LastInventoryDate" not in description
    assert abs((date(description["CreationDate"]) - datetime.datetime.now(datetime.timezone.utc)).total_seconds()) < 60

    archive_id = upload(glacier, vault, b"hello")
    filled = glacier.describe_vault(vaultName=vault)
    assert filled["CreationDate"] == description["CreationDate"]
    # Every archive counts 32 KiB more than its bytes.
    assert (filled["NumberOfArchives"], filled["SizeInBytes"]) == (1, 5 + 32_768)

    glacier.create_vault(vaultName=vault)
    again = glacier.describe_vault(vaultName=vault)
    assert (again["CreationDate"], again["NumberOfArchives"]) == (description["CreationDate"], 1)

    assert_refused(400, "InvalidParameterValueException", f"Vault not empty or recently written to: {arn(vault)}",
                   glacier.delete_vault, vaultName=vault)
    glacier.delete_archive(vaultName=vault, archiveId=archive_id)
    assert glacier.delete_vault(vaultName=vault)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert_refused(404, "ResourceNotFoundException", f"Vault not found for ARN: {arn(vault)}",
                   glacier.describe_vault, vaultName=vault)


def test_the_pages_of_the_list_of_vaults(firn):
    glacier = client_of(firn, region="eu-west-1")
    # In the order of their bytes: digits, capitals, small letters.
    names = [f"{letter}-{number}" for letter in ("1", "A", "Z", "a", "z") for number in range(5)]
    for name in reversed(names):
        glacier.create_vault(vaultName=name)
    paginator = glacier.get_paginator("list_vaults")
    pages = [[vault["VaultName"] for vault in page["VaultList"]] for page in paginator.paginate()]
    assert [len(page) for page in pages] == [10, 10, 5]
    assert sum(pages, []) == names
    pages = paginator.paginate(PaginationConfig={"PageSize": 3})
    assert [vault["VaultName"] for page in pages for vault in page["VaultList"]] == names
    # Too large a limit counts as the largest, an empty one as none.
    assert len(glacier.list_vaults(limit="1000")["VaultList"]) == 10
    assert len(glacier.list_vaults(limit="", marker="")["VaultList"]) == 10


def test_waiters(firn, glacier):
    assert_refused(404, "ResourceNotFoundException", None, glacier.describe_vault, vaultName="waited-for")
    often = {"Delay": 1, "MaxAttempts": 15}
    maker = threading.Timer(0.5, lambda: client_of(firn).create_vault(vaultName="waited-for"))
    maker.start()
    glacier.get_waiter("vault_exists").wait(vaultName="waited-for", WaiterConfig=often)
    maker.join()
    with pytest.raises(WaiterError):
        glacier.get_waiter("vault_not_exists").wait(vaultName="waited-for", WaiterConfig={"MaxAttempts": 1})
    glacier.delete_vault(vaultName="waited-for")
    glacier.get_waiter("vault_not_exists").wait(vaultName="waited-for", WaiterConfig=often)


# --- Accounts and regions


def test_an_access_key_of_12_digits_is_an_account(firn):
    ours, others = client_of(firn, "111122223333"), client_of(firn, "444455556666")
    assert ours.create_vault(vaultName="private")["location"] == "/111122223333/vaults/private"
    archive_id = upload(ours, "private", b"ours")
    assert ours.describe_vault(vaultName="private", accountId="111122223333")["VaultARN"] == arn(
        "private", "111122223333")
    assert [vault["VaultName"] for vault in ours.list_vaults()["VaultList"]] == ["private"]
    assert others.list_vaults()["VaultList"] == []
    assert_refused(404, "ResourceNotFoundException",
                   f"Vault not found for ARN: {arn('private', '444455556666')}",
                   others.describe_vault, vaultName="private")
    others.create_vault(vaultName="private")
    assert others.describe_vault(vaultName="private")["NumberOfArchives"] == 0
    assert_refused(404, "ResourceNotFoundException", None, start_job, others, "private",
                   Type="archive-retrieval", ArchiveId=archive_id)


def test_an_account_of_somebody_else_is_refused(firn):
    ours = client_of(firn, "111122223333")
    for call, options in ((ours.list_vaults, {}), (ours.create_vault, {"vaultName": "v"}),
                          (ours.describe_vault, {"vaultName": "v"})):
        assert_refused(403, "AccessDeniedException", "Access denied for account ID: 444455556666",
                       call, accountId="444455556666", **options)


def test_regions_are_apart(firn):
    here, there = client_of(firn, region="ap-south-1"), client_of(firn, region="cn-north-1")
    here.create_vault(vaultName="regional")
    assert there.list_vaults()["VaultList"] == []
    assert_refused(404, "ResourceNotFoundException",
                   "Vault not found for ARN: arn:aws-cn:glacier:cn-north-1:000000000000:vaults/regional",
                   there.describe_vault, vaultName="regional")


# --- Archives


def test_an_upload_returns_the_tree_hash(glacier, vault):
    data = random_bytes(3 * MEBIBYTE + 5, "upload")
    response = glacier.upload_archive(vaultName=vault, archiveDescription="three and a bit", body=data)
    assert response["checksum"] == tree_hash(data)
    assert len(response["archiveId"]) == 138
    assert response["location"] == f"/{DEFAULT_ACCOUNT}/vaults/{vault}/archives/{response['archiveId']}"
    same_again = glacier.upload_archive(vaultName=vault, body=data)
    assert same_again["archiveId"] != response["archiveId"]

    output = glacier.get_job_output(
        vaultName=vault,
        jobId=start_job(glacier, vault, Type="archive-retrieval", ArchiveId=response["archiveId"]))
    assert output["body"].read() == data
    assert output["archiveDescription"] == "three and a bit"
    assert output["checksum"] == tree_hash(data)


def test_deleting_an_archive_twice_succeeds(glacier, vault):
    archive_id = upload(glacier, vault, b"gone soon")
    for _ in range(2):
        response = glacier.delete_archive(vaultName=vault, archiveId=archive_id)
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert inventory(glacier, vault)[1] == []
    assert glacier.describe_vault(vaultName=vault)["NumberOfArchives"] == 0


def test_an_output_outlives_its_archive(glacier, vault):
    archive_id = upload(glacier, vault, LARGE)
    job_id = start_job(glacier, vault, Type="archive-retrieval", ArchiveId=archive_id)
    glacier.delete_archive(vaultName=vault, archiveId=archive_id)
    assert glacier.get_job_output(vaultName=vault, jobId=job_id)["body"].read() == LARGE


# --- Jobs


def test_a_job_of_the_instant_profile_is_done_at_once(glacier, vault):
    archive_id = upload(glacier, vault, b"hello")
    job_id = start_job(glacier, vault, Type="archive-retrieval", ArchiveId=archive_id, Description="now",
                       SNSTopic=TOPIC, Tier="Bulk")
    assert len(job_id) == 92
    description = describe(glacier, vault, job_id)
    assert date(description.pop("CompletionDate")) >= date(description.pop("CreationDate"))
    assert description == {
        "Action": "ArchiveRetrieval", "ArchiveId": archive_id, "ArchiveSHA256TreeHash": tree_hash(b"hello"),
        "ArchiveSizeInBytes": 5, "Completed": True, "JobDescription": "now", "JobId": job_id,
        "RetrievalByteRange": "0-4", "SHA256TreeHash": tree_hash(b"hello"), "SNSTopic": TOPIC,
        "StatusCode": "Succeeded", "StatusMessage": "Succeeded", "Tier": "Bulk", "VaultARN": arn(vault)}

    description, entries = inventory(glacier, vault, Description="all of it")
    assert description.pop("CompletionDate") and description.pop("CreationDate") and description.pop("JobId")
    assert description.pop("InventorySizeInBytes") > 0
    assert description == {
        "Action": "InventoryRetrieval", "Completed": True, "InventoryRetrievalParameters": {"Format": "JSON"},
        "JobDescription": "all of it", "StatusCode": "Succeeded", "StatusMessage": "Succeeded",
        "VaultARN": arn(vault)}
    assert [entry["ArchiveId"] for entry in entries] == [archive_id]


def test_the_pages_of_the_list_of_jobs(glacier, vault):
    assert glacier.list_jobs(vaultName=vault)["JobList"] == []
    archive_id = upload(glacier, vault, b"x")
    started = [start_job(glacier, vault, Type="archive-retrieval", ArchiveId=archive_id) for _ in range(120)]
    paginator = glacier.get_paginator("list_jobs")
    pages = [[job["JobId"] for job in page["JobList"]] for page in paginator.paginate(vaultName=vault)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert sum(pages, []) == started[::-1]
    pages = paginator.paginate(vaultName=vault, completed="true", statuscode="Succeeded",
                               PaginationConfig={"PageSize": 17})
    assert [job["JobId"] for page in pages for job in page["JobList"]] == started[::-1]
    assert glacier.list_jobs(vaultName=vault, statuscode="Failed")["JobList"] == []
    first = glacier.list_jobs(vaultName=vault, limit="1")["JobList"][0]
    assert first == describe(glacier, vault, started[-1])


def test_a_job_runs_before_it_is_done(start_firn):
    server = start_firn("--expedited", "1s", "--standard", "1h", "--inventory-job", "1h")
    glacier = client_of(server)
    glacier.create_vault(vaultName="v")
    archive_id = upload(glacier, "v", b"hello")
    slow = start_job(glacier, "v", Type="archive-retrieval", ArchiveId=archive_id)
    listing = start_job(glacier, "v", Type="inventory-retrieval")
    quick = start_job(glacier, "v", Type="archive-retrieval", ArchiveId=archive_id, Tier="Expedited")
    for job_id in (slow, listing):
        description = describe(glacier, "v", job_id)
        assert (description["StatusCode"], description["Completed"]) == ("InProgress", False)
        assert "CompletionDate" not in description and "InventorySizeInBytes" not in description
        assert_refused(400, "InvalidParameterValueException",
                       f"The job is not currently available for download: {job_id}",
                       glacier.get_job_output, vaultName="v", jobId=job_id)
    done = wait_for(lambda: glacier.list_jobs(vaultName="v", completed="true")["JobList"], 20, "the quick job")
    assert [job["JobId"] for job in done] == [quick]
    running = glacier.list_jobs(vaultName="v", statuscode="InProgress")["JobList"]
    assert [job["JobId"] for job in running] == [listing, slow]
    assert glacier.list_jobs(vaultName="v", statuscode="InProgress", completed="true")["JobList"] == []
    assert date(done[0]["CompletionDate"]) - date(done[0]["CreationDate"]) == datetime.timedelta(seconds=1)


# --- Checksums of outputs


def checked_range(glacier, vault, job_id, first, end, size):
    """Reads bytes first…end-1 of an output of `size` bytes; the content and the checksum, None when there is none."""
    response = glacier.get_job_output(vaultName=vault, jobId=job_id, range=f"bytes={first}-{end - 1}")
    assert response["status"] == 206
    assert response["contentRange"] == f"bytes {first}-{end - 1}/{size}"
    assert response["acceptRanges"] == "bytes"
    return response["body"].read(), response.get("checksum")


def test_checksums_of_parts_of_a_whole_archive(glacier, large):
    vault, archive_id = large
    job_id = start_job(glacier, vault, Type="archive-retrieval", ArchiveId=archive_id)
    whole = glacier.get_job_output(vaultName=vault, jobId=job_id)
    assert (whole["status"], whole["checksum"]) == (200, tree_hash(LARGE))
    assert whole["body"].read() == LARGE
    # Exactly the ranges that make up one node of the tree have a checksum: all 28 of whole MiB are tried.
    nodes = tree_nodes(LARGE)
    for first in range(7):
        for end in range(first + 1, 8):
            end_byte = min(end * MEBIBYTE, len(LARGE))
            content, checksum = checked_range(glacier, vault, job_id, first * MEBIBYTE, end_byte, len(LARGE))
            assert content == LARGE[first * MEBIBYTE:end_byte]
            assert checksum == (nodes[first, end].hex() if (first, end) in nodes else None), (first, end)
    for first, end in ((0, 1), (0, MEBIBYTE - 1), (1, MEBIBYTE + 1), (1, len(LARGE)), (0, len(LARGE) - 1),
                       (4 * MEBIBYTE, len(LARGE) - 1)):
        content, checksum = checked_range(glacier, vault, job_id, first, end, len(LARGE))
        assert (content, checksum) == (LARGE[first:end], None), (first, end)


@pytest.mark.parametrize("first, end", [(4, 7), (2, 4), (6, 7)])
def test_checksums_of_an_aligned_range_job(glacier, large, first, end):
    vault, archive_id = large
    first_byte, end_byte = first * MEBIBYTE, min(end * MEBIBYTE, len(LARGE))
    retrieved = LARGE[first_byte:end_byte]
    nodes = tree_nodes(LARGE)
    job_id = start_job(glacier, vault, Type="archive-retrieval", ArchiveId=archive_id,
                       RetrievalByteRange=f"{first_byte}-{end_byte - 1}")
    description = describe(glacier, vault, job_id)
    assert description["RetrievalByteRange"] == f"{first_byte}-{end_byte - 1}"
    assert description["SHA256TreeHash"] == nodes[first, end].hex() == tree_hash(retrieved)
    assert description["ArchiveSHA256TreeHash"] == tree_hash(LARGE)
    assert description["ArchiveSizeInBytes"] == len(LARGE)
    whole = glacier.get_job_output(vaultName=vault, jobId=job_id)
    assert (whole["status"], whole["checksum"], whole["body"].read()) == (200, nodes[first, end].hex(), retrieved)
    # The place in the archive decides, not the one in the output.
    for part in range(first, end):
        for part_end in range(part + 1, end + 1):
            content, checksum = checked_range(
                glacier, vault, job_id, part * MEBIBYTE - first_byte,
                min(part_end * MEBIBYTE, len(LARGE)) - first_byte, len(retrieved))
            assert content == LARGE[part * MEBIBYTE:part_end * MEBIBYTE]
            expected = nodes[part, part_end].hex() if (part, part_end) in nodes else None
            assert checksum == expected, (part, part_end)


def test_checksums_of_a_range_job_that_is_not_aligned(glacier, large):
    vault, archive_id = large
    retrieved = LARGE[MEBIBYTE:4 * MEBIBYTE]
    job_id = start_job(glacier, vault, Type="archive-retrieval", ArchiveId=archive_id,
                       RetrievalByteRange=f"{MEBIBYTE}-{4 * MEBIBYTE - 1}")
    description = describe(glacier, vault, job_id)
    assert "SHA256TreeHash" not in description
    assert description["ArchiveSHA256TreeHash"] == tree_hash(LARGE)
    whole = glacier.get_job_output(vaultName=vault, jobId=job_id)
    assert "checksum" not in whole and whole["body"].read() == retrieved
    for first, end in ((0, 1), (1, 3), (0, 3)):
        content, checksum = checked_range(glacier, vault, job_id, first * MEBIBYTE, end * MEBIBYTE, len(retrieved))
        assert (content, checksum) == (retrieved[first * MEBIBYTE:end * MEBIBYTE], None)


@pytest.mark.parametrize("format_", ["JSON", "CSV"])
def test_inventories_have_no_checksum(glacier, large, format_):
    vault, _ = large
    job_id = start_job(glacier, vault, Type="inventory-retrieval", Format=format_)
    whole = glacier.get_job_output(vaultName=vault, jobId=job_id)
    content = whole["body"].read()
    assert "checksum" not in whole
    assert whole["contentType"] == {"JSON": "application/json", "CSV": "text/csv"}[format_]
    part, checksum = checked_range(glacier, vault, job_id, 5, 20, len(content))
    assert (part, checksum) == (content[5:20], None)


@pytest.mark.parametrize("range_", ["1-1048575", "0-1048576", "0-999999999", "1048576-0", "-1", "x", "0-",
                                    "99999999999999999999999-99999999999999999999999"])
def test_retrieval_ranges_that_are_refused(glacier, large, range_):
    vault, archive_id = large
    assert_refused(400, "InvalidParameterValueException", None, start_job, glacier, vault,
                   Type="archive-retrieval", ArchiveId=archive_id, RetrievalByteRange=range_)


def test_ranges_of_outputs_that_are_not_plain(glacier, large):
    vault, archive_id = large
    job_id = start_job(glacier, vault, Type="archive-retrieval", ArchiveId=archive_id)
    # What cannot be understood is ignored.
    for range_ in ("bytes 0-4194303/235812776", "0-100/493", "lines=1-2"):
        response = glacier.get_job_output(vaultName=vault, jobId=job_id, range=range_)
        assert response["status"] == 200
        assert response["body"].read() == LARGE
    for range_ in (f"bytes={len(LARGE)}-{len(LARGE)}", "bytes=8388608-12582911"):
        assert_refused(400, "InvalidParameterValueException",
                       f"The start of the range is larger than size of retrieved data: {range_}",
                       glacier.get_job_output, vaultName=vault, jobId=job_id, range=range_)


# --- Inventories


def test_an_empty_vault_has_an_empty_inventory(glacier, vault):
    description, entries = inventory(glacier, vault)
    assert entries == []
    assert description["StatusCode"] == "Succeeded"


def test_an_inventory_in_pages(glacier, vault):
    archives = [upload(glacier, vault, b"%d" % number, archiveDescription=f"number {number}") for number in range(7)]
    listed, marker = [], None
    for page_size in (3, 3, 1):
        parameters = {"Limit": "3"} | ({"Marker": marker} if marker else {})
        description, entries = inventory(glacier, vault, InventoryRetrievalParameters=parameters)
        assert len(entries) == page_size
        assert description["InventoryRetrievalParameters"]["Limit"] == "3"
        listed += [entry["ArchiveId"] for entry in entries]
        marker = description["InventoryRetrievalParameters"].get("Marker")
    assert marker is None
    assert sorted(listed) == sorted(archives)
    # A limit that all fit into leaves no page over.
    for limit in ("7", "8"):
        description, entries = inventory(glacier, vault, InventoryRetrievalParameters={"Limit": limit})
        assert len(entries) == 7
        assert "Marker" not in description["InventoryRetrievalParameters"]


def test_an_inventory_between_two_dates(glacier, vault):
    early = [upload(glacier, vault, b"early") for _ in range(2)]
    time.sleep(1.1)
    late = [upload(glacier, vault, b"late") for _ in range(2)]
    dates = {entry["ArchiveId"]: entry["CreationDate"] for entry in inventory(glacier, vault)[1]}
    # Dates of an inventory are cut to seconds, so this one lies after `early` and not after `late`.
    between = dates[late[0]]

    def ids(**parameters):
        return {entry["ArchiveId"]
                for entry in inventory(glacier, vault, InventoryRetrievalParameters=parameters)[1]}

    assert ids(StartDate=between) == set(late)
    assert ids(EndDate=between) == set(early)
    assert ids(StartDate="2012-01-01T00:00:00Z", EndDate="2212-01-01T00:00:00Z") == set(early + late)
    assert ids(StartDate=between, EndDate=between) == set()
    assert ids(StartDate="2212-01-01T00:00:00Z") == set()
    assert len(ids(StartDate=between, Limit="1")) == 1


def test_glaciers_own_timing_has_no_inventory_of_a_new_vault(start_firn):
    glacier = client_of(start_firn("--timing", "aws"))
    glacier.create_vault(vaultName="fresh")
    refusal = (404, "ResourceNotFoundException",
               f"Inventory retrieval jobs for vault {arn('fresh')} cannot be initiated yet, as Amazon Glacier has not "
               "yet generated an initial inventory for this vault.",
               start_job, glacier, "fresh")
    assert_refused(*refusal, Type="inventory-retrieval")
    archive_id = upload(glacier, "fresh", b"hello")
    assert_refused(*refusal, Type="inventory-retrieval")
    # The counters are those of the last inventory, and a recent write keeps the vault.
    assert glacier.describe_vault(vaultName="fresh")["NumberOfArchives"] == 0
    glacier.delete_archive(vaultName="fresh", archiveId=archive_id)
    assert_refused(400, "InvalidParameterValueException", f"Vault not empty or recently written to: {arn('fresh')}",
                   glacier.delete_vault, vaultName="fresh")
    glacier.create_vault(vaultName="never-written-to")
    glacier.delete_vault(vaultName="never-written-to")


# --- Errors


def test_errors_of_names_that_are_not_there(glacier, vault):
    absent = f"Vault not found for ARN: {arn('absent')}"
    job, archive = "J" * 92, "A" * 138
    for call, options in (
            (glacier.describe_vault, {}), (glacier.list_jobs, {}), (glacier.describe_job, {"jobId": job}),
            (glacier.get_job_output, {"jobId": job}), (glacier.delete_archive, {"archiveId": archive}),
            (glacier.upload_archive, {"body": b"x"}),
            (glacier.initiate_job, {"jobParameters": {"Type": "inventory-retrieval"}})):
        assert_refused(404, "ResourceNotFoundException", absent, call, vaultName="absent", **options)
    for call in (glacier.describe_job, glacier.get_job_output):
        assert_refused(404, "ResourceNotFoundException", f"The job ID was not found: {job}", call,
                       vaultName=vault, jobId=job)
    assert_refused(404, "ResourceNotFoundException", None, start_job, glacier, vault,
                   Type="archive-retrieval", ArchiveId=archive)
    # Where the ARN stands otherwise comes an impossible name itself.
    assert_refused(404, "ResourceNotFoundException", "Vault not found for ARN: testz:z",
                   glacier.describe_vault, vaultName="testz:z")
    assert_refused(400, "InvalidParameterValueException", None, glacier.create_vault, vaultName="bad name!")
    assert_refused(400, "InvalidParameterValueException", None, glacier.create_vault, vaultName="n" * 256)


def test_an_archive_of_another_vault(glacier, vault):
    glacier.create_vault(vaultName="another")
    archive_id = upload(glacier, "another", b"x")
    message = f"Invalid vault name: {arn(vault)}"
    assert_refused(400, "InvalidParameterValueException", message, glacier.delete_archive, vaultName=vault,
                   archiveId=archive_id)
    assert_refused(400, "InvalidParameterValueException", message, start_job, glacier, vault,
                   Type="archive-retrieval", ArchiveId=archive_id)


def test_errors_of_uploads(glacier, vault):
    for checksum in ("0" * 64, "0" * 32):
        assert_refused(400, "InvalidParameterValueException",
                       f"Checksum mismatch: expected {checksum:0>64}, computed {tree_hash(b'x')}",
                       glacier.upload_archive, vaultName=vault, body=b"x", checksum=checksum)
    assert_refused(400, "InvalidParameterValueException", "Invalid x-amz-sha256-tree-hash: 000",
                   glacier.upload_archive, vaultName=vault, body=b"x", checksum="000")
    assert_refused(400, "InvalidParameterValueException", "Invalid Content-Length: 0",
                   glacier.upload_archive, vaultName=vault, body=b"")
    assert_refused(400, "InvalidParameterValueException", None, glacier.upload_archive, vaultName=vault, body=b"x",
                   archiveDescription="d" * 1025)
    assert glacier.describe_vault(vaultName=vault)["NumberOfArchives"] == 0


def test_errors_of_job_parameters(glacier, vault):
    archive_id = upload(glacier, vault, b"x")
    assert_refused(400, "MissingParameterValueException", "Required parameter missing: type",
                   glacier.initiate_job, vaultName=vault, jobParameters={})
    assert_refused(400, "MissingParameterValueException", None, start_job, glacier, vault, Type="archive-retrieval")
    invalid = (
        {"Type": "banana"}, {"Type": "select"},
        {"Type": "archive-retrieval", "ArchiveId": archive_id, "Tier": "Warp"},
        {"Type": "inventory-retrieval", "ArchiveId": archive_id},
        {"Type": "inventory-retrieval", "RetrievalByteRange": "0-1048575"},
        {"Type": "inventory-retrieval", "Format": "XML"},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"Limit": "0"}},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"Limit": "-1"}},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"Limit": "many"}},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"Marker": "nonsense"}},
        {"Type": "inventory-retrieval", "InventoryRetrievalParameters": {"StartDate": "yesterday"}},
        {"Type": "inventory-retrieval", "Description": "d" * 1025},
    )
    for parameters in invalid:
        assert_refused(400, "InvalidParameterValueException", None, start_job, glacier, vault, **parameters)
    assert glacier.list_jobs(vaultName=vault)["JobList"] == []


def test_errors_of_lists(glacier, vault):
    assert_refused(400, "InvalidParameterValueException", "The job status code is not valid: finished",
                   glacier.list_jobs, vaultName=vault, statuscode="finished")
    assert_refused(400, "InvalidParameterValueException", None, glacier.list_jobs, vaultName=vault, completed="maybe")
    for limit in ("0", "-1", "ten"):
        assert_refused(400, "InvalidParameterValueException", None, glacier.list_vaults, limit=limit)
        assert_refused(400, "InvalidParameterValueException", None, glacier.list_jobs, vaultName=vault, limit=limit)
    for options in ({"marker": "nonsense"}, {"marker": "arn:aws:glacier:us-east-1:444455556666:vaults/v"}):
        assert_refused(400, "InvalidParameterValueException", None, glacier.list_vaults, **options)


def test_errors_that_no_sdk_provokes(firn, glacier, vault):
    archives, jobs = f"/-/vaults/{vault}/archives", f"/-/vaults/{vault}/jobs"
    good = upload_headers(b"x")
    version = {"x-amz-glacier-version": None}
    cases = [
        # None: what the real service says is not known.
        ("GET", "/-/vaults", b"", version, 400, "MissingParameterValueException",
         "Required parameter missing: API version"),
        ("POST", jobs, b"", {}, 400, "MissingParameterValueException", "Required parameter missing: Job Parameters"),
        ("POST", jobs, b"{}", {}, 400, "MissingParameterValueException", "Required parameter missing: type"),
        ("POST", jobs, b'{"Type":', {}, 400, "SerializationException", "SerializationException"),
        ("POST", jobs, b'{"Type":1}', {}, 400, "SerializationException", "SerializationException"),
        ("POST", jobs, b"[]", {}, 400, "SerializationException", "SerializationException"),
        ("POST", archives, b"x", good | {"x-amz-content-sha256": linear_hash(b"y")}, 403, None,
         "The value passed in as x-amz-content-sha256 does not match the computed payload hash. "
         f"Computed digest: {linear_hash(b'x')} expected hash: {linear_hash(b'y')}"),
        ("POST", archives, b"x", good | {"x-amz-content-sha256": None}, 400, "MissingParameterValueException", None),
        ("POST", archives, b"x", good | {"x-amz-sha256-tree-hash": None}, 400, "MissingParameterValueException", None),
        ("POST", archives, b"", good | {"Content-Length": "38505164800"}, 400, "InvalidParameterValueException",
         "Invalid Content-Length: 38505164800"),
    ]
    for method, path, body, headers, status, code, message in cases:
        with Glacier(firn.port) as raw:
            response, content, error = raw.call(method, path, body, headers)
        where = (method, path, headers, content)
        assert response.status == status, where
        assert response.getheader("Content-Type") == "application/json", where
        assert response.getheader("x-amzn-RequestId"), where
        assert set(error) == {"code", "message", "type"} and error["type"] == "Client", where
        assert code in (None, error["code"]) and message in (None, error["message"]), where
        # Compact, as from the service.
        assert b'":"' in content and b'": "' not in content and b'", "' not in content, where


# --- A restart in the middle of a job


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_does_not_delay_a_job(start_firn, end):
    server = start_firn("--standard", "4s", "--inventory-job", "4s")
    glacier = client_of(server)
    glacier.create_vault(vaultName="v")
    data = random_bytes(MEBIBYTE + 1, "restart")
    archive_id = upload(glacier, "v", data)
    jobs = {start_job(glacier, "v", Type="archive-retrieval", ArchiveId=archive_id),
            start_job(glacier, "v", Type="inventory-retrieval")}
    getattr(server, end)()
    server.start(*server.flags)
    glacier = client_of(server)
    assert {job["JobId"] for job in glacier.list_jobs(vaultName="v", statuscode="InProgress")["JobList"]} == jobs
    wait_for(lambda: len(glacier.list_jobs(vaultName="v", completed="true")["JobList"]) == 2, 20, "the jobs are done")
    for job in glacier.list_jobs(vaultName="v")["JobList"]:
        assert job["StatusCode"] == "Succeeded"
        assert date(job["CompletionDate"]) - date(job["CreationDate"]) == datetime.timedelta(seconds=4)
        output = glacier.get_job_output(vaultName="v", jobId=job["JobId"])["body"].read()
        assert output == data if job["Action"] == "ArchiveRetrieval" else archive_id.encode() in output


def test_a_job_that_fell_due_while_firn_was_down(start_firn):
    server = start_firn("--standard", "1s")
    glacier = client_of(server)
    glacier.create_vault(vaultName="v")
    archive_id = upload(glacier, "v", b"hello")
    job_id = start_job(glacier, "v", Type="archive-retrieval", ArchiveId=archive_id)
    server.kill()
    time.sleep(1.5)
    # Durations of the new command line are for new jobs.
    server.start("--standard", "1h")
    glacier = client_of(server)
    job = wait_for(lambda: (job := describe(glacier, "v", job_id))["Completed"] and job, 20, "the job is done")
    assert date(job["CompletionDate"]) - date(job["CreationDate"]) == datetime.timedelta(seconds=1)
    assert glacier.get_job_output(vaultName="v", jobId=job_id)["body"].read() == b"hello"
