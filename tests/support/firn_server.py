"""The real firn binary, started for a test on a free port, with all its files in a temporary directory.

FIRN_BINARY names the binary. tests/conftest.py makes `start_firn` and `firn_logs` known to every test: servers end with
their test module, and their log lines are in the report of each test that fails.
"""
import contextlib
import http.client
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading

import pytest
from waiting import patient

START_SECONDS_MAX = patient(20)
STOP_SECONDS_MAX = patient(20)
LOG_LINES_SHOWN = 60

_FIRST_LINE = re.compile(r"^firn listening on http://(\S+):(\d+)\n$")
_FINDING = re.compile(r"(ERROR|WARNING): (Address|Leak|Thread)Sanitizer|: runtime error: ")
_servers = []


def firn_binary():
    return os.environ["FIRN_BINARY"]


def is_sanitized():
    """Whether the binary was built with a sanitizer, which needs much more memory and time."""
    binary = pathlib.Path(firn_binary()).read_bytes()
    return b"__asan_init" in binary or b"__tsan_init" in binary


def clean_environment(**variables):
    """The environment without variables of firn and AWS, which the user who runs the tests may have set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FIRN_", "AWS_"))}
    return kept | variables


def run_firn(*arguments, timeout=20, **variables):
    """Runs firn until it ends: for client commands, and for servers that must not start."""
    return subprocess.run([firn_binary(), *arguments], capture_output=True, text=True, timeout=patient(timeout),
                          env=clean_environment(**variables), check=False)


class FirnServer:
    """One data directory, and the processes that serve it one after the other.

    Flags are those of the command line. Without `data_dir` the data lie in `<directory>/data`; `--in-memory` among the
    flags leaves the data directory out.
    """

    def __init__(self, *flags, data_dir=None, environment=None):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="firn-test-"))
        self.data_dir = pathlib.Path(data_dir or self.directory / "data")
        self.port_file = self.directory / "port"
        self.first_line = None
        self._log_file = self.directory / "stderr"
        self._log_shown = self._log_checked = 0
        self._process = None
        _servers.append(self)
        self.start(*flags, environment=environment)

    def start(self, *flags, environment=None, port=0):
        self.flags = flags
        self.port_file.unlink(missing_ok=True)
        place = [] if "--in-memory" in flags else ["--data-dir", str(self.data_dir)]
        command = [firn_binary(), "--port", str(port), "--port-file", str(self.port_file), *place, *map(str, flags)]
        with open(self._log_file, "ab") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True,
                                             env=clean_environment(**(environment or {})))
        self.first_line = self._read_first_line()
        match = _FIRST_LINE.match(self.first_line)
        if match is None:
            self.kill()
            pytest.fail(f"firn did not start: stdout {self.first_line!r}, stderr {self.log()!r}")
        # The tests use this address, also when the server listens on all addresses.
        self.port = int(match[2])
        self.url = f"http://127.0.0.1:{self.port}"

    def restart(self, *flags):
        """Stops and serves the same data again, with the same flags unless others are given."""
        self.stop()
        self.start(*(flags or self.flags))

    @property
    def pid(self):
        return self._process.pid

    @property
    def exit_code(self):
        """None while the process runs."""
        return self._process.poll()

    def is_running(self):
        return self.exit_code is None

    def terminate(self):
        """SIGTERM, without waiting."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout=STOP_SECONDS_MAX):
        return self._process.wait(timeout)

    def stop(self):
        """SIGTERM; returns the exit code, also that of a process that has ended already."""
        if self.is_running():
            self.terminate()
        try:
            return self.wait()
        finally:
            self._end()

    def kill(self):
        """SIGKILL: firn cannot clean up."""
        self._end()

    def remove(self):
        if self.is_running():
            # SIGTERM first, because a server with --in-memory that is killed leaves its data behind.
            self.terminate()
            try:
                self.wait()
            except subprocess.TimeoutExpired:
                pass
        _servers.remove(self)
        try:
            self._end()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def log(self):
        return self._log_file.read_text(errors="replace")

    def peak_memory_bytes(self):
        """The most memory that the running process has had resident so far."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)[1]) << 10

    def health(self):
        """Status and JSON body of /_firn/health, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patient(10))
        try:
            connection.request("GET", "/_firn/health")
            response = connection.getresponse()
            return response.status, json.load(response)
        finally:
            connection.close()

    def show_new_log(self):
        lines = self.log().splitlines()
        new, self._log_shown = lines[self._log_shown:], len(lines)
        if not new:
            return
        print(f"--- stderr of firn in {self.directory}: last {min(len(new), LOG_LINES_SHOWN)} of {len(new)} lines",
              f"(running: {self.is_running()}, exit code: {self.exit_code})")
        print("\n".join(new[-LOG_LINES_SHOWN:]))

    def _read_first_line(self):
        lines = queue.SimpleQueue()
        stdout = self._process.stdout
        threading.Thread(target=lambda: lines.put(stdout.readline()), daemon=True).start()
        try:
            return lines.get(timeout=START_SECONDS_MAX)
        except queue.Empty:
            self.kill()
            pytest.fail(f"firn said nothing for {START_SECONDS_MAX} s, stderr {self.log()!r}")

    def _end(self):
        if self._process is None:
            return
        if self.is_running():
            self._process.kill()
        self._process.wait(STOP_SECONDS_MAX)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._check_findings()

    def _check_findings(self):
        """Fails on a report of a sanitizer, also when the test does not look at the server any more."""
        log = self.log()
        new, self._log_checked = log[self._log_checked:], len(log)
        assert not _FINDING.search(new), new


@pytest.fixture(scope="module")
def start_firn():
    """Starts servers: `start_firn("--timing", "instant")`. They end with the module at the latest."""
    with contextlib.ExitStack() as started:
        def start(*flags, **options):
            server = FirnServer(*flags, **options)
            started.callback(server.remove)
            return server

        yield start


@pytest.fixture(autouse=True)
def firn_logs():
    """pytest shows what a test printed only when it failed."""
    yield
    for server in _servers:
        server.show_new_log()
