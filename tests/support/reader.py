"""A reader of the documents: does in an empty folder, with a shell, what a page says."""
import re
import subprocess
import threading

from aws_cli import AWS
from firn_server import clean_environment, firn_binary
from glacier_data import random_bytes
from waiting import patient

SECONDS_MAX = patient(60)
PORT_OF_DOCUMENTS = "4522"
FILES = {"photo.zip": 100_000, "beach.jpg": 300_000}

# `./dev run` builds firn first; the one under test has been built.
DEV = '#!/bin/bash\n[[ $1 == run ]] || exit 2\nexec firn "${@:2}"\n'

MUST_FAIL = """\
must_fail() {
    local output
    if output=$("${@:2}" 2>&1); then
        echo "not refused: ${*:2}" >&2
        exit 1
    fi
    [[ $output == *"($1)"* ]] || { echo "not refused with $1: $output" >&2; exit 1; }
}
"""


def script_of(text):
    """The text as a script that ends with the first command that does not do what the text says."""
    lines, code = ["set -euo pipefail", MUST_FAIL], None
    for line in text.splitlines():
        if line.startswith("# "):
            named = re.search(r": (\w+)\.$", line)
            code = named and named[1]
        if line.startswith("! "):
            assert code, f"the comment above does not end with the error code: {line}"
            line = f"must_fail {code} {line[2:]}"
        lines.append(line)
    return "\n".join(lines) + "\n"


class Reader:
    """Has `firn`, `aws` and Debian's `python3`, and some files to upload."""

    def __init__(self, folder):
        self.folder = folder
        self._server = None
        self._port = None
        programs = folder / ".bin"
        programs.mkdir()
        for name, target in (("firn", firn_binary()), ("aws", AWS), ("python3", "/usr/bin/python3")):
            (programs / name).symlink_to(target)
        (folder / "dev").write_text(DEV)
        (folder / "dev").chmod(0o755)
        for name, size in FILES.items():
            (folder / name).write_bytes(random_bytes(size, name))
        variables = {name: value for name, value in clean_environment().items() if not name.startswith("XDG_")}
        # The tests' own modules would stand before those of the AWS CLI.
        variables.pop("PYTHONPATH", None)
        self._environment = variables | {
            "HOME": str(folder), "PATH": f"{programs}:{variables['PATH']}", "AWS_PAGER": "",
            "AWS_EC2_METADATA_DISABLED": "true"}

    def start(self, block):
        """Starts the server of a block, on a free port. The port of the documents means this one from then on."""
        self.stop()
        self._server = subprocess.Popen(["/bin/bash", "-c", "exec " + block.text.strip()], cwd=self.folder, text=True,
                                        env=self._environment | {"FIRN_PORT": "0", "FIRN_LOG_LEVEL": "warn"},
                                        stdout=subprocess.PIPE)
        watchdog = threading.Timer(SECONDS_MAX, self._server.kill)
        watchdog.start()
        line = self._server.stdout.readline()
        watchdog.cancel()
        listening = re.fullmatch(r"firn listening on http://127\.0\.0\.1:(\d+)\n", line)
        assert listening, f"{block} starts no server: {line!r}"
        self._port = listening[1]

    def run(self, block):
        """Runs a block against the server. What it printed."""
        assert self._server, f"{block} has no server: no block above it starts one"
        program = {"bash": ["bash", "-c", script_of(block.text)], "python": ["python3", "-c", block.text]}
        command = [word.replace(PORT_OF_DOCUMENTS, self._port) for word in program[block.language]]
        result = subprocess.run(command, cwd=self.folder, env=self._environment | {"FIRN_PORT": self._port},
                                capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        assert result.returncode == 0, f"{block}\n{result.stdout}{result.stderr}"
        return result.stdout

    def stop(self):
        """Stops the server, if one runs. It has to end well."""
        if self._server is None:
            return
        self._server.terminate()
        status = self._server.wait(SECONDS_MAX)
        self._server.stdout.close()
        self._server = None
        assert status == 0, f"the server ended with {status}"
