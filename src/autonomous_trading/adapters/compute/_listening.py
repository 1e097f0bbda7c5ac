"""Which addresses a process and all it started listen on, as the kernel of Linux tells it."""

import ipaddress
import os
import re
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["listening_of", "open_to_others"]

_PROC: Final = Path("/proc")
_LISTENS: Final = "0A"
_SOCKET: Final = re.compile(r"socket:\[(\d+)\]")


def listening_of(pid: int) -> frozenset[str]:
    """Addresses, as ip:port, that a process and its descendants accept connections on; none where /proc is not."""
    if not (_PROC / "net" / "tcp").exists():
        return frozenset()
    addresses = dict(_listening())
    inodes = {inode for each in _family(pid) for inode in _sockets(each)}
    return frozenset(addresses[inode] for inode in inodes if inode in addresses)


def open_to_others(addresses: Iterable[str]) -> list[str]:
    """Those of the addresses that can be reached from another machine."""
    return [each for each in addresses if not _is_loopback(each.rpartition(":")[0])]


def _is_loopback(text: str) -> bool:
    address = ipaddress.ip_address(text.strip("[]"))
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _listening() -> Iterator[tuple[str, str]]:
    """The inode and the address of every listening socket."""
    for name in ("tcp", "tcp6"):
        table = _PROC / "net" / name
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENS:
                yield fields[9], _address(fields[1])


def _address(text: str) -> str:
    """An address as the kernel writes it: words of four bytes in the order of this machine."""
    ip, _, port = text.partition(":")
    words = [int(ip[start : start + 8], 16) for start in range(0, len(ip), 8)]
    address = ipaddress.ip_address(struct.pack(f"={len(words)}I", *words))
    shown = str(address) if address.version == 4 else f"[{address}]"
    return f"{shown}:{int(port, 16)}"


def _family(pid: int) -> set[int]:
    """A process and all its descendants."""
    children: defaultdict[int, list[int]] = defaultdict(list)
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                children[_parent_of(entry)].append(int(entry.name))
    found, new = {pid}, [pid]
    while new:
        new = [child for each in new for child in children[each] if child not in found]
        found.update(new)
    return found


def _parent_of(entry: Path) -> int:
    # The name of the program, in brackets, may hold spaces and brackets.
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])


def _sockets(pid: int) -> Iterator[str]:
    folder = _PROC / str(pid) / "fd"
    with suppress(OSError):
        for entry in folder.iterdir():
            with suppress(OSError):
                match = _SOCKET.match(os.readlink(entry))
                if match:
                    yield match[1]
