"""openapi.json and the server say the same: what the document allows is not refused as unknown, what it does not allow is
refused, and every status that the server sends is in the document."""
import http.client
import json
import pathlib

import pytest
from contract import FILE, Contract

DOCUMENT = json.loads(pathlib.Path(FILE).read_text(encoding="utf-8"))
CONTRACT = Contract()
OPERATIONS = [(method.upper(), path, operation) for path, methods in DOCUMENT["paths"].items()
              for method, operation in methods.items()]
NAMES = [operation["operationId"] for _, _, operation in OPERATIONS]
# What stands for the parameters of a path: nothing has this name.
ABSENT = "absent"


@pytest.fixture(scope="module")
def server(start_firn):
    return start_firn("--in-memory", "--clock", "2030-01-01T00:00:00Z", "--log-level", "warn")


def resolved(schema):
    return CONTRACT.resolved(schema)


def parameters(operation, place):
    return [parameter for parameter in operation.get("parameters", ()) if parameter["in"] == place]


def ask(server, method, path, query="", body=b"", content_type="application/json"):
    """Status, headers and JSON of an answer, whose status and content the document must know."""
    target = path.replace("{", "").replace("}", "") + query
    for name in ("job_id", "name", "id", "upload_id", "capacity_id"):
        target = target.replace("/" + name, "/" + ABSENT, 1) if "{" + name + "}" in path else target
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    try:
        connection.request(method, target, body, {"Content-Type": content_type} if body else {})
        response = connection.getresponse()
        raw = response.read()
    finally:
        connection.close()
    answer = json.loads(raw) if raw and response.headers["Content-Type"] == "application/json" else None
    operation = DOCUMENT["paths"][path].get(method.lower())
    if operation:
        assert str(response.status) in operation["responses"], (method, target, response.status, answer)
        if answer is not None:
            CONTRACT.check_answer(operation["operationId"], response.status, answer)
    return response.status, response.headers, answer


def body_schema(operation):
    content = operation.get("requestBody", {}).get("content", {})
    return resolved(content["application/json"]["schema"]) if "application/json" in content else None


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=NAMES)
def test_an_unknown_parameter_or_member_is_refused(server, method, path, operation):
    status, _, answer = ask(server, method, path, "?nonsense=1")
    assert status == 400 and "nonsense" in answer["error"], answer
    known = [parameter["name"] for parameter in parameters(operation, "query")]
    assert all(name in answer["error"] for name in known), answer
    if "requestBody" in operation and body_schema(operation) is None:
        return
    status, _, answer = ask(server, method, path, body=b'{"nonsense": 1}')
    assert status == 400 and "nonsense" in answer["error"], (status, answer)
    schema = body_schema(operation) or {}
    known = schema.get("properties", {}) if not schema.get("additionalProperties", True) else {}
    assert all(name in answer["error"] for name in known), answer


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=NAMES)
def test_the_values_of_parameters(server, method, path, operation):
    for parameter in parameters(operation, "query"):
        name, schema = parameter["name"], resolved(parameter["schema"])
        for value in schema.get("enum", ()):
            assert ask(server, method, path, f"?{name}={value}")[0] != 400, (name, value)
        if "enum" in schema or schema.get("type") == "integer":
            for value in ("nonsense", "-1", "1.5", "99999999999999999999"):
                assert ask(server, method, path, f"?{name}={value}")[0] == 400, (name, value)
        for bound, beyond in (("minimum", -1), ("maximum", 1)):
            if bound in schema:
                assert ask(server, method, path, f"?{name}={schema[bound]}")[0] != 400, (name, schema)
                assert ask(server, method, path, f"?{name}={schema[bound] + beyond}")[0] == 400, (name, schema)


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=NAMES)
def test_nothing_is_taken_for_absent(server, method, path, operation):
    """An empty filter would match everything, and a choice that is null would choose everything."""
    for parameter in parameters(operation, "query"):
        name = parameter["name"]
        for query in (f"?{name}=", f"?{name}=1&{name}=1"):
            status, _, answer = ask(server, method, path, query)
            assert status == 400 and name in answer["error"], (query, answer)
    for name in (body_schema(operation) or {}).get("properties", {}):
        status, _, answer = ask(server, method, path, body=json.dumps({name: None}).encode())
        assert status == 400, (name, answer)


