"""A Ray cluster that nobody else can reach: one on this machine, or one that asks for a token."""

import functools
import os
import secrets
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, final

from autonomous_trading.adapters.compute._listening import listening_of, open_to_others
from autonomous_trading.core import InvalidInput

__all__ = ["Cluster"]

_INSTALL: Final = 'pip install "autonomous-trading[ray]"'
_ROOM: Final = 80 * 2**20  # the least a Ray object store takes


@final
class Cluster:
    """Ray, ready to be asked: `ray` is its module. Closing it ends what was started for it, and nothing else."""

    def __init__(self, address: str | None, workers: int) -> None:
        address = address or os.environ.get("RAY_ADDRESS") or None
        local = address in (None, "local")
        self._folder = ""
        self._started = False
        with _environment(local):
            self.ray: Final = _imported()
            # One that somebody else started may span machines.
            self.is_local: Final[bool] = local and not self.ray.is_initialized()
            self._require_token()
            if not self.ray.is_initialized():
                self._start(address, workers)

    def _start(self, address: str | None, workers: int) -> None:
        before = listening_of(os.getpid())
        settings: dict[str, Any] = {"log_to_driver": False, "configure_logging": False}
        if self.is_local:
            self._folder = tempfile.mkdtemp(prefix=f"ray-{os.getpid()}-")  # short: sockets lie in it
            settings |= {"num_cpus": workers, "include_dashboard": False, "object_store_memory": _ROOM}
            settings |= {"_temp_dir": self._folder}
        self._started = True
        try:
            with _termination_kept():
                self.ray.init(address="local" if self.is_local else address, **settings)
        except (ConnectionError, RuntimeError, ValueError) as error:
            self.close()
            raise InvalidInput(
                f"Ray did not start: {error}",
                fix="check RAY_ADDRESS and RAY_AUTH_TOKEN" if not self.is_local else "see whether `ray start` works",
            ) from error
        if self.is_local:
            self._require_loopback(before)

    def _require_loopback(self, before: frozenset[str]) -> None:
        exposed = open_to_others(listening_of(os.getpid()) - before)
        if exposed:
            self.close()
            raise InvalidInput(
                f"Ray listens to other machines ({', '.join(sorted(exposed))}), so it was ended",
                fix="open the executor before anything else imports ray: the address to listen on is fixed by then",
            )

    def _require_token(self) -> None:
        from ray._private.authentication.authentication_utils import is_token_auth_enabled

        if is_token_auth_enabled():  # it was decided when ray was imported, whatever the environment says now
            return
        if self.ray.is_initialized():
            raise InvalidInput(
                "this Ray cluster lets in everybody: it asks for no token",
                fix="start it with RAY_AUTH_MODE=token, and set RAY_AUTH_TOKEN here",
            )
        raise InvalidInput(
            "ray was imported without RAY_AUTH_MODE=token, so a cluster of it would let in everybody",
            fix="open the executor before anything else imports ray, or set RAY_AUTH_MODE=token before",
        )

    def close(self) -> None:
        """End the cluster if it was started here, and remove its files."""
        if self._started:
            self._started = False
            self.ray.shutdown()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""


def _imported() -> Any:
    try:
        import ray
    except ImportError as error:
        raise InvalidInput("ray is not installed", fix=f'{_INSTALL}, or use "processes"') from error
    return ray


@functools.cache
def _token() -> str:
    """One token for all clusters of this process: Ray reads it once."""
    return secrets.token_hex(32)


@contextmanager
def _environment(local: bool) -> Iterator[None]:
    """What Ray reads while it is imported and started: token on, telemetry off, and loopback for a cluster of our own.

    Ray listens on loopback only where it believes that there are no clusters, as it does on macOS and Windows.
    """
    wanted = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}
    if local:
        wanted |= {"RAY_AUTH_TOKEN": _token(), "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _termination_kept() -> Iterator[None]:
    """Ray takes the handler of SIGTERM for itself; it is given back."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, handler)
