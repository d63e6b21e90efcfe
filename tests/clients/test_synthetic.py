"""Synthetic archives: bytes that nobody stored come back as those of any archive do."""
import hashlib
import http.client
import json
import random
import time

import pytest
from control import Control
from firn_server import is_sanitized
from glacier_data import MEBIBYTE, Glacier, linear_hash, tree_hash, tree_nodes

SMALL_SIZES = [1, 63, 64, 65, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1, 5 * MEBIBYTE + 7]
LARGE = 300 * MEBIBYTE
HUGE = 40 * 10**12
# Of every archive in what DescribeVault counts.
OVERHEAD = 32 << 10


@pytest.fixture(scope="module")
def server(start_firn):
    return start_firn("--timing", "instant", "--seed", "synthetic")


@pytest.fixture(scope="module")
def glacier(server):
    with Glacier(server.port, timeout=60) as connection:
        yield connection


@pytest.fixture(scope="module")
def small(server, glacier):
    """The archives as the inventory lists them, by size."""
    seeded = add_archives(server, "small", [{"synthetic": size} for size in SMALL_SIZES])
    assert seeded == {"vaults": 1, "existing_vaults": 0, "archives": len(SMALL_SIZES),
                      "archive_bytes": sum(SMALL_SIZES), "jobs": 0}
    return {entry["Size"]: entry for entry in glacier.inventory("small")}


def add_archives(server, vault, archives):
    return Control(server).post("seed", {"vaults": [{"name": vault, "archives": archives}]})


def describe(glacier, vault, job_id):
    response, content, description = glacier.call("GET", f"/-/vaults/{vault}/jobs/{job_id}")
    assert response.status == 200, content
    return description


def start(glacier, vault, archive_id, first=None, last=None):
    part = {} if first is None else {"RetrievalByteRange": f"{first}-{last}"}
    return glacier.start_job(vault, Type="archive-retrieval", ArchiveId=archive_id, **part)


def read_range(glacier, vault, job_id, first, last):
    """Bytes of a job's output, and the hash that came with them, if one did."""
    response, content, _ = glacier.call("GET", f"/-/vaults/{vault}/jobs/{job_id}/output",
                                        headers={"Range": f"bytes={first}-{last}"})
    assert response.status == 206, content[:200]
    return content, response.getheader("x-amz-sha256-tree-hash"), response.getheader("Content-Range")


def root_of(leaves):
    """The tree hash over digests of MiB."""
    while len(leaves) > 1:
        leaves = [hashlib.sha256(b"".join(leaves[i:i + 2])).digest() if i + 1 < len(leaves) else leaves[i]
                  for i in range(0, len(leaves), 2)]
    return leaves[0].hex()


