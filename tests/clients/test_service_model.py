"""firn against the description of the service that the SDKs are made from: botocore's model of Glacier.

One half compares firn's own list of operations with the model. The other calls each operation through the real client,
which checks what goes out, and then checks what came back, as bytes and as parsed, against the model's output shape.
"""
import json
import re

import botocore.loaders
import pytest
from botocore import xform_name
from glacier_data import MEBIBYTE, tree_hash
from operations import operations
from sdk import client_of

MODEL = botocore.loaders.Loader().load_service_model("glacier", "service-2", "2012-06-01")
SHAPES, OPERATIONS = MODEL["shapes"], MODEL["operations"]
each_operation = pytest.mark.parametrize("name", sorted(OPERATIONS))

TOPIC = "arn:aws:sns:us-east-1:000000000000:jobs"
CONTENT = b"c" * (MEBIBYTE + 1)
FIRST_MEBIBYTE = "bytes=0-1048575"

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LOCATION = re.compile(r"/000000000000/vaults/[\w.-]+(/(archives|jobs|multipart-uploads)/[\w-]+)?")
ID_LENGTHS = {"archiveid": 138, "jobid": 92, "uploadid": 92, "multipartuploadid": 92, "lockid": 24, "capacityid": 24}
PYTHON_TYPES = {"string": str, "integer": int, "long": int, "boolean": bool, "list": list, "map": dict,
                "structure": dict}


# --- What firn says about its operations


@pytest.fixture(scope="module")
def firn_operations():
    return operations()


def body_kind(operation):
    """What the request of an operation carries: `archive`, `json` or `none`.

    A payload member is the body itself. Without one the members that have no place of their own, in the path, the
    query or a header, make up the body together.
    """
    shape = SHAPES[operation["input"]["shape"]]
    if "payload" in shape:
        payload = SHAPES[shape["members"][shape["payload"]]["shape"]]
        return "archive" if payload["type"] == "blob" else "json"
    return "json" if any("location" not in member for member in shape["members"].values()) else "none"


def without_names(uri):
    return re.sub(r"\{[^}]*\}", "{}", uri)


def test_firn_has_the_operations_of_the_model(firn_operations):
    assert set(firn_operations) == set(OPERATIONS)


@each_operation
def test_an_operation_is_listed_as_in_the_model(firn_operations, name):
    listed, http = firn_operations[name], OPERATIONS[name]["http"]
    assert set(listed) == {"name", "method", "uri", "status", "body"}
    assert listed["method"] == http["method"]
    assert without_names(listed["uri"]) == without_names(http["requestUri"])
    assert listed["status"] == http.get("responseCode", 200)
    assert listed["body"] == body_kind(OPERATIONS[name])


# --- What firn answers


class Exchange:
    """The last call that a client made: the parsed response, and status, headers and body as they came."""

    def __init__(self, client):
        client.meta.events.register("after-call.glacier", self._remember)

    def _remember(self, http_response, parsed, model, **_):
        self.operation = model.name
        self.status = http_response.status_code
        self.headers = http_response.headers
        self.parsed = {key: value for key, value in parsed.items() if key != "ResponseMetadata"}
        self.body = parsed["body"].read() if model.has_streaming_output else http_response.content


