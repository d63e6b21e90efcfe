"""README.md's table of operations says what the binary does.

    python3 tests/clients/test_readme.py --write FIRN_BINARY    makes the table anew

The table stands between `<!-- operations -->` and `<!-- /operations -->`, one row an operation:
`| CreateVault | works |` or `| ListParts | not yet |`.
"""
import os
import pathlib
import re
import sys

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
from firn_server import FirnServer
from glacier_data import Glacier, upload_headers

README = pathlib.Path(__file__).parent.parent.parent / "README.md"
BLOCK = re.compile(r"(?<=<!-- operations -->\n).*?(?=<!-- /operations -->)", re.DOTALL)
ROW = re.compile(r"^\| (\w+) \| ([\w ]+) \|$", re.MULTILINE)

VAULT = "/-/vaults/probe"
UPLOAD = VAULT + "/multipart-uploads"
LOCK = VAULT + "/lock-policy"
ID = "A" * 92
# A request that reaches the operation; how well it does there is of no interest.
OPERATIONS = {
    "CreateVault": ("PUT", VAULT),
    "DescribeVault": ("GET", VAULT),
    "ListVaults": ("GET", "/-/vaults"),
    "DeleteVault": ("DELETE", "/-/vaults/absent"),
    "SetVaultNotifications": ("PUT", VAULT + "/notification-configuration"),
    "GetVaultNotifications": ("GET", VAULT + "/notification-configuration"),
    "DeleteVaultNotifications": ("DELETE", VAULT + "/notification-configuration"),
    "SetVaultAccessPolicy": ("PUT", VAULT + "/access-policy"),
    "GetVaultAccessPolicy": ("GET", VAULT + "/access-policy"),
    "DeleteVaultAccessPolicy": ("DELETE", VAULT + "/access-policy"),
    "InitiateVaultLock": ("POST", LOCK),
    "GetVaultLock": ("GET", LOCK),
    "AbortVaultLock": ("DELETE", LOCK),
    "CompleteVaultLock": ("POST", f"{LOCK}/{ID}"),
    "AddTagsToVault": ("POST", VAULT + "/tags?operation=add"),
    "RemoveTagsFromVault": ("POST", VAULT + "/tags?operation=remove"),
    "ListTagsForVault": ("GET", VAULT + "/tags"),
    "UploadArchive": ("POST", VAULT + "/archives"),
    "DeleteArchive": ("DELETE", f"{VAULT}/archives/{ID}"),
    "InitiateMultipartUpload": ("POST", UPLOAD),
    "UploadMultipartPart": ("PUT", f"{UPLOAD}/{ID}"),
    "CompleteMultipartUpload": ("POST", f"{UPLOAD}/{ID}"),
    "AbortMultipartUpload": ("DELETE", f"{UPLOAD}/{ID}"),
    "ListParts": ("GET", f"{UPLOAD}/{ID}"),
    "ListMultipartUploads": ("GET", UPLOAD),
    "InitiateJob": ("POST", VAULT + "/jobs"),
    "DescribeJob": ("GET", f"{VAULT}/jobs/{ID}"),
    "ListJobs": ("GET", VAULT + "/jobs"),
    "GetJobOutput": ("GET", f"{VAULT}/jobs/{ID}/output"),
    "GetDataRetrievalPolicy": ("GET", "/-/policies/data-retrieval"),
    "SetDataRetrievalPolicy": ("PUT", "/-/policies/data-retrieval"),
    "ListProvisionedCapacity": ("GET", "/-/provisioned-capacity"),
    "PurchaseProvisionedCapacity": ("POST", "/-/provisioned-capacity"),
}
WITH_BYTES = ("UploadArchive", "UploadMultipartPart")


def state_of(glacier, operation):
    method, path = OPERATIONS[operation]
    body, headers = b"", {}
    if operation in WITH_BYTES:
        body, headers = b"x", upload_headers(b"x")
    response, content, error = glacier.call(method, path, body, headers)
    code = error.get("code") if error else None
    # No operation at all answers so: the request above is wrong then.
    assert code != "BadRequest", (operation, content)
    # What is there refuses in Glacier's words or succeeds; it never answers a server error.
    return "not yet" if response.status >= 500 else "works"


def states_of(server):
    with Glacier(server.port) as glacier:
        return {operation: state_of(glacier, operation) for operation in OPERATIONS}


def table_of(states):
    rows = "".join(f"| {operation} | {state} |\n" for operation, state in states.items())
    return f"| operation | firn |\n|---|---|\n{rows}"


def test_the_table_names_what_works(start_firn):
    states = states_of(start_firn())
    assert len(states) == 33
    assert README.is_file(), "there is no README.md"
    block = BLOCK.search(README.read_text())
    assert block, "README.md has no block <!-- operations -->"
    rows = [row for row in ROW.findall(block[0]) if row[0] != "operation"]
    written = dict(rows)
    assert len(rows) == len(written), "an operation has two rows"
    assert written == states, "make the table anew: tests/clients/test_readme.py --write FIRN_BINARY"


def write_table():
    server = FirnServer("--in-memory", "--log-level", "off")
    try:
        table = table_of(states_of(server))
    finally:
        server.stop()
        server.remove()
    text = README.read_text()
    if not BLOCK.search(text):
        sys.exit(f"{README} has no block <!-- operations -->")
    README.write_text(BLOCK.sub(lambda _: table, text))


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--write":
        sys.exit(__doc__)
    os.environ["FIRN_BINARY"] = os.path.abspath(sys.argv[2])
    write_table()
