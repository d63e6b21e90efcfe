"""The life of a vault that README.md tells under "Time" is run as it stands there, by bash and the real AWS CLI."""
import json
import pathlib
import re
import subprocess
import time

from aws_cli import AWS, Aws
from firn_server import firn_binary
from glacier_data import Glacier, random_bytes, tree_hash
from waiting import patient

README = pathlib.Path(__file__).parents[2] / "README.md"
STORY = re.compile(r"<!-- story -->\n```\n(.*?)```\n<!-- /story -->", re.DOTALL)
SECONDS_MAX = patient(60)

# Each call is written down: exit code, the line, and what it said on stderr.
PROGRAMS = r"""
call() {
    local line=$1 code=0 said; shift
    { said=$("$@" 2>&1 >&3) || code=$?; } 3>&1
    printf '%s\x1f%s\x1f%s\x1e' "$code" "$line" "$said" >> "$CALLS"
    return "$code"
}
firn() { call "firn $*" "$FIRN" "$@"; }
glacier() { call "glacier $*" "$AWS" --endpoint-url "$FIRN_ENDPOINT" glacier "$@"; }
set -e
"""


def commands_of(story):
    """Each command of the story: the program, its first word, and the error code with which it must fail."""
    code = None
    for line in story.replace("\\\n", " ").splitlines():
        if line.startswith("#"):
            code = re.search(r": (\w+)\.$", line)[1]
        elif line:
            negation, program, verb = re.match(r"(! |\w+=\$\()?(firn|glacier) (\S+)", line).groups()
            fails = negation == "! "
            yield program, verb, code if fails else None
            code = None if fails else code


def test_the_story_happens_as_it_is_told(start_firn, tmp_path):
    story = STORY.search(README.read_text(encoding="utf-8"))[1]
    wanted = list(commands_of(story))
    assert [code for _, _, code in wanted if code] == ["ResourceNotFoundException", "InvalidParameterValueException"]
    server = start_firn("--timing", "aws")
    photo = random_bytes(100_000, seed=1)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "photo.zip").write_bytes(photo)
    calls = tmp_path / "calls"
    environment = Aws(server.url, folder).environment(FIRN=firn_binary(), AWS=AWS, FIRN_ENDPOINT=server.url,
                                                      CALLS=str(calls))
    begin = time.monotonic()
    result = subprocess.run(["/bin/bash", "-c", PROGRAMS + story], cwd=folder, env=environment, capture_output=True,
                            text=True, timeout=SECONDS_MAX, check=False)
    print(f"the story took {time.monotonic() - begin:.1f} s")
    made = [call.split("\x1f") for call in calls.read_text().split("\x1e")[:-1]]
    assert result.returncode == 0, (result.stdout, made)

    # What was to fail failed for its own reason, and nothing else did.
    assert [tuple(line.split()[:2]) for _, line, _ in made] == [(program, verb) for program, verb, _ in wanted], made
    for (status, line, said), (_, _, code) in zip(made, wanted):
        error = re.search(r"An error occurred \((\w+)\)", said)
        assert (status != "0", error and error[1]) == (code is not None, code), (line, said)

    inventory = json.loads((folder / "inventory.json").read_text())
    (archive,) = inventory["ArchiveList"]
    assert inventory["VaultARN"].endswith(":vaults/photos")
    assert (archive["Size"], archive["SHA256TreeHash"]) == (len(photo), tree_hash(photo))
    deleted = next(line for _, line, _ in made if line.startswith("glacier delete-archive"))
    assert deleted.endswith("--archive-id=" + archive["ArchiveId"])
    with Glacier(server.port) as glacier:
        assert glacier.call("GET", "/-/vaults/photos")[0].status == 404
        assert glacier.call("GET", "/-/vaults")[2]["VaultList"] == []
