"""Clients that are slow, silent, half gone or gone: each costs the server little and the others nothing."""
import concurrent.futures
import contextlib
import json
import random

import pytest
from clients import (SMALL_BUFFER, WAYS_OUT, drop_download, drop_upload, output_head, read_slowly, reset, trickle,
                     upload_head)
from data_files import check_files
from figures import figures_of
from firn_server import is_sanitized
from glacier_data import MEBIBYTE, Glacier, linear_hash, random_bytes
from raw_http import RawConnection, head
from waiting import wait_for
from workers import PATIENCE_SECONDS, Crowd, Worker

VAULT = "visited"
HEALTHY, RUDE, DROPS = 4, 4, 200
# Far below the time-out of a minute that the silent ones beside them wait for: nobody may wait with them.
LATENCY_MAX_SECONDS = 20
# What a wave of drops may leave behind for good: 200 bytes each and some noise.
WAVE_BYTES_MAX = 3 * MEBIBYTE + 200 * RUDE * DROPS


class Place:
    """A server with a vault that holds one large archive, whose output can be read."""

    def __init__(self, server, size):
        self.server, self.port, self.size = server, server.port, size
        data = random_bytes(size, "large")
        self.large_hash = linear_hash(data)
        with Glacier(self.port, PATIENCE_SECONDS) as glacier:
            glacier.create_vault(VAULT)
            archive_id = glacier.upload(VAULT, data).getheader("x-amz-archive-id")
            self.job_id = glacier.start_job(VAULT, Type="archive-retrieval", ArchiveId=archive_id)

    def connect(self, **options):
        return RawConnection(self.port, PATIENCE_SECONDS, **options)

    def archives(self):
        with Glacier(self.port, PATIENCE_SECONDS) as glacier:
            return len(glacier.inventory(VAULT))

    def wait_until_quiet(self, descriptors):
        """Nothing is left of the clients that have gone."""
        wait_for(lambda: not list((self.server.data_dir / "incoming").iterdir()), 10, "no upload is staged")
        wait_for(lambda: figures_of(self.server).descriptors <= descriptors, 10, "descriptors are closed")


@pytest.fixture(scope="module")
def place(start_firn):
    return Place(start_firn("--timing", "instant", "--journal-size", "100", "--log-level", "warn"),
                 16 * MEBIBYTE)


@pytest.fixture(scope="module")
def strict_place(start_firn):
    return Place(start_firn("--timing", "instant", "--header-timeout", "3s", "--body-timeout", "3s",
                            "--write-timeout", "4s", "--log-level", "warn"), 64 * MEBIBYTE)


def test_a_slow_reader_is_served_and_one_that_stopped_is_not(strict_place):
    """The slow one needs far longer than the time-out, and takes something all the time."""
    before = figures_of(strict_place.server)
    with contextlib.ExitStack() as stack:
        slow, *stopped = [stack.enter_context(strict_place.connect(receive_buffer=SMALL_BUFFER)) for _ in range(9)]
        for connection in [slow, *stopped]:
            connection.send(output_head(VAULT, strict_place.job_id))
        received = read_slowly(slow, strict_place.size, bytes_a_second=8 << 10, seconds=10)
        wait_for(lambda: figures_of(strict_place.server).descriptors <= before.descriptors + 2, 20,
                 "only the slow one's socket and file are open")
        assert figures_of(strict_place.server).memory_bytes < before.memory_bytes + 4 * MEBIBYTE or is_sanitized()
        for connection in stopped:
            answer = connection.read_answer()
            assert answer.status == 200 and len(answer.body) < strict_place.size
        slow.take_back(received)
        answer = slow.read_answer()
        assert answer.status == 200 and linear_hash(answer.body) == strict_place.large_hash


@pytest.mark.parametrize("part", ["head", "body"])
def test_a_byte_a_second_is_too_slow(strict_place, part):
    data = random_bytes(100_000, "slow")
    whole = upload_head(VAULT, data)
    at_once, slowly = (whole[:20], whole[20:]) if part == "head" else (whole, data)

    def be_slow(_):
        with strict_place.connect() as connection:
            connection.send(at_once)
            sent = trickle(connection, slowly, seconds_between=1)
            answer = connection.read_answer()
            assert (answer.status, answer.error_code()) == (408, "RequestTimeoutException")
            assert connection.is_closed_by_peer()
            return sent

    before = figures_of(strict_place.server).descriptors
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert max(pool.map(be_slow, range(8))) < len(slowly)
    strict_place.wait_until_quiet(before)
    assert strict_place.archives() == 1


