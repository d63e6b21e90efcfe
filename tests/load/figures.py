"""What a running server uses, as the kernel counts it."""
import contextlib
import dataclasses
import os
import pathlib
import re
import resource
import threading

# What a shell of Debian starts programs with, and so what most users give firn.
USUAL_DESCRIPTORS = 1024


@dataclasses.dataclass
class Figures:
    memory_bytes: int
    descriptors: int  # sockets and files of clients
    threads: int


def _open_files(server):
    for entry in os.scandir(f"/proc/{server.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            yield os.readlink(entry.path)


def _belongs_to_a_client(name):
    """Not the database, whose readers are kept for the next ones, nor the event loops: a few for each thread."""
    return "/firn.db" not in name and not name.startswith("anon_inode:")


def figures_of(server):
    status = pathlib.Path(f"/proc/{server.pid}/status").read_text()
    return Figures(int(re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)[1]) << 10,
                   sum(_belongs_to_a_client(name) for name in _open_files(server)),
                   int(re.search(r"^Threads:\s+(\d+)$", status, re.MULTILINE)[1]))


def log_bytes(server):
    """The size of the write-ahead log of the database."""
    with contextlib.suppress(FileNotFoundError):
        return (server.data_dir / "firn.db-wal").stat().st_size
    return 0


def allow_descriptors(soft_limit=None):
    """Sets the limit of open files of this process and its later children, by default to the highest one allowed.
    Returns the limit."""
    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft_limit or hard_limit, hard_limit))
    return soft_limit or hard_limit


class Sampler:
    """Calls `look` once a second while its block runs, and keeps what that returned."""

    def __init__(self, look):
        self._look = look
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.samples = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _run(self):
        while not self._done.wait(1):
            self.samples.append(self._look())
