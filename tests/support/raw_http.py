"""Sends any bytes to a server, also broken requests, and reads the answers."""
import dataclasses
import json
import select
import socket

from waiting import patient

HEAD_END = b"\r\n\r\n"


@dataclasses.dataclass
class Answer:
    status: int
    fields: dict
    body: bytes

    def error_code(self):
        return json.loads(self.body)["code"]


def head(method, target, **fields):
    """A request's head with the API version; fields are written `Content_Length=5`."""
    lines = [f"{method} {target} HTTP/1.1", "Host: firn", "x-amz-glacier-version: 2012-06-01"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode("latin-1") + HEAD_END


class RawConnection:
    def __init__(self, port, timeout=10, receive_buffer=None):
        """A small receive buffer (bytes) lets the server notice early that the client does not read."""
        self.socket = socket.socket()
        self.socket.settimeout(patient(timeout))
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        try:
            self.socket.connect(("127.0.0.1", port))
        except OSError:
            self.socket.close()
            raise
        self._received = bytearray()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """False when the server has closed the connection."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def take_back(self, data):
        """Gives back bytes that were read from the socket directly; the next answer begins with them."""
        self._received[:0] = data

    def end_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # It is closed already.

    def has_answer(self):
        """Whether there is something to read now: an answer or the end of the connection."""
        return bool(self._received) or bool(select.select([self.socket], [], [], 0)[0])

    def read_answer(self):
        """The next answer, or None when the connection ends without one. Times out with the socket."""
        while HEAD_END not in self._received:
            if not self._receive():
                return None
        first, *lines = self._take(self._received.index(HEAD_END)).decode("latin-1").split("\r\n")
        self._take(len(HEAD_END))
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        length = int(fields.get("content-length", 0))
        while len(self._received) < length and self._receive():
            pass
        return Answer(int(first.split()[1]), fields, self._take(length))

    def is_closed_by_peer(self):
        """Reads until the connection ends. Times out with the socket."""
        while self._receive():
            pass
        return True

    def _take(self, length):
        taken = bytes(self._received[:length])
        del self._received[:length]
        return taken

    def _receive(self):
        try:
            data = self.socket.recv(1 << 16)
        except (ConnectionResetError, BrokenPipeError):
            return False
        self._received += data
        return bool(data)


def ask(port, data, timeout=10):
    """Sends bytes and closes the sending side. The first answer, or None when the server closed without one."""
    with RawConnection(port, timeout) as connection:
        connection.send(data)
        connection.end_sending()
        return connection.read_answer()
