"""The operations of the API, as firn lists them."""
import json

from firn_server import run_firn


def operations():
    """{name: its row of `firn operations --json`}"""
    result = run_firn("operations", "--json")
    assert result.returncode == 0, result.stderr
    listed = json.loads(result.stdout)
    by_name = {operation["name"]: operation for operation in listed}
    assert len(by_name) == len(listed), "an operation is listed twice"
    return by_name
