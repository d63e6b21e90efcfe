"""firn's control surface, over HTTP and through the command line. Every answer is checked against openapi.json."""
import http.client
import json
import subprocess

from contract import Contract
from firn_server import clean_environment, firn_binary
from waiting import patient

CONTRACT = Contract()


class Control:
    """For one running server (see firn_server.FirnServer)."""

    def __init__(self, server, timeout=patient(60)):
        self._server = server
        self._timeout = timeout

    def ask(self, method, path, body=None, content_type="application/json", **query):
        """Status and answer: parsed JSON, or bytes when the body is not JSON, or None without a body. `path` follows
        /_firn/."""
        target = f"/_firn/{path}" + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if data else {}
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=self._timeout)
        try:
            connection.request(method, target, data, headers)
            response = connection.getresponse()
            raw = response.read()
            kind = response.headers.get("Content-Type", "")
        finally:
            connection.close()
        answer = json.loads(raw) if kind == "application/json" else raw or None
        if response.status < 500 and response.status not in (404, 405):
            CONTRACT.check_answer(CONTRACT.operation_id(method, target), response.status, answer)
        return response.status, answer

    def get(self, path, **query):
        return self._done(*self.ask("GET", path, **query))

    def post(self, path, body=None, **query):
        return self._done(*self.ask("POST", path, body, **query))

    def put(self, path, body=None, **query):
        return self._done(*self.ask("PUT", path, body, **query))

    def delete(self, path, **query):
        return self._done(*self.ask("DELETE", path, **query))

    def add_fault(self, effect, **rule):
        """The id of the new rule."""
        return self.post("faults", {"effect": effect, **rule})["id"]

    def standing(self, fault_id):
        """How often the rule has matched and fired."""
        (found,) = [fault for fault in self.get("faults")["faults"] if fault["id"] == fault_id]
        return found["matched"], found["fired"]

    def requests(self, **filters):
        """The entries of the request journal, oldest first."""
        return self.get("requests", **filters)["requests"]

    def firn(self, *arguments, check=True):
        """Runs `firn` against the server. Returns what it printed, or the whole result with check=False."""
        result = subprocess.run([firn_binary(), *map(str, arguments)], capture_output=True, text=True,
                                timeout=self._timeout, check=False,
                                env=clean_environment(FIRN_ENDPOINT=self._server.url))
        if not check:
            return result
        assert result.returncode == 0, (arguments, result.stderr)
        return result.stdout

    @staticmethod
    def _done(status, answer):
        assert status < 300, (status, answer)
        return answer
