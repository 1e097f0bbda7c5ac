"""A websocket server on this machine that does with each connection what its script says."""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias, final

if TYPE_CHECKING:
    from websockets.sync.server import ServerConnection

__all__ = ["ScriptedServer", "Step", "calls", "drops", "sends", "sends_text"]

Step: TypeAlias = "Callable[[ServerConnection], None]"
"""One thing done with a connection."""


def sends(message: Any) -> Step:
    """Send something as JSON."""
    return sends_text(json.dumps(message, separators=(",", ":")))


def sends_text(text: str) -> Step:
    """Send a text as it is, sound or not."""
    return lambda connection: connection.send(text)


def calls(function: Callable[[], object]) -> Step:
    """Do something else between two messages, such as turning a clock."""

    def step(_: "ServerConnection") -> None:
        function()

    return step


def drops() -> Step:
    """Hang up without a word."""

    def step(connection: "ServerConnection") -> None:
        connection.socket.shutdown(socket.SHUT_RDWR)
        raise ConnectionError("dropped")

    return step


@final
class ScriptedServer:
    """Serves until it is closed; a context manager. Each connection takes the next script, the last one stays.

    `greet` does what the protocol begins with. After its script a connection is kept open in silence.
    """

    def __init__(self, scripts: Iterable[Iterable[Step]], greet: "Callable[[ServerConnection], None]") -> None:
        from websockets.sync.server import serve

        self._scripts = deque(tuple(script) for script in scripts)
        self._greet = greet
        self._closing = threading.Event()
        self._turn = threading.Lock()
        self.connections = 0
        self._server = serve(self._handle, "127.0.0.1", 0, ping_interval=None, close_timeout=1)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def close(self) -> None:
        """Hang up and stop listening. Calling it again does nothing."""
        if not self._closing.is_set():
            self._closing.set()
            self._server.shutdown()
            self._thread.join()

    def __enter__(self) -> "ScriptedServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _handle(self, connection: "ServerConnection") -> None:
        from websockets.exceptions import ConnectionClosed

        with self._turn:
            self.connections += 1
            script = self._scripts.popleft() if len(self._scripts) > 1 else self._scripts[0]
        try:
            self._greet(connection)
            for step in script:
                step(connection)
            while not self._closing.is_set():
                try:
                    connection.recv(timeout=0.05)
                except TimeoutError:
                    continue
        except (ConnectionClosed, ConnectionError):
            pass  # whoever listened has gone, or was hung up on