class Caller:
    """A client with a vault for one operation, and what has to exist before most of them."""

    def __init__(self, client, vault):
        self.client = client
        self.vault = vault
        client.create_vault(vaultName=vault)
        self.policy = json.dumps({"Version": "2012-10-17", "Statement": [{
            "Sid": "keep", "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive",
            "Resource": f"arn:aws:glacier:us-east-1:000000000000:vaults/{vault}",
            "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}}}]})

    def call(self, operation, **parameters):
        """An operation on the vault."""
        return getattr(self.client, xform_name(operation))(vaultName=self.vault, **parameters)

    def set_notifications(self):
        self.call("SetVaultNotifications",
                  vaultNotificationConfig={"SNSTopic": TOPIC, "Events": ["ArchiveRetrievalCompleted"]})

    def set_policy(self):
        self.call("SetVaultAccessPolicy", policy={"Policy": self.policy})

    def lock(self):
        return self.call("InitiateVaultLock", policy={"Policy": self.policy})["lockId"]

    def tag(self):
        self.call("AddTagsToVault", Tags={"colour": "blue", "empty": ""})

    def archive(self):
        return self.call("UploadArchive", archiveDescription="described", body=CONTENT)["archiveId"]

    def upload(self):
        return self.call("InitiateMultipartUpload", archiveDescription="described", partSize=str(MEBIBYTE))["uploadId"]

    def upload_with_part(self):
        upload_id = self.upload()
        self.call("UploadMultipartPart", uploadId=upload_id, range="bytes 0-1048575/*", body=CONTENT[:MEBIBYTE])
        return upload_id

    def archive_job(self):
        return self.call("InitiateJob", jobParameters={
            "Type": "archive-retrieval", "ArchiveId": self.archive(), "Description": "described", "SNSTopic": TOPIC,
            "Tier": "Standard"})["jobId"]

    def inventory_job(self):
        self.archive()
        return self.call("InitiateJob", jobParameters={
            "Type": "inventory-retrieval", "Description": "described", "SNSTopic": TOPIC, "Format": "JSON",
            "InventoryRetrievalParameters": {"Limit": "10"}})["jobId"]

    def list_some(self, operation, prepare, **parameters):
        """The first of several pages: one with a marker."""
        prepare()
        prepare()
        self.call(operation, limit="1", **parameters)


def list_vaults(caller):
    # A name before all others, and an archive so that there is an inventory.
    caller.client.create_vault(vaultName="0")
    caller.client.upload_archive(vaultName="0", body=b"x")
    caller.client.list_vaults(limit="1")


def list_parts(caller):
    upload_id = caller.upload_with_part()
    caller.call("UploadMultipartPart", uploadId=upload_id, range="bytes 1048576-1048576/*", body=b"c")
    caller.call("ListParts", uploadId=upload_id, limit="1")


def list_provisioned_capacity(caller):
    caller.client.purchase_provisioned_capacity()
    caller.client.list_provisioned_capacity()


def set_data_retrieval_policy(caller):
    caller.client.set_data_retrieval_policy(
        Policy={"Rules": [{"Strategy": "BytesPerHour", "BytesPerHour": 10 << 30}]})


def get_data_retrieval_policy(caller):
    set_data_retrieval_policy(caller)
    caller.client.get_data_retrieval_policy()


# The last call of each is the operation of that name.
CALLS = {
    "CreateVault": lambda caller: caller.call("CreateVault"),
    "DescribeVault": lambda caller: (caller.archive(), caller.call("DescribeVault")),
    "ListVaults": list_vaults,
    "DeleteVault": lambda caller: caller.call("DeleteVault"),
    "SetVaultNotifications": Caller.set_notifications,
    "GetVaultNotifications": lambda caller: (caller.set_notifications(), caller.call("GetVaultNotifications")),
    "DeleteVaultNotifications": lambda caller: (caller.set_notifications(), caller.call("DeleteVaultNotifications")),
    "SetVaultAccessPolicy": Caller.set_policy,
    "GetVaultAccessPolicy": lambda caller: (caller.set_policy(), caller.call("GetVaultAccessPolicy")),
    "DeleteVaultAccessPolicy": lambda caller: (caller.set_policy(), caller.call("DeleteVaultAccessPolicy")),
    "InitiateVaultLock": Caller.lock,
    "GetVaultLock": lambda caller: (caller.lock(), caller.call("GetVaultLock")),
    "AbortVaultLock": lambda caller: (caller.lock(), caller.call("AbortVaultLock")),
    "CompleteVaultLock": lambda caller: caller.call("CompleteVaultLock", lockId=caller.lock()),
    "AddTagsToVault": Caller.tag,
    "RemoveTagsFromVault": lambda caller: (caller.tag(), caller.call("RemoveTagsFromVault", TagKeys=["colour"])),
    "ListTagsForVault": lambda caller: (caller.tag(), caller.call("ListTagsForVault")),
    "UploadArchive": Caller.archive,
    "DeleteArchive": lambda caller: caller.call("DeleteArchive", archiveId=caller.archive()),
    "InitiateMultipartUpload": Caller.upload,
    "UploadMultipartPart": Caller.upload_with_part,
    "CompleteMultipartUpload": lambda caller: caller.call(
        "CompleteMultipartUpload", uploadId=caller.upload_with_part(), archiveSize=str(MEBIBYTE),
        checksum=tree_hash(CONTENT[:MEBIBYTE])),
    "AbortMultipartUpload": lambda caller: caller.call("AbortMultipartUpload", uploadId=caller.upload_with_part()),
    "ListParts": list_parts,
    "ListMultipartUploads": lambda caller: caller.list_some("ListMultipartUploads", caller.upload),
    "InitiateJob": Caller.archive_job,
    "DescribeJob": lambda caller: caller.call("DescribeJob", jobId=caller.archive_job()),
    "ListJobs": lambda caller: caller.list_some("ListJobs", caller.inventory_job),
    "GetJobOutput": lambda caller: caller.call("GetJobOutput", jobId=caller.archive_job(), range=FIRST_MEBIBYTE),
    "GetDataRetrievalPolicy": get_data_retrieval_policy,
    "SetDataRetrievalPolicy": set_data_retrieval_policy,
    "ListProvisionedCapacity": list_provisioned_capacity,
    "PurchaseProvisionedCapacity": lambda caller: caller.client.purchase_provisioned_capacity(),
}

ONLY_SELECT_JOBS = {"JobOutputPath", "SelectParameters", "OutputLocation"}
# Members of the output that have no value in the call above: they are null or left out. All others have one.
UNSET = {
    "InitiateJob": {"jobOutputPath"},
    "DescribeJob": ONLY_SELECT_JOBS | {"InventorySizeInBytes", "InventoryRetrievalParameters"},
    "ListJobs": {f"JobList.{member}" for member in ONLY_SELECT_JOBS | {
        "ArchiveId", "ArchiveSizeInBytes", "ArchiveSHA256TreeHash", "RetrievalByteRange", "SHA256TreeHash", "Tier",
        "InventoryRetrievalParameters.StartDate", "InventoryRetrievalParameters.EndDate",
        "InventoryRetrievalParameters.Marker"}},
}


@pytest.fixture(scope="module")
def firn(start_firn):
    return start_firn("--timing", "instant")


def check_text(name, value):
    """The forms that a string has by the name of its member."""
    if name.endswith("Date"):
        assert DATE.fullmatch(value), (name, value)
    if name.lower() == "location":
        assert LOCATION.fullmatch(value), (name, value)
    if name.lower() in ID_LENGTHS:
        assert re.fullmatch(r"[\w-]+", value, re.ASCII) and len(value) == ID_LENGTHS[name.lower()], (name, value)
    if name.lower().endswith(("treehash", "checksum")):
        assert re.fullmatch(r"[0-9a-f]{64}", value), (name, value)


def check_value(operation, shape_name, value, path):
    """A value of the body against its shape. `path` has no indexes: `JobList.JobId`."""
    shape = SHAPES[shape_name]
    assert type(value) is PYTHON_TYPES[shape["type"]], (path, value)
    if shape["type"] == "structure":
        assert set(value) <= set(shape["members"]), path
        for member, reference in shape["members"].items():
            inner = f"{path}.{member}" if path else member
            if inner in UNSET.get(operation, ()):
                assert value.get(member) is None, f"{inner} has a value"
                continue
            assert value.get(member) is not None, f"{inner} is missing"
            check_value(operation, reference["shape"], value[member], inner)
    elif shape["type"] == "list":
        assert value, f"{path} is empty"
        for element in value:
            check_value(operation, shape["member"]["shape"], element, path)
    elif shape["type"] == "map":
        assert value, f"{path} is empty"
        for element in value.values():
            check_value(operation, shape["value"]["shape"], element, path)
    elif shape["type"] == "string":
        check_text(path.split(".")[-1], value)


def without_nulls(value):
    """As the SDK's parser leaves it."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def check_headers(operation, exchange):
    for member, reference in SHAPES[OPERATIONS[operation]["output"]["shape"]]["members"].items():
        if reference.get("location") == "statusCode":
            assert exchange.parsed[member] == exchange.status
        if reference.get("location") != "header":
            continue
        value = exchange.headers.get(reference["locationName"])
        if member in UNSET.get(operation, ()):
            assert value is None and member not in exchange.parsed
            continue
        assert value, f"there is no header {reference['locationName']}"
        assert exchange.parsed[member] == value
        check_text(member, value)


def check_body(operation, exchange):
    """The body is the payload member of the output if there is one, else all members that are in no header."""
    shape_name = OPERATIONS[operation]["output"]["shape"]
    members, payload = SHAPES[shape_name]["members"], SHAPES[shape_name].get("payload")
    if payload is None and all("location" in member for member in members.values()):
        assert exchange.body == (b"{}" if exchange.status in (201, 202) else b"")
        return
    parsed = exchange.parsed
    if payload is not None:
        shape_name, parsed = members[payload]["shape"], parsed[payload]
    if SHAPES[shape_name]["type"] == "blob":
        assert exchange.body == CONTENT[:MEBIBYTE]
        assert exchange.headers["Content-Length"] == str(len(exchange.body))
        return
    assert exchange.headers["Content-Type"] == "application/json"
    body = json.loads(exchange.body)
    check_value(operation, shape_name, body, "")
    assert parsed == without_nulls(body)


def test_each_operation_has_a_call():
    assert set(CALLS) == set(OPERATIONS)


@each_operation
def test_a_response_has_the_shape_of_the_model(firn, name):
    client = client_of(firn)
    exchange = Exchange(client)
    CALLS[name](Caller(client, f"model-{name}"))
    assert exchange.operation == name
    assert exchange.status == (206 if name == "GetJobOutput" else OPERATIONS[name]["http"].get("responseCode", 200))
    assert exchange.headers["x-amzn-RequestId"]
    if "output" not in OPERATIONS[name]:
        assert exchange.body == b"" and exchange.parsed == {}
        return
    check_headers(name, exchange)
    check_body(name, exchange)
