"""Clients that misbehave: each function does one rude thing over a connection of its own."""
import socket
import struct
import time

from glacier_data import upload_headers
from raw_http import RawConnection, head

SMALL_BUFFER = 4 << 10


def upload_head(vault, data):
    return head("POST", f"/-/vaults/{vault}/archives", Content_Length=len(data), **upload_headers(data))


def output_head(vault, job_id):
    return head("GET", f"/-/vaults/{vault}/jobs/{job_id}/output", Content_Length=0)


def reset(connection):
    """Closes with a reset."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.socket.close()


def leave(connection):
    """Closes in the normal way."""
    connection.end_sending()
    connection.socket.close()


WAYS_OUT = [reset, leave]


def drop_upload(port, vault, data, sent, way_out):
    """In the middle of the body, or of the head."""
    connection = RawConnection(port)
    connection.send((upload_head(vault, data) + data)[:sent])
    way_out(connection)


def drop_download(port, vault, job_id, read_bytes, way_out):
    """In the middle of the answer."""
    connection = RawConnection(port, receive_buffer=SMALL_BUFFER)
    connection.send(output_head(vault, job_id))
    while read_bytes > 0 and (piece := connection.socket.recv(read_bytes)):
        read_bytes -= len(piece)
    way_out(connection)


def trickle(connection, data, seconds_between):
    """Byte by byte, until all is sent or the server has something to say. How many bytes were sent."""
    for count, byte in enumerate(data):
        if connection.has_answer() or not connection.send(bytes([byte])):
            return count
        time.sleep(seconds_between)
    return len(data)


def read_slowly(connection, size, bytes_a_second, seconds):
    """`size` bytes at most, for so long at most. What came; shorter when the server ended the connection."""
    step_seconds, received = 0.25, b""
    end = time.monotonic() + seconds
    while len(received) < size and time.monotonic() < end:
        piece = connection.socket.recv(min(size - len(received), int(bytes_a_second * step_seconds)))
        if not piece:
            break
        received += piece
        time.sleep(step_seconds)
    return received
