#!/usr/bin/python3
"""Makes the data that test_upgrade.py opens: what an earlier release of firn left on a disk.

    tests/upgrade/make_data.py FIRN_BINARY [FILE]     FILE: release-VERSION.tar.xz beside this script

FIRN_BINARY is the earlier release. The archive holds data/ (a data directory with the snapshot `saved`), export.firn
(that snapshot as `firn snapshot export` wrote it) and shown.json: all that the earlier release showed of both states.
"""
import io
import json
import os
import pathlib
import sys
import tarfile
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent / "support"))

from control import Control  # noqa: E402
from firn_server import FirnServer, run_firn  # noqa: E402
from glacier_data import Glacier, patterned_bytes, signed_by  # noqa: E402
from world import build_world, done, portrait  # noqa: E402

CLOCK = "2030-01-31T12:00:00.000Z"
OTHER_CALLER = signed_by("111122223333", "eu-west-1")
SEED_DOCUMENT = {"vaults": [{"name": "seeded", "archives": [{"text": "from the seed file"}]}]}


def build_other_account(server):
    """The region of another account, with a vault of the same name as one at home."""
    with Glacier(server.port, headers=OTHER_CALLER) as glacier:
        glacier.create_vault("full")
        done(glacier, "POST", "/-/vaults/full/tags?operation=add", '{"Tags": {"team": "abroad"}}')
        archive_id = glacier.upload("full", b"abroad", "abroad").getheader("x-amz-archive-id")
        glacier.start_job("full", Type="archive-retrieval", ArchiveId=archive_id)
    Control(server).post("clock/advance", {"until": "idle"})


def change(server):
    """After the snapshot: another vault, another archive in a file of its own, another job, later."""
    with Glacier(server.port) as glacier:
        glacier.create_vault("later")
        glacier.upload("later", patterned_bytes(100_000, "later"), "later")
        glacier.start_job("later", Type="inventory-retrieval")
    Control(server).post("clock/advance", {"by": "100ms"})


def shown_by(server):
    return {"home": portrait(server), "abroad": portrait(server, OTHER_CALLER)}


def make(archive_file):
    with tempfile.TemporaryDirectory(prefix="firn-upgrade-") as folder:
        folder = pathlib.Path(folder)
        seed_file, export, data = folder / "seed.json", folder / "export.firn", folder / "data"
        seed_file.write_text(json.dumps(SEED_DOCUMENT))
        server = FirnServer("--timing", "fast", "--clock", CLOCK, "--seed", "upgrade", "--seed-file", seed_file,
                            data_dir=data)
        try:
            build_other_account(server)
            world = build_world(server)
            saved = shown_by(server)
            Control(server).put("snapshots/saved")
            Control(server).firn("snapshot", "export", "saved", export)
            change(server)
            shown = {"world": world, "saved": saved, "current": shown_by(server)}
            assert server.stop() == 0
        finally:
            server.remove()
        with tarfile.open(archive_file, "w:xz", preset=9) as archive:
            archive.add(data, "data")
            archive.add(export, "export.firn")
            text = json.dumps(shown).encode()
            entry = tarfile.TarInfo("shown.json")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text))


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    os.environ["FIRN_BINARY"] = os.path.abspath(arguments[0])
    version = run_firn("version").stdout.split()[-1]
    archive_file = pathlib.Path(arguments[1] if len(arguments) == 2 else FOLDER / f"release-{version}.tar.xz")
    make(archive_file)
    print(f"{archive_file}: {archive_file.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
