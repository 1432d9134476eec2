"""A bad network between a till and the server: a proxy on the loopback that a seed makes fail.

It understands one request a connection, as `Served.ask` sends them.
"""

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer

STALL_S = 0.4  # longer than the clients of these tests wait
PASS = "pass"
# What may become of a request, and how often (of a hundred).
FAULTS: Mapping[str, int] = {
    PASS: 52,
    "lost_on_the_way": 8,  # dropped before the server hears of it
    "reset_on_the_way": 4,
    "answer_lost": 9,  # dropped after the server's commit
    "answer_cut": 5,  # half of the answer, then nothing
    "answer_reset": 4,
    "server_left": 4,  # the server gets the request, and a reset before it can answer
    "stalled": 2,  # the answer comes when the till has given up
    "repeated": 6,  # the request is sent twice, one after the other
    "doubled": 4,  # twice at once
    "ghost": 2,  # dropped, yet sent on later, when the till has long tried again
}
DOWN = {"lost_on_the_way": 30, "answer_lost": 60, "answer_reset": 10}


class FaultProxy:
    """`with FaultProxy(port, seed=1) as proxy:` — requests to `proxy.port` reach `port`, or not."""

    def __init__(self, target: int, seed: int, faults: Mapping[str, int] = FAULTS):
        self._target = target
        self._random = random.Random(seed)
        self._faults = faults
        self._lock = threading.Lock()
        self._ghosts: list[threading.Thread] = []
        self.met: Counter[str] = Counter()
        proxy = self

        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                proxy.carry(self.request)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self) -> "FaultProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for ghost in self._ghosts:
            ghost.join()

    def heal(self) -> None:
        """From now on everything passes."""
        self._faults = {PASS: 1}

    def carry(self, client: socket.socket) -> None:
        """One request with the fault that the seed gave it."""
        with self._lock:
            fault = self._random.choices(*zip(*self._faults.items(), strict=True))[0]
            self.met[fault] += 1
        with suppress(OSError):
            request = _message(client)
            getattr(self, f"_{fault}")(client, request)

    def _pass(self, client: socket.socket, request: bytes) -> None:
        client.sendall(self._asked(request))

    def _lost_on_the_way(self, client: socket.socket, request: bytes) -> None:
        client.close()

    def _reset_on_the_way(self, client: socket.socket, request: bytes) -> None:
        _reset(client)

    def _answer_lost(self, client: socket.socket, request: bytes) -> None:
        self._asked(request)
        client.close()

    def _answer_cut(self, client: socket.socket, request: bytes) -> None:
        answer = self._asked(request)
        client.sendall(answer[: len(answer) // 2])
        client.close()

    def _answer_reset(self, client: socket.socket, request: bytes) -> None:
        self._asked(request)
        _reset(client)

    def _server_left(self, client: socket.socket, request: bytes) -> None:
        server = self._connected()
        server.sendall(request)
        _reset(server)
        client.close()

    def _stalled(self, client: socket.socket, request: bytes) -> None:
        answer = self._asked(request)
        time.sleep(STALL_S)
        client.sendall(answer)

    def _repeated(self, client: socket.socket, request: bytes) -> None:
        self._asked(request)
        client.sendall(self._asked(request))

    def _doubled(self, client: socket.socket, request: bytes) -> None:
        other = threading.Thread(target=self._asked_quietly, args=(request,))
        other.start()
        client.sendall(self._asked(request))
        other.join()

    def _ghost(self, client: socket.socket, request: bytes) -> None:
        client.close()
        later = threading.Timer(STALL_S, self._asked_quietly, (request,))
        with self._lock:
            self._ghosts.append(later)
        later.start()

    def _asked(self, request: bytes) -> bytes:
        """The server's whole answer."""
        with self._connected() as server:
            server.sendall(request)
            return _message(server)

    def _asked_quietly(self, request: bytes) -> None:
        with suppress(OSError):
            self._asked(request)

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._target), timeout=30)


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


def _message(end: socket.socket) -> bytes:
    """One request or answer: the head, and as much of the body as the head says."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _some(end)
    head, _, body = read.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        length = int(value) if name == b"content-length" else length
    while len(body) < length:
        body += _some(end)
    return head + b"\r\n\r\n" + body


def _some(end: socket.socket) -> bytes:
    chunk = end.recv(65536)
    if not chunk:
        raise ConnectionError("the other end has closed")
    return chunk


def _reset(end: socket.socket) -> None:
    """Closes with RST instead of FIN."""
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()
