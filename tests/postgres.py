"""A real PostgreSQL server of the tests' own, from the programs that are installed: nothing is mocked, fsync is on."""

import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import final

_START_SECONDS = 30.0
_USERS = ("postgres", "nobody")  # the server refuses to run as root


class NoServer(Exception):
    """Why there is no server here."""


@final
@dataclass
class Server:
    """A running server. `database()` makes a fresh one and gives its URL."""

    programs: Path
    folder: Path
    port: int
    user: int | None
    _names: Iterator[int] = field(default_factory=count)

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{next(self._names)}"
        self.run("createdb", "-h", str(self.folder), "-p", str(self.port), "-U", "trader", name)
        return f"postgresql://trader@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Starts the server, with every commit flushed to the disk."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=on -c max_connections=60"
        log = str(self.folder / "log")
        try:
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-w", "-t", "120", "-o", options, "start")
        except NoServer as error:
            raise NoServer(f"{error} {Path(log).read_text(errors='replace')[-1000:]}") from None

    def stop(self, mode: str = "fast") -> None:
        """Stops the server; `immediate` is a crash."""
        self.run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", mode, "stop")

    def run(self, program: str, *arguments: str) -> None:
        """Runs a program of the server as its user. Raises NoServer with what it said."""
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user,
            cwd=self.folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            timeout=_START_SECONDS * 4,
            check=False,
        )
        if done.returncode:
            raise NoServer(f"{program} failed: {(done.stderr or b'').decode(errors='replace').strip()}")


@contextmanager
def running_server() -> Iterator[Server]:
    """A server for as long as it is needed; nothing of it stays. Raises NoServer where it cannot be had."""
    programs = _programs()
    user = _unprivileged() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: the path of a socket has 107 characters at most
    try:
        if user is not None:
            os.chown(folder, user, -1)
        server = Server(programs, folder, _free_port(), user)
        server.run("initdb", "-D", str(folder / "data"), "-U", "trader", "-A", "trust", "-E", "UTF8", "--no-sync")
        server.start()
        with _watched(server):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _watched(server: Server) -> Iterator[None]:
    """Stops the server at the end, also where these tests are killed: then the watcher reads the end of its input."""
    stop = 'cat > /dev/null; "$0" -D "$1/data" -m immediate -w stop; rm -rf "$1"'
    watcher = subprocess.Popen(
        ["sh", "-c", stop, str(server.programs / "pg_ctl"), str(server.folder)],
        user=server.user,
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        watcher.communicate()


def _programs() -> Path:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found:
        places.append(Path(found).resolve().parent)
    for place in places:
        if all((place / program).exists() for program in ("initdb", "pg_ctl", "postgres", "createdb")):
            return place
    raise NoServer("PostgreSQL is not installed (Debian: apt install postgresql)")


def _unprivileged() -> int:
    import pwd

    for name in _USERS:
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise NoServer("the server refuses to run as root, and there is no other user to run it as")


def _free_port() -> int:
    """A free port below those that the system hands to outgoing connections: nobody takes it during a restart."""
    dice = random.SystemRandom()
    while True:
        port = dice.randrange(15_000, 30_000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