def test_slow_within_the_time_allowed_is_served(place):
    data = b"a few bytes"
    with place.connect() as connection:
        request = upload_head(VAULT, data) + data
        assert trickle(connection, request, seconds_between=0.001) == len(request)
        answer = connection.read_answer()
    assert answer.status == 201
    with Glacier(place.port, PATIENCE_SECONDS) as glacier:
        archive_id = answer.fields["x-amz-archive-id"]
        assert glacier.retrieve(VAULT, archive_id) == data
        glacier.call("DELETE", f"/-/vaults/{VAULT}/archives/{archive_id}")


def test_who_only_stopped_sending_gets_the_answer(place):
    with place.connect() as connection:
        connection.send(head("GET", f"/-/vaults/{VAULT}", Content_Length=0) * 2)
        connection.end_sending()
        for _ in range(2):
            assert json.loads(connection.read_answer().body)["VaultName"] == VAULT
        assert connection.is_closed_by_peer()
    with place.connect() as connection:
        connection.send(output_head(VAULT, place.job_id))
        connection.end_sending()
        assert linear_hash(connection.read_answer().body) == place.large_hash


def test_who_stops_sending_in_the_middle_of_a_body_has_sent_nothing(place):
    data = random_bytes(300_000, "half")
    before = figures_of(place.server).descriptors
    for sent in (0, 1, 100_000, len(data) - 1):
        with place.connect() as connection:
            connection.send(upload_head(VAULT, data) + data[:sent])
            connection.end_sending()
            assert connection.read_answer() is None
    place.wait_until_quiet(before)
    assert place.archives() == 1


class RudeCrowd:
    """Connections that are dropped in the middle of uploads and downloads, one after the other."""

    def __init__(self, place, name):
        self.place = place
        self.generator = random.Random(name)

    def drop(self):
        way_out = self.generator.choice(WAYS_OUT)
        if self.generator.random() < 0.5:
            data = random_bytes(self.generator.choice([20_000, 300_000]), "dropped")
            whole = len(upload_head(VAULT, data)) + len(data)
            drop_upload(self.place.port, VAULT, data, self.generator.randrange(whole), way_out)
        else:
            read_bytes = self.generator.choice([0, 1, 1000, 50_000])
            drop_download(self.place.port, VAULT, self.place.job_id, read_bytes, way_out)

    def run(self):
        for _ in range(DROPS):
            self.drop()


def wave(place, crowd):
    """Drops without number, with silent readers and healthy clients beside them."""
    with contextlib.ExitStack() as stack, crowd.working():
        silent = [stack.enter_context(place.connect(receive_buffer=SMALL_BUFFER)) for _ in range(8)]
        for connection in silent:
            connection.send(output_head(VAULT, place.job_id))
        with concurrent.futures.ThreadPoolExecutor(RUDE) as pool:
            for done in [pool.submit(RudeCrowd(place, number).run) for number in range(RUDE)]:
                done.result()
        wait_for(lambda: crowd.has_done(10), PATIENCE_SECONDS, "the healthy have worked beside them")
        for connection in silent:
            reset(connection)


def test_dropped_connections(place):
    crowd = Crowd([Worker(place.port, f"healthy-{number}") for number in range(HEALTHY)])
    descriptors = figures_of(place.server).descriptors
    wave(place, crowd)  # After the first everything is as large as it gets.
    place.wait_until_quiet(descriptors)
    before = figures_of(place.server)
    wave(place, crowd)
    place.wait_until_quiet(descriptors)
    after = figures_of(place.server)
    print(f"{2 * RUDE * DROPS} drops, {crowd.requests()} requests beside them, slowest {crowd.slowest_seconds():.2f} s")
    print(before, after, sep="\n")
    assert crowd.slowest_seconds() < LATENCY_MAX_SECONDS
    assert after.threads == before.threads
    assert after.memory_bytes - before.memory_bytes < WAVE_BYTES_MAX or is_sanitized()
    crowd.check()
    crowd.close()
    assert place.archives() == 1

    place.server.restart()
    check_files(place.server.data_dir)
