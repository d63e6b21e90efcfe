"""What firn holds for all accounts, by its control surface: vaults, archives, uploads, locks and capacity units."""
import json

import pytest
from control import Control
from dates import after
from glacier_data import MEBIBYTE, Glacier, random_bytes, signed_by, tree_hash, upload_headers
from world import policy_for

START = "2030-01-01T00:00:00.000Z"
HOME = {"account": "000000000000", "region": "us-east-1"}
OTHER = {"account": "111122223333", "region": "eu-north-1"}


class World:
    """A server with Glacier's times, whose clock stands, and a caller in each of two accounts."""

    def __init__(self, server):
        self.control = Control(server)
        self.home, self.other = (Glacier(server.port, headers=signed_by(**owner)) for owner in (HOME, OTHER))

    def lock(self, vault):
        response, _, _ = self.home.call("POST", f"/-/vaults/{vault}/lock-policy", policy_for(vault, "Deny", "glacier:DeleteArchive"))
        assert response.status == 201
        return response.getheader("x-amz-lock-id")

    def open_upload(self, caller, vault, parts=0, **headers):
        response, _, _ = caller.call("POST", f"/-/vaults/{vault}/multipart-uploads", b"",
                                     {"x-amz-part-size": str(MEBIBYTE)} | headers)
        upload_id = response.getheader("x-amz-multipart-upload-id")
        for number in range(parts):
            first, data = number * MEBIBYTE, random_bytes(MEBIBYTE, seed=number)
            response, content, _ = caller.call(
                "PUT", f"/-/vaults/{vault}/multipart-uploads/{upload_id}", data,
                upload_headers(data) | {"Content-Range": f"bytes {first}-{first + MEBIBYTE - 1}/*"})
            assert response.status == 204, content
        return upload_id

    def buy(self, caller):
        response, _, _ = caller.call("POST", "/-/provisioned-capacity")
        assert response.status == 201
        return response.getheader("x-amz-capacity-id")


@pytest.fixture
def world(start_firn):
    server = start_firn("--in-memory", "--timing", "aws", "--clock", START, "--seed", "views")
    world = World(server)
    yield world
    world.home.close()
    world.other.close()
    server.stop()


def in_pages(control, resource, limit, **query):
    """The rows of all pages, each of which is full but for the last one."""
    rows, marker = [], {}
    while True:
        answer = control.get(resource, limit=limit, **query, **marker)
        rows += answer[resource]
        if answer["marker"] is None:
            return rows
        assert len(answer[resource]) == limit
        marker = {"marker": answer["marker"]}


# --- What is there


def test_vaults(world):
    world.home.create_vault("photos")
    world.other.create_vault("films")
    empty = {"created_at": START, "archive_count": 0, "archive_bytes": 0, "written_at": None, "inventory": None,
             "inventory_due_at": None, "lock": None, "tags": {}, "access_policy": False, "notifications": False}
    photos, films = HOME | {"vault": "photos"} | empty, OTHER | {"vault": "films"} | empty
    assert world.control.get("vaults") == {"vaults": [photos, films], "marker": None}

    world.home.upload("photos", b"12345")
    world.control.post("inventories", {"vault": "photos"})
    world.control.post("clock/advance", {"by": "1h"})
    world.home.upload("photos", b"12")
    world.home.call("POST", "/-/vaults/photos/tags?operation=add", '{"Tags": {"team": "film"}}')
    world.home.call("PUT", "/-/vaults/photos/notification-configuration", json.dumps(
        {"SNSTopic": "arn:aws:sns:us-east-1:000000000000:t", "Events": ["ArchiveRetrievalCompleted"]}))
    lock_id = world.lock("photos")
    (shown,) = world.control.get("vaults", vault="photos")["vaults"]
    assert START < shown["inventory_due_at"] <= after(START, days=1, hours=1)
    assert (shown["inventory"]["at"], shown["inventory"]["archive_count"]) == (START, 1)
    assert shown == photos | {
        "archive_count": 2, "archive_bytes": 7, "written_at": after(START, hours=1), "lock": "InProgress",
        "tags": {"team": "film"}, "notifications": True,
        "inventory": shown["inventory"], "inventory_due_at": shown["inventory_due_at"]}
    world.home.call("POST", f"/-/vaults/photos/lock-policy/{lock_id}")
    assert [vault["lock"] for vault in world.control.get("vaults")["vaults"]] == ["Locked", None]
    assert "team=film" in world.control.firn("vaults")


