"""README.md's table of operations says what the program does.

    python3 tests/clients/test_readme.py --write FIRN_BINARY    makes the table anew

The table is between `<!-- operations -->` and `<!-- /operations -->`, one row for each operation:
`| CreateVault | works |` or `| ListParts | not yet |`.
"""
import json
import os
import pathlib
import re
import sys

if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
from documents import README, text_of
from firn_server import FirnServer, run_firn
from glacier_data import Glacier, upload_headers

BLOCK = re.compile(r"(?<=<!-- operations -->\n).*?(?=<!-- /operations -->)", re.DOTALL)
NAMES = {"account": "-", "vault": "probe"}
ID = "A" * 92


def state_of(glacier, operation):
    path = re.sub(r"\{(\w+)\}", lambda match: NAMES.get(match[1], ID), operation["uri"])
    body, headers = b"", {}
    if operation["body"] == "archive":
        body, headers = b"x", upload_headers(b"x")
    response, content, error = glacier.call(operation["method"], path, body, headers)
    # A request that is no operation would get this code.
    assert not error or error.get("code") != "BadRequest", (operation, content)
    # An operation that exists succeeds, or refuses in Glacier's words. It never answers with a server error.
    return "not yet" if response.status >= 500 else "works"


def table_of(server):
    operations = json.loads(run_firn("operations", "--json").stdout)
    assert len(operations) == 33
    with Glacier(server.port) as glacier:
        rows = "".join(f"| {each['name']} | {state_of(glacier, each)} |\n" for each in operations)
    return f"| operation | firn |\n|---|---|\n{rows}"


def test_the_table_names_what_works(start_firn):
    block = BLOCK.search(text_of(README))
    assert block, "README.md has no block <!-- operations -->"
    assert block[0] == table_of(start_firn()), "make the table anew: tests/clients/test_readme.py --write FIRN_BINARY"


def write_table():
    server = FirnServer("--in-memory", "--log-level", "off")
    try:
        table = table_of(server)
    finally:
        server.stop()
        server.remove()
    text = text_of(README)
    if not BLOCK.search(text):
        sys.exit(f"{README} has no block <!-- operations -->")
    README.write_text(BLOCK.sub(lambda _: table, text), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] != "--write":
        sys.exit(__doc__)
    os.environ["FIRN_BINARY"] = os.path.abspath(sys.argv[2])
    write_table()
