"""Ten thousand connections that do nothing, and 64 that work beside them."""
import contextlib

import pytest
from figures import USUAL_DESCRIPTORS, allow_descriptors, figures_of
from firn_server import is_sanitized
from raw_http import RawConnection, head
from waiting import wait_for
from workers import PATIENCE_SECONDS, Crowd, Worker

IDLE, BUSY = 10_000, 64
SPARE_DESCRIPTORS = 500  # of this process and of firn, beside the connections
BUSY_STEPS = 5
# Session, buffer of 4 KiB, coroutine, timer: less than a third of this.
BYTES_PER_CONNECTION_MAX = 24 << 10
# The allocator keeps what ten thousand connections needed, in pieces, for the next ten thousand: those find nearly all
# of their place there. One that left as little as its socket's bookkeeping behind would show.
BYTES_PER_LATER_CONNECTION_MAX = 512
LIST_TAGS = head("GET", "/-/vaults/v-0/tags", Content_Length=0)


@pytest.fixture
def many_descriptors():
    """How many connections this machine allows: nearly all machines allow all."""
    limit = allow_descriptors()
    yield min(IDLE, limit - BUSY - SPARE_DESCRIPTORS)


@pytest.fixture
def server(start_firn):
    """With the limits that it has in a shell: it has to help itself."""
    allow_descriptors(USUAL_DESCRIPTORS)
    server = start_firn("--timing", "instant", "--max-connections", IDLE + BUSY, "--idle-timeout", "1h",
                        "--journal-size", "100", "--log-level", "warn")
    allow_descriptors()
    return server


def ask(connection):
    connection.send(LIST_TAGS)
    answer = connection.read_answer()
    assert answer is not None and answer.status == 200, answer


def open_idle(server, stack, count):
    """Every second one has been served before; all are with the server when this returns."""
    before = figures_of(server).descriptors
    idle = [stack.enter_context(RawConnection(server.port, PATIENCE_SECONDS)) for _ in range(count)]
    for connection in idle[::2]:
        ask(connection)
    wait_for(lambda: figures_of(server).descriptors >= before + count, 30, "all connections are accepted")
    return idle


def idle_beside_busy(server, crowd, count):
    """What the server uses while they all are there."""
    before = figures_of(server).descriptors
    with contextlib.ExitStack() as stack:
        idle = open_idle(server, stack, count)
        beside_idle = figures_of(server)
        with crowd.working():
            wait_for(lambda: crowd.has_done(BUSY_STEPS), PATIENCE_SECONDS, "everybody has worked beside them")
        # None of them was given up meanwhile.
        for connection in idle[::7]:
            ask(connection)
    wait_for(lambda: figures_of(server).descriptors <= before, 30, "their descriptors are closed")
    return beside_idle


def test_ten_thousand_idle_and_64_busy(server, many_descriptors):
    crowd = Crowd([Worker(server.port, str(number)) for number in range(BUSY)])
    with crowd.working():  # Caches and buffers are as full as work makes them before anything is measured.
        wait_for(lambda: crowd.has_done(2), PATIENCE_SECONDS, "everybody has worked")
    before = figures_of(server)
    beside_first = idle_beside_busy(server, crowd, many_descriptors)
    between = figures_of(server)
    beside_second = idle_beside_busy(server, crowd, many_descriptors)
    after = figures_of(server)
    crowd.check()
    crowd.close()

    print(f"{many_descriptors} idle, {crowd.requests()} requests beside them, slowest {crowd.slowest_seconds():.2f} s")
    for figures in (before, beside_first, between, beside_second, after):
        print(figures)
    if is_sanitized():
        return
    assert beside_first.memory_bytes - before.memory_bytes < many_descriptors * BYTES_PER_CONNECTION_MAX
    assert after.memory_bytes - between.memory_bytes < many_descriptors * BYTES_PER_LATER_CONNECTION_MAX
    assert after.threads == before.threads
