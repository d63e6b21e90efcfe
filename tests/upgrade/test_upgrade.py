"""What earlier releases left on a disk is read by this one: their data directories, snapshots and exported files.

Each release-*.tar.xz was made by make_data.py, which says what it holds.
"""
import json
import pathlib
import tarfile
import types

import pytest
from control import Control
from data_files import check_files
from glacier_data import MEBIBYTE, patterned_bytes
from make_data import OTHER_CALLER, SEED_DOCUMENT, shown_by
from world import CONTENTS, check_contents, contents_of

FLAGS = ["--timing", "fast", "--log-level", "warn"]
LATER_MEMBERS = ("InventoryRetrievalParameters", "JobOutputPath", "OutputLocation", "SelectParameters", "Tier")
ARCHIVES = sorted(pathlib.Path(__file__).parent.glob("release-*.tar.xz"))


def as_shown_now(value):
    """An object that an earlier release showed, as this one does.

    Until 0.1.0 a job had only the members that apply to it, and the hash of what it retrieves only when it was done.
    """
    if "Action" not in value:
        return value
    if value.get("RetrievalByteRange") == f"0-{(value['ArchiveSizeInBytes'] or 0) - 1}":
        value["SHA256TreeHash"] = value["ArchiveSHA256TreeHash"]
    return dict.fromkeys(LATER_MEMBERS) | value


@pytest.fixture(params=ARCHIVES, ids=lambda archive: archive.name.removesuffix(".tar.xz"))
def old(request, tmp_path):
    """What an earlier release left, unpacked: data, export, and what it showed of `saved` and `current`."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path)
    return types.SimpleNamespace(data=tmp_path / "data", export=tmp_path / "export.firn",
                                 **json.loads((tmp_path / "shown.json").read_text(), object_hook=as_shown_now))


def assert_has(shown, expected, where=""):
    """Everything expected is shown; answers may have gained members since."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            assert name in shown, where + name
            assert_has(shown[name], value, f"{where}{name} ")
    elif isinstance(expected, list):
        assert len(shown) == len(expected), where
        for one, other in zip(shown, expected):
            assert_has(one, other, where)
    else:
        assert shown == expected, where


def assert_shows(server, expected):
    # As JSON, which knows no tuples.
    for caller, shown in json.loads(json.dumps(shown_by(server))).items():
        assert shown.keys() == expected[caller].keys()
        assert_has(shown, expected[caller])


def check_all_contents(server, old):
    """The bytes of every archive that both states have, and that what was under way goes on. Moves the clock."""
    check_contents(server, old.world)
    assert contents_of(server, "full").keys() == CONTENTS.keys() | {"parts"}
    assert len(contents_of(server, "film")[""]) == 2 * MEBIBYTE + 9
    assert contents_of(server, "seeded") == {"": b"from the seed file"}
    assert contents_of(server, "full", OTHER_CALLER) == {"abroad": b"abroad"}


def test_the_data_holds_something_of_everything(old):
    home, abroad = old.current["home"], old.current["abroad"]
    assert home["clock"]["frozen"] and home["clock"]["jobs_in_progress"] == 2
    assert {vault["VaultName"] for vault in home["/-/vaults"][1]["VaultList"]} == {
        "empty", "film", "full", "later", "locked", "seeded"}
    assert abroad["/-/vaults/full"][1]["VaultARN"] == "arn:aws:glacier:eu-west-1:111122223333:vaults/full"
    assert {job["status"] for job in home["jobs"]["jobs"]} == {"Failed", "InProgress", "Succeeded"}
    assert home["/-/vaults/full/tags"][1]["Tags"] and home["/-/provisioned-capacity"][1]["ProvisionedCapacityList"]
    assert all(home[f"/-/vaults/full/{what}"][0] == 200
               for what in ("access-policy", "lock-policy", "notification-configuration"))
    assert len([path for path in home if "/multipart-uploads/" in path]) == 1


def test_a_data_directory_opens(old, start_firn):
    server = start_firn(*FLAGS, data_dir=old.data)
    assert_shows(server, old.current)
    check_files(server.data_dir)
    server.restart()
    assert_shows(server, old.current)
    check_all_contents(server, old)
    assert contents_of(server, "later") == {"later": patterned_bytes(100_000, "later")}


def test_data_that_were_seeded_are_not_seeded_again(old, start_firn, tmp_path):
    seed_file = tmp_path / "seed.json"
    seed_file.write_text(json.dumps(SEED_DOCUMENT))
    assert_shows(start_firn(*FLAGS, "--seed-file", seed_file, data_dir=old.data), old.current)


def test_a_snapshot_restores(old, start_firn):
    server = start_firn(*FLAGS, data_dir=old.data)
    control = Control(server)
    (listed,) = control.get("snapshots")["snapshots"]
    assert (listed["name"], listed["saved_at"]) == ("saved", old.saved["home"]["clock"]["now"])
    assert_has(control.post("snapshots/saved/restore"), old.saved["home"]["clock"])
    assert_shows(server, old.saved)
    check_files(server.data_dir)
    check_all_contents(server, old)


def test_an_export_imports(old, start_firn):
    server = start_firn(*FLAGS)
    control = Control(server)
    assert control.firn("snapshot", "import", "theirs", old.export).startswith("imported theirs, ")
    assert_has(control.post("snapshots/theirs/restore"), old.saved["home"]["clock"])
    assert_shows(server, old.saved)
    check_files(server.data_dir)
    check_all_contents(server, old)
