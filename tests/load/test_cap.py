"""One connection more than --max-connections is told so, and the next one after a farewell is served."""
import contextlib

import pytest
from glacier_data import random_bytes, upload_headers
from raw_http import RawConnection, head
from waiting import wait_for

CONNECTIONS_MAX = 5
LIST_VAULTS = head("GET", "/-/vaults", Content_Length=0)


@pytest.fixture(scope="module")
def server(start_firn):
    return start_firn("--max-connections", CONNECTIONS_MAX, "--log-level", "warn")


@contextlib.contextmanager
def connections(server, count):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(RawConnection(server.port)) for _ in range(count)]


def is_served(connection):
    """A connection over the limit gets its answer before it sends a request."""
    connection.send(LIST_VAULTS)
    answer = connection.read_answer()
    return answer is not None and answer.status == 200


def new_one_is_served(server):
    with RawConnection(server.port) as connection:
        return is_served(connection)


@contextlib.contextmanager
def full_house(server):
    """The server sees the end of an earlier test's connections a moment after the client does."""
    with contextlib.ExitStack() as stack:
        served = []

        def fill():
            connection = RawConnection(server.port)
            if is_served(connection):
                served.append(stack.enter_context(connection))
            else:
                connection.socket.close()
            return len(served) == CONNECTIONS_MAX

        wait_for(fill, 10, "as many connections as are allowed are served", interval=0.01)
        yield served


def assert_is_polite(connection):
    answer = connection.read_answer()
    assert answer is not None and answer.status == 503
    assert answer.fields["content-type"] == "application/json"
    assert answer.fields["connection"] == "close"
    assert len(answer.body) == int(answer.fields["content-length"])
    assert answer.error_code() == "ServiceUnavailableException"
    assert "connections" in answer.fields["x-firn-hint"]
    assert answer.fields["x-amzn-requestid"]
    assert connection.is_closed_by_peer()


def test_one_too_many_is_told_so_without_asking(server):
    with full_house(server) as served, RawConnection(server.port) as one_more:
        assert_is_polite(one_more)
        assert all(is_served(connection) for connection in served)


def test_the_answer_reaches_a_client_that_sends_first(server):
    """The answer arrives although the server does not read the request: no reset overtakes it."""
    data = random_bytes(1 << 20, "unwanted")
    request = head("POST", "/-/vaults/v/archives", Content_Length=len(data), **upload_headers(data)) + data
    with full_house(server):
        for _ in range(10):
            with RawConnection(server.port) as one_more:
                one_more.send(request)
                assert_is_polite(one_more)


def test_the_next_is_served_when_one_leaves(server):
    with full_house(server) as served:
        for leaving in served:
            leaving.socket.close()
            # Each that is served for this leaves again at once.
            wait_for(lambda: new_one_is_served(server), 10, "a connection is served again", interval=0.01)


def test_silent_connections_count(server):
    wait_for(lambda: new_one_is_served(server), 10, "the house is not full", interval=0.01)
    with connections(server, 2 * CONNECTIONS_MAX) as silent:
        wait_for(lambda: sum(one.has_answer() for one in silent) >= CONNECTIONS_MAX, 10, "half of them are told")
        for one in silent:
            if one.has_answer():
                assert_is_polite(one)


def test_a_crowd_at_the_door_disturbs_nobody(server):
    """Many at once: each gets the whole answer, or the end of the connection without a word."""
    with full_house(server) as served:
        polite = 0
        with connections(server, 500) as crowd:
            for one in crowd:
                answer = one.read_answer()
                polite += answer is not None
                assert answer is None or answer.error_code() == "ServiceUnavailableException"
                assert is_served(served[polite % CONNECTIONS_MAX])
        assert polite > 0
    wait_for(lambda: new_one_is_served(server), 10, "a connection is served again", interval=0.01)