def test_archives(world):
    shown = []
    for caller, owner, vault in ((world.home, HOME, "a"), (world.other, OTHER, "a"), (world.home, HOME, "b")):
        caller.create_vault(vault)
        for size in (1, 2, 3):
            data = b"x" * size
            archive = caller.upload(vault, data, f"number {size}").getheader("x-amz-archive-id")
            shown.append(owner | {"vault": vault, "archive_id": archive, "description": f"number {size}",
                                  "size_bytes": size, "tree_hash": tree_hash(data), "created_at": START,
                                  "deleted": False})
    control = world.control
    for limit in (1, 2, 3, 4, 9, 1000):
        assert in_pages(control, "archives", limit) == shown
    for wanted in ({"vault": "a"}, OTHER, {"vault": "a", "account": HOME["account"]}, {"region": OTHER["region"]}):
        assert in_pages(control, "archives", 2, **wanted) == [row for row in shown if wanted.items() <= row.items()]
    world.home.call("DELETE", f"/-/vaults/a/archives/{shown[1]['archive_id']}")
    assert in_pages(control, "archives", 1) == shown[:1] + shown[2:]
    assert control.get("archives", deleted="true")["archives"] == [shown[1] | {"deleted": True}]
    listed = json.loads(control.firn("archives", "--json", "--vault", "b"))["archives"]
    assert listed == shown[6:]

    # Archives that come or go between two pages change no other row.
    marker = control.get("archives", limit=1)["marker"]
    world.home.call("DELETE", f"/-/vaults/a/archives/{shown[2]['archive_id']}")
    world.home.upload("b", b"later")
    rows = control.get("archives", marker=marker)["archives"]
    assert rows[:-1] == shown[3:] and rows[-1]["size_bytes"] == 5
    control.post("reset", {"vault": "a"})
    status, answer = control.ask("GET", "archives", marker=marker)
    assert status == 409 and "without the marker" in answer["error"]


def test_an_archive_of_many_parts_is_listed_when_it_is_complete(world):
    """Its key is that of its upload, which is older than archives that were uploaded meanwhile."""
    world.home.create_vault("v")
    upload = world.open_upload(world.home, "v", parts=1)
    first = world.home.upload("v", b"1").getheader("x-amz-archive-id")
    response, _, _ = world.home.call(
        "POST", f"/-/vaults/v/multipart-uploads/{upload}", b"",
        {"x-amz-archive-size": str(MEBIBYTE), "x-amz-sha256-tree-hash": tree_hash(random_bytes(MEBIBYTE, seed=0))})
    second = response.getheader("x-amz-archive-id")
    assert [row["archive_id"] for row in in_pages(world.control, "archives", 1)] == [first, second]
    assert world.control.get("uploads")["uploads"] == []


def test_uploads(world):
    world.home.create_vault("v")
    world.other.create_vault("w")
    ids = [world.open_upload(world.home, "v", parts=2, **{"x-amz-archive-description": "film"}),
           world.open_upload(world.other, "w")]
    aborted = world.open_upload(world.home, "v")
    world.home.call("DELETE", f"/-/vaults/v/multipart-uploads/{aborted}")
    rows = in_pages(world.control, "uploads", 1)
    common = {"part_size_bytes": MEBIBYTE, "created_at": START, "expires_at": rows[0]["expires_at"]}
    assert rows == [
        HOME | common | {"vault": "v", "upload_id": ids[0], "description": "film", "part_count": 2,
                         "part_bytes": 2 * MEBIBYTE},
        OTHER | common | {"vault": "w", "upload_id": ids[1], "description": None, "part_count": 0, "part_bytes": 0}]
    assert rows[0]["expires_at"] > START
    assert world.control.get("uploads", vault="w")["uploads"] == rows[1:]
    assert ids[1] in world.control.firn("uploads", "--account", OTHER["account"])


def test_locks(world):
    for vault in ("open", "locked", "none"):
        world.home.create_vault(vault)
    ids = [world.lock("open"), world.lock("locked")]
    world.home.call("POST", f"/-/vaults/locked/lock-policy/{ids[1]}")
    rows = in_pages(world.control, "locks", 1)
    assert [(row["vault"], row["lock_id"], row["state"], row["created_at"], row["expires_at"]) for row in rows] == [
        ("open", ids[0], "InProgress", START, after(START, days=1)), ("locked", ids[1], "Locked", START, None)]
    assert json.loads(rows[0]["policy"])["Statement"][0]["Effect"] == "Deny"
    assert world.control.get("locks", vault="none")["locks"] == []