@pytest.mark.parametrize("method, path, operation", OPERATIONS, ids=NAMES)
def test_the_types_of_members(server, method, path, operation):
    schema = body_schema(operation)
    if schema is None:
        return
    for text in (b"[]", b"1", b"{", b'"text"'):
        assert ask(server, method, path, body=text)[0] == 400, text
    wrong = {"string": 1, "number": "text", "integer": 1.5, "boolean": "text", "array": {}, "object": []}
    for name, member in schema.get("properties", {}).items():
        member = resolved(member)
        values = ["nonsense"] if "enum" in member else [wrong[member["type"]]] if "type" in member else []
        values += [member["minimum"] - 1] if "minimum" in member else []
        values += [member["exclusiveMinimum"]] if "exclusiveMinimum" in member else []
        values += [member["maximum"] + 1] if "maximum" in member else []
        for value in values:
            assert ask(server, method, path, body=json.dumps({name: value}).encode())[0] == 400, (name, value)


RULES = [
    {"effect": {}}, {"effect": {"after": True}}, {"effect": {"reset": False}}, {"effect": {"wrong_checksum": False}},
    {"effect": {"error": "Invented"}}, {"effect": {"error": {"code": "Invented"}}}, {"effect": {"error": {"status": 500}}},
    {"effect": {"error": {"code": "Invented", "status": 200}}}, {"effect": {"error": {"code": "Invented", "status": 404}}},
    {"effect": {"error": "ThrottlingException", "after": True}}, {"effect": {"error": {"code": "BadRequest"}}},
    {"effect": {"reset": True}}, {"effect": {"flip_byte": 0}}, {"effect": {"requests_per_second": 0}}, {}]


@pytest.mark.parametrize("rule", RULES, ids=json.dumps)
def test_the_document_allows_the_fault_rules_that_the_server_takes(server, rule):
    allowed = CONTRACT.allows(rule, {"$ref": "#/components/schemas/FaultRule"})
    assert ask(server, "POST", "/_firn/faults", body=json.dumps(rule).encode())[0] == (201 if allowed else 400)


def test_the_document_knows_the_errors_of_glacier(server):
    for code in DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"]:
        assert ask(server, "POST", "/_firn/faults", body=json.dumps({"effect": {"error": code}}).encode())[0] == 201
    _, _, answer = ask(server, "POST", "/_firn/faults", body=b'{"effect": {"error": "Invented"}}')
    assert all(code in answer["error"] for code in DOCUMENT["components"]["schemas"]["ErrorCode"]["enum"])


@pytest.mark.parametrize("path", DOCUMENT["paths"])
def test_the_methods_of_a_path(server, path):
    methods = {method.upper() for method in DOCUMENT["paths"][path]}
    for method in {"GET", "PUT", "POST", "DELETE", "PATCH"} - methods:
        status, headers, answer = ask(server, method, path)
        assert (status, set(headers["Allow"].split(", "))) == (405, methods), (method, answer)
    if "GET" in methods:
        assert ask(server, "HEAD", path)[0] == ask(server, "GET", path)[0]


def test_every_operation_tells_who_may_use_it():
    for _, path, operation in OPERATIONS:
        wanted = {"400", "500"} | ({"403"} if path != "/_firn/health" else set())
        assert wanted <= operation["responses"].keys(), path


@pytest.mark.parametrize("target", ["/_firn", "/_firn/", "/_firn/nothing", "/_firn?x=1", "/_firn/jobs/"])
def test_what_is_not_there(server, target):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    connection.request("GET", target)
    response = connection.getresponse()
    assert (response.status, list(json.loads(response.read()))) == (404, ["error"])
    connection.close()
