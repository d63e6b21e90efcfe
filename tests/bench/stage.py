"""Where the benchmark plays: a temporary directory beside build/, and the processes that it starts.

Whatever happens, the directory is removed and every process ended; no other process is touched.
"""
import contextlib
import functools
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build"
WAIT_SECONDS_MAX = 120
SMALL_ANSWER = b"0123456789" * 20

NGINX_CONFIG = """
{user}
daemon off;
worker_processes 2;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    # As good as it gets: a ceiling opens its files once.
    open_file_cache max=16;
    keepalive_timeout 600;
    keepalive_requests 1000000000;
    client_body_temp_path {directory};
    proxy_temp_path {directory};
    fastcgi_temp_path {directory};
    uwsgi_temp_path {directory};
    scgi_temp_path {directory};
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {directory}/www; }}
        # The answer to every request of Glacier's API, whatever its method and body.
        location /-/ {{ return 200 "{answer}"; }}
    }}
}}
"""


class BenchError(Exception):
    """Something could not be measured, or what was measured did not do its work."""


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def firn_binary():
    return os.environ.get("FIRN_BINARY", str(BUILD / "release" / "firn"))


def program(name):
    """The path of a program that must be installed."""
    found = shutil.which(name, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
    if found is None:
        raise BenchError(f"{name} is not installed")
    return found


def clean_environment():
    return {name: value for name, value in os.environ.items() if not name.startswith(("FIRN_", "AWS_"))}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, timeout=1800):
    """What a program printed."""
    done = subprocess.run(list(map(str, command)), capture_output=True, timeout=timeout, check=False,
                          env=clean_environment(), start_new_session=True)
    if done.returncode != 0:
        raise BenchError(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout


# What a program measures by itself.
PARTS_OF_FIRN = {"bulk": [ROOT / "storage" / "hash" / f"{name}.cpp" for name in
                          ("content_hash", "sha256", "sha256_pair", "tree_hash")]}


@functools.cache
def compiled(name):
    """A program of this folder, compiled if its sources are newer."""
    program_file = BUILD / "bench" / name
    sources = [HERE / f"{name}.cpp", *PARTS_OF_FIRN.get(name, [])]
    newest = max(source.stat().st_mtime for source in [*sources, *HERE.glob("*.hpp")])
    if not program_file.exists() or program_file.stat().st_mtime < newest:
        program_file.parent.mkdir(parents=True, exist_ok=True)
        # Under a name of its own first: two benchmarks may compile at once.
        fresh = program_file.with_suffix(f".{os.getpid()}")
        compiler = os.environ.get("CXX", "g++")
        run(compiler, "-std=c++20", "-O2", "-pthread", "-I", ROOT, *sources, "-o", fresh, "-lcrypto")
        fresh.rename(program_file)
    return program_file


def wait_for(condition, what, process=None):
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not (value := condition()):
        if process is not None and process.poll() is not None:
            raise BenchError(f"{what}: the process ended with {process.returncode}")
        if time.monotonic() > deadline:
            raise BenchError(f"{what}: not after {WAIT_SECONDS_MAX} s")
        time.sleep(0.005)
    return value


def is_listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


HEALTH = b"GET /_firn/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def is_healthy(port):
    """Whether firn has caught up. It listens before that."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(HEALTH)
            return connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    except OSError:
        return False


class Server:
    """A process that listens."""

    def __init__(self, process, port, data_dir=None):
        self.process = process
        self.port = port
        self.data_dir = data_dir

    def memory_bytes(self, what):
        """VmRSS: now; VmHWM: the most so far."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{what}:\s+(\d+) kB$", status, re.MULTILINE)[1]) << 10

    def processor_seconds(self):
        """Of the process and its children, so far."""
        pids = [self.process.pid]
        children = pathlib.Path(f"/proc/{pids[0]}/task/{pids[0]}/children").read_text()
        stats = [pathlib.Path(f"/proc/{pid}/stat").read_text() for pid in pids + children.split()]
        # User and system time are the 14th and 15th value; the 2nd, a name in parentheses, may hold spaces.
        ticks = sum(int(value) for stat in stats for value in stat.rpartition(")")[2].split()[11:13])
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(WAIT_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise BenchError(f"{self.process.args[0]} did not stop") from None


class Stage:
    def __init__(self, quick):
        self.quick = quick
        BUILD.mkdir(exist_ok=True)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=BUILD))
        self._log_file = self.directory / "firn.log"
        self._processes = []
        self._nginx = None
        self._seeded = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def firn_log(self):
        """The last lines that any firn has logged."""
        text = self._log_file.read_text(errors="replace") if self._log_file.exists() else ""
        return "".join(f"  firn: {line}\n" for line in text.splitlines()[-5:])

    def new_directory(self, name):
        return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.directory))

    def require_disk(self, size_bytes):
        free = shutil.disk_usage(self.directory).free
        if free < size_bytes * 1.2 + (1 << 30):
            raise BenchError(f"needs {size_bytes >> 30} GiB of disk, {free >> 30} GiB are free")

    def spawn(self, *command, **options):
        """In a session of its own: ^C reaches this program alone, which ends the others in order."""
        process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, env=clean_environment(),
                                   start_new_session=True, **options)
        self._processes.append(process)
        return process

    def spawn_firn(self, port, data_dir, *flags):
        """Does not wait. Logs warnings only: the ceilings have no log of requests either."""
        with open(self._log_file, "ab") as log:
            return self.spawn(firn_binary(), "--port", port, "--data-dir", data_dir, "--log-level", "warn", *flags,
                              stdout=subprocess.DEVNULL, stderr=log)

    def firn(self, *flags, data_dir=None):
        data_dir = data_dir or self.new_directory("data")
        port = free_port()
        server = Server(self.spawn_firn(port, data_dir, *flags), port, data_dir)
        wait_for(lambda: is_healthy(port), "firn", server.process)
        return server

    def nginx(self):
        """One for all: it serves /small (200 bytes), whatever else is in `www`, and a constant answer below /-/."""
        if self._nginx is None:
            self.www = self.directory / "www"
            self.www.mkdir(exist_ok=True)
            (self.www / "small").write_bytes(SMALL_ANSWER)
            port = free_port()
            config = self.directory / "nginx.conf"
            config.write_text(NGINX_CONFIG.format(user="user root;" if os.geteuid() == 0 else "", port=port,
                                                  directory=self.directory, answer=SMALL_ANSWER.decode()))
            process = self.spawn(program("nginx"), "-e", self.directory / "nginx.log", "-c", config,
                                 stderr=subprocess.DEVNULL)
            wait_for(lambda: is_listening(port), "nginx", process)
            self._nginx = Server(process, port)
        return self._nginx

    def sink(self):
        data_dir = self.new_directory("sink")
        process = self.spawn(compiled("sink"), data_dir, stdout=subprocess.PIPE)
        return Server(process, int(process.stdout.readline()), data_dir)

    def seeded(self, archives, jobs):
        """A data directory, made once, with a vault `bench` of so many archives and finished jobs."""
        if (archives, jobs) not in self._seeded:
            say(f"seeding {archives:,} archives and {jobs:,} jobs")
            self._seeded[archives, jobs] = self._seed(archives, jobs)
        return self._seeded[archives, jobs]

    def _seed(self, archives, jobs):
        job = {"parameters": {"Type": "archive-retrieval", "ArchiveId": "@first"}, "state": "Succeeded"}
        vault = {"name": "bench", "jobs": [job] * jobs, "archives": [
            {"name": "first", "synthetic": "1KiB"},
            {"synthetic": "1KiB", "count": archives - 1, "description": "archive {n}"}]}
        directory = self.new_directory("seeded")
        document = directory / "seed.json"
        document.write_text(json.dumps({"vaults": [vault]}))
        self.firn("--timing", "instant", "--seed-file", document, data_dir=directory / "data").stop()
        return directory / "data"


class Client:
    """For what is not timed, or takes so long that Python does not matter. Each call has a connection of its own: an
    idle one is closed while a large transfer runs."""

    def __init__(self, port):
        self._port = port

    def call(self, method, path, body=b"", expect=200, **headers):
        """The response, read, and its body."""
        fields = {"x-amz-glacier-version": "2012-06-01"}
        fields |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=WAIT_SECONDS_MAX)
        with contextlib.closing(connection):
            connection.request(method, path, body, fields)
            response = connection.getresponse()
            content = response.read()
        if response.status != expect:
            raise BenchError(f"{method} {path}: {response.status} instead of {expect}: {content[:500]!r}")
        return response, content

    def create_vault(self, name):
        self.call("PUT", f"/-/vaults/{name}", expect=201)

    def start_job(self, vault, **parameters):
        response, _ = self.call("POST", f"/-/vaults/{vault}/jobs", json.dumps(parameters), expect=202)
        return response.getheader("x-amz-job-id")

    def json(self, path):
        return json.loads(self.call("GET", path)[1])