def test_capacity(world):
    ids = [world.buy(world.home), world.buy(world.other)]
    rows = in_pages(world.control, "capacity", 1)
    assert rows == [owner | {"capacity_id": unit, "started_at": START, "expires_at": rows[0]["expires_at"]}
                    for owner, unit in zip((HOME, OTHER), ids)]
    assert rows[0]["expires_at"] > after(START, days=27)
    assert world.control.get("capacity", **OTHER)["capacity"] == rows[1:]


@pytest.mark.parametrize("resource", ["vaults", "archives", "uploads", "locks", "capacity"])
def test_a_listing_that_makes_no_sense(world, resource):
    world.home.create_vault("v")
    world.home.create_vault("w")
    bad = [({"limit": "0"}, 400, "limit"), ({"marker": "x"}, 400, "marker"), ({"account": "1"}, 400, "12 digits"),
           ({"colour": "red"}, 400, "colour")]
    bad += [({"vault": "u"}, 404, "there is no vault u")] if resource != "capacity" else []
    marker = world.control.get("vaults", limit=1)["marker"]
    bad += [({"marker": marker}, 400, "marker")] if resource != "vaults" else []
    for query, expected, words in bad:
        status, answer = world.control.ask("GET", resource, **query)
        assert (status, words in answer["error"]) == (expected, True), answer


# --- The end of something, now


@pytest.mark.parametrize("by_command", [False, True], ids=["http", "command"])
def test_expire_an_upload_now(world, by_command):
    world.home.create_vault("v")
    ids = [world.open_upload(world.home, "v", parts=1) for _ in range(2)]
    if by_command:
        assert "has expired" in world.control.firn("uploads", "expire", "--upload-id=" + ids[0])
    else:
        world.control.post(f"uploads/{ids[0]}/expire")
    parts = [world.home.call("GET", f"/-/vaults/v/multipart-uploads/{upload}")[0].status for upload in ids]
    assert parts == [404, 200]
    assert [row["upload_id"] for row in world.control.get("uploads")["uploads"]] == [ids[1]]
    world.home.call("DELETE", f"/-/vaults/v/multipart-uploads/{ids[1]}")
    for gone in (*ids, "nothing"):
        assert world.control.ask("POST", f"uploads/{gone}/expire") == (
            404, {"error": f"there is no open multipart upload {gone}"})
    assert world.control.get("clock")["now"] == START


@pytest.mark.parametrize("by_command", [False, True], ids=["http", "command"])
def test_expire_a_lock_now(world, by_command):
    world.home.create_vault("v")
    lock_id = world.lock("v")
    if by_command:
        assert world.control.firn("locks", "expire", "v") == "vault v has no lock now\n"
    else:
        world.control.post("locks/expire", {"vault": "v"} | HOME)
    assert world.home.call("POST", f"/-/vaults/v/lock-policy/{lock_id}")[0].status >= 400
    assert world.control.ask("POST", "locks/expire", {"vault": "v"}) == (404, {"error": "vault v has no lock"})
    world.home.call("POST", f"/-/vaults/v/lock-policy/{world.lock('v')}")
    for body, expected, words in (({"vault": "v"}, 409, "complete"), ({}, 400, "vault is missing"),
                                  ({"vault": "w"}, 404, "there is no vault w"), ({"lock": "v"}, 400, "lock")):
        status, answer = world.control.ask("POST", "locks/expire", body)
        assert (status, words in answer["error"]) == (expected, True), answer
    assert world.control.get("locks")["locks"][0]["state"] == "Locked"


@pytest.mark.parametrize("by_command", [False, True], ids=["http", "command"])
def test_expire_a_capacity_unit_now(world, by_command):
    units = [world.buy(world.home), world.buy(world.home)]
    assert world.home.call("POST", "/-/provisioned-capacity")[0].status == 400
    if by_command:
        world.control.firn("capacity", "expire", "--capacity-id=" + units[0])
    else:
        world.control.post(f"capacity/{units[0]}/expire")
    assert [row["capacity_id"] for row in world.control.get("capacity")["capacity"]] == units[1:]
    assert world.home.call("POST", "/-/provisioned-capacity")[0].status == 201
    assert world.control.ask("POST", f"capacity/{units[0]}/expire")[0] == 404
