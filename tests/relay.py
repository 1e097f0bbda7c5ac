"""A line to a server that can be cut: connections are dropped, or end after so many bytes."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE = 4096


@contextmanager
def relay(port: int, *, drops: int = 0, most_bytes: int | None = None) -> Iterator[int]:
    """The port of a line to `port` on this machine. The first `drops` connections are closed at once; each other one
    ends after `most_bytes` from the server.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    open_lines: list[socket.socket] = []

    def serve() -> None:
        left = drops
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return  # the test is over
            if left > 0:
                left -= 1
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", port))
            open_lines.extend((near, far))
            threading.Thread(target=_pump, args=(near, far, None), daemon=True).start()
            threading.Thread(target=_pump, args=(far, near, most_bytes), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for line in open_lines:
            # Closing alone does not end a line that a thread still reads from: the server would wait for it for ever.
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
        thread.join(timeout=10)


def _pump(source: socket.socket, target: socket.socket, most: int | None) -> None:
    sent = 0
    with suppress(OSError):
        while (piece := source.recv(_PIECE)) and (most is None or sent < most):
            target.sendall(piece)
            sent += len(piece)
    for line in (source, target):
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)
