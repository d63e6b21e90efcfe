"""Checks of requests and answers against the contract of the control surface, openapi.json."""
import json
import pathlib
import re
import urllib.parse

FILE = pathlib.Path(__file__).resolve().parents[2] / "server/control/openapi.json"

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
          "null": type(None)}
_COMPARISONS = {
    "const": lambda value, wanted: value == wanted,
    "enum": lambda value, wanted: value in wanted,
    "minimum": lambda value, limit: value >= limit,
    "maximum": lambda value, limit: value <= limit,
    "exclusiveMinimum": lambda value, limit: value > limit,
    "minProperties": lambda value, limit: len(value) >= limit,
    "maxProperties": lambda value, limit: len(value) <= limit,
}


class Contract:
    def __init__(self):
        self._document = json.loads(FILE.read_text(encoding="utf-8"))
        self._operations = [
            (method.upper(), re.compile(re.sub(r"\\{\w+\\}", "([^/]+)", re.escape(path))), operation)
            for path, methods in self._document["paths"].items() for method, operation in methods.items()]

    def operation_ids(self):
        return {operation["operationId"] for _, _, operation in self._operations}

    def check_request(self, method, target, content_type, body):
        """Asserts that the contract has such a request. Returns operationId, path parameters, query and parsed body."""
        path, _, query_text = target.partition("?")
        matches = [(operation, match) for known, pattern, operation in self._operations
                   if known == method and (match := pattern.fullmatch(path))]
        assert len(matches) == 1, (method, target)
        operation, match = matches[0]
        query = dict(urllib.parse.parse_qsl(query_text, keep_blank_values=True, strict_parsing=bool(query_text)))
        allowed = {field["name"] for field in operation.get("parameters", ()) if field["in"] == "query"}
        assert query.keys() <= allowed, (target, allowed)
        parsed = self._check_body(operation.get("requestBody"), content_type, body)
        return operation["operationId"], [urllib.parse.unquote(part) for part in match.groups()], query, parsed

    def operation_id(self, method, target):
        """Asserts that the contract has such an operation; query and body are not checked."""
        path = target.partition("?")[0]
        (found,) = [operation["operationId"] for known, pattern, operation in self._operations
                    if known == method and pattern.fullmatch(path)]
        return found

    def check_answer(self, operation_id, status, answer):
        operation = next(known for _, _, known in self._operations if known["operationId"] == operation_id)
        response = self.resolved(operation["responses"][str(status)])
        if "content" in response:
            (kind, content), = response["content"].items()
            if kind == "application/json":
                self.check_value(answer, content["schema"])
        else:
            assert answer is None

    def check_value(self, value, schema):
        schema = self.resolved(schema)
        if "anyOf" in schema:
            assert any(self.allows(value, choice) for choice in schema["anyOf"]), (value, schema)
        if "type" in schema:
            assert isinstance(value, _TYPES[schema["type"]]), (value, schema)
            assert schema["type"] == "boolean" or not isinstance(value, bool), (value, schema)
        for name, holds in _COMPARISONS.items():
            assert name not in schema or holds(value, schema[name]), (value, name, schema)
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            assert set(schema.get("required", ())) <= value.keys(), (value, schema)
            assert schema.get("additionalProperties", True) or value.keys() <= properties.keys(), (value, schema)
            for name in value.keys() & properties.keys():
                self.check_value(value[name], properties[name])
        if isinstance(value, list):
            for item in value:
                self.check_value(item, schema.get("items", {}))

    def _check_body(self, wanted, content_type, body):
        if wanted is None or not body:
            assert not body and (wanted is None or not wanted["required"])
            return None
        (kind, content), = wanted["content"].items()
        assert content_type == kind
        if kind != "application/json":
            return body
        parsed = json.loads(body)
        self.check_value(parsed, content["schema"])
        return parsed

    def allows(self, value, schema):
        try:
            self.check_value(value, schema)
        except AssertionError:
            return False
        return True

    def resolved(self, schema):
        if "$ref" not in schema:
            return schema
        found = self._document
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        return found
