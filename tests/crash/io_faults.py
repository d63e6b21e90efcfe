"""The disk of a server, made to fail: see io_faults.c."""
import contextlib
import os
import pathlib
import re
import subprocess
import tempfile

from firn_server import firn_binary

LIBRARY = os.environ.get("IO_FAULTS_LIBRARY")


def _preloaded():
    """The library of a sanitizer has to be loaded first; its own functions call those of the faults."""
    libraries = subprocess.run(["ldd", firn_binary()], capture_output=True, text=True, check=True).stdout
    return " ".join([*re.findall(r"=> (/\S+/lib[at]san\.\S+)", libraries), LIBRARY])


class Disk:
    """Faults for one data directory, which need not exist yet. `environment` is for the server."""

    def __init__(self, data_dir):
        self._folder = tempfile.TemporaryDirectory(prefix="firn-faults-")
        self._control = pathlib.Path(self._folder.name, "control")
        self._log = pathlib.Path(self._folder.name, "control.log")
        self.environment = {"LD_PRELOAD": _preloaded(), "IO_FAULTS_DIRECTORY": str(data_dir),
                            "IO_FAULTS_CONTROL": str(self._control)}

    def fail(self, *rules):
        """Starts the faults, and their count, from now on."""
        new = self._control.with_suffix(".new")
        new.write_text("".join(f"{rule}\n" for rule in rules))
        new.replace(self._control)
        self._log.unlink(missing_ok=True)

    def heal(self):
        self._control.unlink(missing_ok=True)

    def failed(self):
        """The calls that failed since fail(), as lines like "sync firn.db-wal EIO"."""
        return self._log.read_text().splitlines() if self._log.exists() else []

    @contextlib.contextmanager
    def failing(self, *rules):
        """Fails the test when no call has failed in its block: nothing would have been tested."""
        self.fail(*rules)
        try:
            yield
        finally:
            self.heal()
        assert self.failed(), f"nothing failed by {rules}"

    def remove(self):
        self._folder.cleanup()
