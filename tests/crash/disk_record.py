"""What a server asks of its disk and when it answers, as strace records it; and what a power loss could have taken.

The rules are those of a disk that keeps nothing but what was synced: the bytes of a file by fsync or fdatasync of the
file, its name by fsync of the directory that the name is in.
"""
import dataclasses
import os
import re
import shutil
import subprocess

from waiting import wait_for

_WRITES = {"write", "writev", "pwrite64", "pwritev", "copy_file_range", "ftruncate"}
_SYNCS = {"fsync", "fdatasync", "syncfs"}
_NAMES = {"rename", "renameat", "renameat2", "link", "linkat", "mkdir", "mkdirat", "unlink", "unlinkat", "openat",
          "open"}
_REPLIES = {"sendmsg", "sendto"}
_CALLS = ",".join(sorted(_WRITES | _SYNCS | _NAMES | _REPLIES))
_LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\(| resumed>)(.*)$")
_DESCRIPTOR = re.compile(r"\d+<([^>]*)>")


def can_record():
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-f", "-o", os.devnull, "true"], check=False, capture_output=True, timeout=20).returncode == 0


@dataclasses.dataclass
class Call:
    name: str
    arguments: str
    result: str

    def descriptor_paths(self):
        return [text for text in _DESCRIPTOR.findall(self.arguments) if text.startswith("/")]

    def texts(self):
        return re.findall(r'"([^"]*)"', self.arguments)

    def is_done(self):
        return not self.result.startswith("-")


class Record:
    """The record of one server, from its start to its end."""

    def __init__(self, folder):
        self.file = folder / "strace"
        self.program = folder / "firn-recorded"

    def wrap(self, binary):
        """A program that runs `binary` under strace. With -D strace is a child, so that signals reach the server."""
        options = f"-D -f -y -s 40 -o '{self.file}' -e trace={_CALLS} -e signal=none"
        self.program.write_text(f"#!/bin/sh\nexec strace {options} '{binary}' \"$@\"\n")
        self.program.chmod(0o755)
        return str(self.program)

    def calls(self):
        """In the order of their effects: syncs and renames when they have returned, other calls when they begin."""
        wait_for(lambda: re.search(r"\+\+\+ (exited|killed).*\n\Z", self.file.read_text(errors="replace")), 20,
                 "the record has ended")
        begun = {}
        for line in self.file.read_text(errors="replace").splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            thread, name, rest = match.groups()
            counts_at_end = name in _SYNCS | _NAMES
            if rest.endswith("<unfinished ...>"):
                begun[thread] = rest.removesuffix("<unfinished ...>")
                if not counts_at_end:
                    yield Call(name, begun[thread], "")
                continue
            if " resumed>" in line:
                rest = begun.pop(thread) + rest
                if not counts_at_end:
                    continue
            arguments, _, result = rest.rpartition(" = ")
            yield Call(name, arguments, result)


class DiskModel:
    """What is on disk and what only seems to be. Breaches of the order are noted as they happen."""

    def __init__(self, data_dir):
        self.data_dir = str(data_dir)
        self.unsynced_bytes = set()  # paths of files
        self.unsynced_names = {}     # path -> directory
        self.breaches = []
        self.replies = []            # (status, what could be lost), in order
        self.events = []             # (what, path below the data directory)
        self.known_names = set()

    def below(self, path):
        return os.path.relpath(path, self.data_dir)

    def play(self, calls):
        for call in calls:
            if call.name in _REPLIES:
                self.reply(call)
            elif call.name in _WRITES:
                # A copy names its source first.
                for path in call.descriptor_paths()[-1:]:
                    self.write(path, call)
            elif call.is_done() and call.name in _SYNCS:
                self.sync(call)
            elif call.is_done():
                self.name(call)
        return self

    def is_kept(self, path):
        """Whether data depends on the file: not what each start removes, nor what SQLite can rebuild."""
        below = self.below(path)
        return not (below.startswith(("..", "incoming/")) or below.endswith("-shm") or below == "lock")

    def note(self, what, path):
        if not self.below(path).startswith(".."):
            self.events.append((what, self.below(path)))

    def write(self, path, call):
        if self.below(path).startswith(".."):
            return
        self.note("write", path)
        self.unsynced_bytes.add(path)
        if self.below(path) == "firn.db-wal" and call.name == "pwrite64" and call.arguments.endswith(" 0)"):
            # The log begins anew: what it held is in the database.
            self.require_synced("the log begins anew", f"{self.data_dir}/firn.db")
        if self.below(path) in ("firn.db", "firn.db-wal") and self.lost("blobs/"):
            self.breaches.append(f"a row is written before its bytes are on disk: {self.lost('blobs/')}")
        if self.below(path) == "firn.db":
            # Pages go over from the log, which has to outlive a half of them.
            self.require_synced("the log is folded", f"{self.data_dir}/firn.db-wal")

    def sync(self, call):
        (path,) = call.descriptor_paths()
        self.note("sync", path)
        if call.name == "syncfs":
            self.unsynced_bytes, self.unsynced_names = set(), {}
        self.unsynced_bytes.discard(path)
        self.unsynced_names = {name: directory for name, directory in self.unsynced_names.items() if directory != path}

    def name(self, call):
        paths = [text for text in call.texts() if text.startswith("/")]
        if call.name in ("open", "openat"):
            if "O_CREAT" in call.arguments and paths[0] not in self.known_names and self.is_kept(paths[0]):
                self.add_name(paths[0])
        elif call.name in ("mkdir", "mkdirat"):
            self.add_name(paths[0])
            self.note("mkdir", paths[0])
        elif call.name in ("unlink", "unlinkat"):
            self.note("unlink", paths[0])
            self.unsynced_bytes.discard(paths[0])
            if self.below(paths[0]) == "firn.db-wal":
                self.unsynced_names[paths[0]] = os.path.dirname(paths[0])
        else:
            self.move(*paths)

    def add_name(self, path):
        self.known_names.add(path)
        self.unsynced_names[path] = os.path.dirname(path)

    def move(self, source, target):
        self.note("rename", target)
        self.require_synced("it gets its name", source)
        if self.below(target) == "firn.db":
            self.require_synced("the database is replaced", f"{self.data_dir}/firn.db-wal")
        self.unsynced_bytes.discard(source)
        self.unsynced_names.pop(source, None)
        self.add_name(target)

    def require_synced(self, when, path):
        # No name in incoming/ has to last.
        if path in self.unsynced_bytes or (path in self.unsynced_names and self.is_kept(path)):
            self.breaches.append(f"{when}, and {self.below(path)} is not on disk")

    def lost(self, prefix=""):
        """What a power loss would take now."""
        bytes_lost = {self.below(path) for path in self.unsynced_bytes if self.is_kept(path)} - {"firn.db"}
        names_lost = {f"name of {self.below(path)}" for path in self.unsynced_names
                      if self.is_kept(path) or path == self.data_dir}
        return sorted(text for text in bytes_lost | names_lost if text.removeprefix("name of ").startswith(prefix))

    def reply(self, call):
        match = re.search(r'"HTTP/1\.1 (\d+)', call.arguments)
        if match:
            self.events.append(("reply", match[1]))
            self.replies.append((int(match[1]), self.lost()))
