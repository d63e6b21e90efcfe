"""The two load generators: wrk for many small requests, bulk for few large ones."""
import json
import random

from stage import BenchError, compiled, program, run

# Without a function `request` wrk sends the same bytes again and again, which costs it next to nothing.
SCRIPT = """
wrk.method = "{method}"
wrk.headers["x-amz-glacier-version"] = "2012-06-01"
{more}
function done(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format('\\nRESULT {{"requests": %d, "microseconds": %d, "p50_ms": %f, "p99_ms": %f, ' ..
        '"refused": %d, "broken": %d}}\\n', summary.requests, summary.duration,
        latency:percentile(50) / 1000, latency:percentile(99) / 1000,
        errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
"""

# Each thread of wrk knows its number, `me`.
NUMBERED_THREADS = """
local thread_count = 0
function setup(thread)
    thread_count = thread_count + 1
    thread:set("me", thread_count)
end
"""

# Makes every request another question to a server that remembers its answers, by a parameter that nobody looks at.
ANOTHER_EACH_TIME = NUMBERED_THREADS + """local number = 0
function request()
    number = number + 1
    local join = wrk.path:find("?", 1, true) and "&" or "?"
    return wrk.format(nil, wrk.path .. join .. "{run}-" .. me .. "-" .. number)
end
"""


def another_each_time():
    """For Wrk's `functions`; to be made anew for each run."""
    return ANOTHER_EACH_TIME.format(run=f"{random.getrandbits(40):x}")


class Wrk:
    """One kind of request, ready to be sent to any server: over `connections`, from two threads."""

    def __init__(self, stage, seconds, method="GET", headers=None, body=None, functions=""):
        more = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in (headers or {}).items()]
        if body is not None:
            # Of JSON and letters both languages have the same notion.
            more.append(f"wrk.body = {json.dumps(body)}")
        self._seconds = seconds
        self._script = stage.new_directory("wrk") / "script.lua"
        self._script.write_text(SCRIPT.format(method=method, more="\n".join([*more, functions])))

    def run(self, server, path, connections, seconds=None):
        """Requests a second, latencies, processor time of one. Every answer was a success, or this fails."""
        spent = server.processor_seconds()
        output = run(program("wrk"), "-t", min(2, connections), "-c", connections, "-d", f"{seconds or self._seconds}s",
                     "-s", self._script, f"http://127.0.0.1:{server.port}{path}").decode()
        result = json.loads(output.rpartition("RESULT ")[2])
        if result["refused"] or result["broken"] or not result["requests"]:
            raise BenchError(f"{path}: {result['requests']} answers, {result['refused']} of them refusals, "
                             f"{result['broken']} broken connections")
        spent = server.processor_seconds() - spent
        return result | {"per_second": result["requests"] / result["microseconds"] * 1e6,
                         "cost_us": spent / result["requests"] * 1e6}


def bulk(*arguments):
    """See bulk.cpp."""
    return json.loads(run(compiled("bulk"), *arguments))