def download_leaves(server, target):
    """Digests of the MiB of an output, never more than one of them in memory; headers of the answer; its length."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    try:
        connection.request("GET", target, headers={"x-amz-glacier-version": "2012-06-01"})
        response = connection.getresponse()
        assert response.status == 200
        leaves, length = [], 0
        while piece := response.read(MEBIBYTE):
            leaves.append(hashlib.sha256(piece).digest())
            length += len(piece)
        return leaves, response.headers, length
    finally:
        connection.close()


def test_the_inventory_lists_them_as_any_archive(glacier, small):
    assert small.keys() == set(SMALL_SIZES)
    assert len({entry["SHA256TreeHash"] for entry in small.values()}) == len(SMALL_SIZES)
    _, _, vault = glacier.call("GET", "/-/vaults/small")
    assert (vault["NumberOfArchives"], vault["SizeInBytes"]) == (
        len(SMALL_SIZES), sum(SMALL_SIZES) + len(SMALL_SIZES) * OVERHEAD)


@pytest.mark.parametrize("size", SMALL_SIZES)
def test_every_way_of_reading_gives_the_same_bytes(glacier, small, size):
    archive_id = small[size]["ArchiveId"]
    job_id = start(glacier, "small", archive_id)
    response, whole, _ = glacier.call("GET", f"/-/vaults/small/jobs/{job_id}/output")
    assert (response.status, len(whole)) == (200, size)
    expected = tree_hash(whole)
    assert response.getheader("x-amz-sha256-tree-hash") == expected == small[size]["SHA256TreeHash"]
    description = describe(glacier, "small", job_id)
    assert (description["ArchiveSHA256TreeHash"], description["SHA256TreeHash"]) == (expected, expected)
    assert description["ArchiveSizeInBytes"] == size

    nodes = {(first * MEBIBYTE, min(end * MEBIBYTE, size) - 1): digest.hex()
             for (first, end), digest in tree_nodes(whole).items()}
    generator = random.Random(size)
    edges = {0, 1, 63, 64, 65, size - 66, size - 65, size - 64, size - 2, size - 1, MEBIBYTE - 65, MEBIBYTE - 64,
             MEBIBYTE - 1, MEBIBYTE, MEBIBYTE + 1} | {generator.randrange(size) for _ in range(4)}
    edges = sorted(edge for edge in edges if 0 <= edge < size)
    pairs = [(first, last) for first in edges for last in edges if first <= last]
    # Each MiB lies differently in what is read when the reading begins or ends within it.
    for first, last in {*generator.sample(pairs, min(25, len(pairs))), *nodes}:
        content, sent_hash, content_range = read_range(glacier, "small", job_id, first, last)
        assert content == whole[first:last + 1], (first, last)
        assert content_range == f"bytes {first}-{last}/{size}"
        assert sent_hash == nodes.get((first, last)), (first, last)

    for first in range(0, size, MEBIBYTE):
        for last in {min(first + MEBIBYTE, size) - 1, size - 1}:
            part_job = start(glacier, "small", archive_id, first, last)
            assert glacier.output("small", part_job) == whole[first:last + 1], (first, last)
            description = describe(glacier, "small", part_job)
            assert description["RetrievalByteRange"] == f"{first}-{last}"
            assert description["SHA256TreeHash"] == nodes.get((first, last)), (first, last)
            assert description["ArchiveSHA256TreeHash"] == expected


def test_no_two_have_the_same_bytes(server, glacier):
    add_archives(server, "twins", [{"synthetic": MEBIBYTE + 5, "count": 3}])
    contents = {glacier.retrieve("twins", entry["ArchiveId"]) for entry in glacier.inventory("twins")}
    assert len(contents) == 3


def test_the_seed_repeats_ids_and_bytes(start_firn):
    def made(seed):
        server = start_firn("--timing", "instant", "--in-memory", "--seed", seed)
        add_archives(server, "v", [{"synthetic": 1000}, {"synthetic": "2KiB"}])
        with Glacier(server.port) as glacier:
            return {entry["ArchiveId"]: linear_hash(glacier.retrieve("v", entry["ArchiveId"]))
                    for entry in glacier.inventory("v")}

    first = made("one")
    assert len(first) == 2
    assert made("one") == first
    assert not made("two").keys() & first.keys()


def test_300_mib_take_hardly_any_memory(start_firn):
    server = start_firn("--timing", "instant")
    add_archives(server, "large", [{"synthetic": "300MiB"}])
    with Glacier(server.port) as glacier:
        (entry,) = glacier.inventory("large")
        assert entry["Size"] == LARGE
        job_id = start(glacier, "large", entry["ArchiveId"])
        before = server.peak_memory_bytes()
        leaves, headers, length = download_leaves(server, f"/-/vaults/large/jobs/{job_id}/output")
        grown = server.peak_memory_bytes() - before
        print(f"peak memory {server.peak_memory_bytes() >> 20} MiB, {grown >> 20} MiB of them for the download")
        assert (length, len(leaves)) == (LARGE, 300)
        expected = root_of(leaves)
        assert headers["x-amz-sha256-tree-hash"] == expected == entry["SHA256TreeHash"]
        assert describe(glacier, "large", job_id)["ArchiveSHA256TreeHash"] == expected
        for number in (0, 1, 127, 128, 255, 256, 299):
            content, sent_hash, _ = read_range(glacier, "large", job_id, number * MEBIBYTE,
                                               (number + 1) * MEBIBYTE - 1)
            assert hashlib.sha256(content).digest() == leaves[number]
            assert sent_hash == leaves[number].hex()
        # Half of the tree, with a job of its own.
        half = start(glacier, "large", entry["ArchiveId"], 256 * MEBIBYTE, LARGE - 1)
        half_leaves, headers, _ = download_leaves(server, f"/-/vaults/large/jobs/{half}/output")
        assert half_leaves == leaves[256:]
        assert headers["x-amz-sha256-tree-hash"] == root_of(half_leaves)
        if not is_sanitized():
            assert grown < 24 << 20
            assert server.peak_memory_bytes() < 96 << 20
    assert not [path for path in (server.data_dir / "blobs").rglob("*")
                if path.is_file() and path.stat().st_size > MEBIBYTE]


def test_40_terabytes(server, glacier):
    begun = time.monotonic()
    add_archives(server, "huge", [{"synthetic": "40TB", "description": "the film archive"}])
    seconds = time.monotonic() - begun
    print(f"seeding 40 TB took {seconds:.2f} s")
    assert seconds < 10
    (entry,) = glacier.inventory("huge")
    assert (entry["Size"], entry["ArchiveDescription"]) == (HUGE, "the film archive")
    _, _, vault = glacier.call("GET", "/-/vaults/huge")
    assert vault["SizeInBytes"] == HUGE + OVERHEAD
    whole_job = start(glacier, "huge", entry["ArchiveId"])
    assert describe(glacier, "huge", whole_job)["ArchiveSHA256TreeHash"] == entry["SHA256TreeHash"]

    # The last whole MiB, and the piece of one behind it.
    last_whole = HUGE // MEBIBYTE - 1
    for leaf in (0, last_whole, last_whole + 1):
        first, last = leaf * MEBIBYTE, min((leaf + 1) * MEBIBYTE, HUGE) - 1
        job_id = start(glacier, "huge", entry["ArchiveId"], first, last)
        response, content, _ = glacier.call("GET", f"/-/vaults/huge/jobs/{job_id}/output")
        assert (response.status, len(content)) == (200, last - first + 1)
        assert response.getheader("x-amz-sha256-tree-hash") == linear_hash(content)
        again, sent_hash, content_range = read_range(glacier, "huge", whole_job, first, last)
        assert again == content
        assert sent_hash == linear_hash(content)
        assert content_range == f"bytes {first}-{last}/{HUGE}"
        inner, _, _ = read_range(glacier, "huge", whole_job, first + 5, first + 1004)
        assert inner == content[5:1005]


def test_the_tree_of_40_terabytes_hangs_together(server, glacier):
    """From the root down to one MiB near the end: each node is the hash of its two children."""
    add_archives(server, "tree", [{"synthetic": HUGE}])
    (entry,) = glacier.inventory("tree")
    last_whole = HUGE // MEBIBYTE - 1

    def node(first, end):
        job_id = start(glacier, "tree", entry["ArchiveId"], first * MEBIBYTE, min(end * MEBIBYTE, HUGE) - 1)
        return describe(glacier, "tree", job_id)["SHA256TreeHash"]

    first, end = 0, -(-HUGE // MEBIBYTE)
    parent = entry["SHA256TreeHash"]
    levels = 0
    while end - first > 1:
        middle = first + (1 << (end - first - 1).bit_length() - 1)
        left, right = node(first, middle), node(middle, end)
        assert hashlib.sha256(bytes.fromhex(left) + bytes.fromhex(right)).hexdigest() == parent, (first, end)
        first, end, parent = (first, middle, left) if last_whole < middle else (middle, end, right)
        levels += 1
    assert (first, levels > 10) == (last_whole, True)
    job_id = start(glacier, "tree", entry["ArchiveId"], first * MEBIBYTE, end * MEBIBYTE - 1)
    assert linear_hash(glacier.output("tree", job_id)) == parent


def test_a_deleted_one_is_gone(server, glacier):
    add_archives(server, "deleted", [{"synthetic": "40TB", "description": "goes"},
                                     {"synthetic": "1MiB", "description": "stays"}])
    ids = {entry["ArchiveDescription"]: entry["ArchiveId"] for entry in glacier.inventory("deleted")}
    kept_job = start(glacier, "deleted", ids["goes"])
    response, _, _ = glacier.call("DELETE", f"/-/vaults/deleted/archives/{ids['goes']}")
    assert response.status == 204
    assert [entry["ArchiveDescription"] for entry in glacier.inventory("deleted")] == ["stays"]
    _, _, vault = glacier.call("GET", "/-/vaults/deleted")
    assert (vault["NumberOfArchives"], vault["SizeInBytes"]) == (1, MEBIBYTE + OVERHEAD)
    response, content, _ = glacier.call("POST", "/-/vaults/deleted/jobs", json.dumps(
        {"Type": "archive-retrieval", "ArchiveId": ids["goes"]}))
    assert response.status == 404, content
    # What a job has brought stays for as long as the job.
    content, sent_hash, _ = read_range(glacier, "deleted", kept_job, HUGE // MEBIBYTE * MEBIBYTE, HUGE - 1)
    assert sent_hash == linear_hash(content)
    assert len(glacier.retrieve("deleted", ids["stays"])) == MEBIBYTE


def test_they_survive_a_restart(start_firn):
    server = start_firn("--timing", "instant")
    add_archives(server, "v", [{"synthetic": MEBIBYTE + 100}])
    with Glacier(server.port) as glacier:
        (entry,) = glacier.inventory("v")
        content = glacier.retrieve("v", entry["ArchiveId"])
    server.kill()
    server.start(*server.flags)
    with Glacier(server.port) as glacier:
        assert glacier.inventory("v") == [entry]
        assert glacier.retrieve("v", entry["ArchiveId"]) == content
    assert tree_hash(content) == entry["SHA256TreeHash"]
