"""Five hundred flipped bytes in the files of a catalogue: never a bad read, and an answer that names the file.

One bit is flipped at a random place of a random file (parts, manifests, corporate actions), everything is read through
the catalogue and asked for in SQL, and the bit is put back.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path

from autonomous_trading.adapters.catalogue import ParquetCatalogue, query
from autonomous_trading.core import StoreDamaged
from autonomous_trading.data import Span
from autonomous_trading.data.actions import CorporateAction
from proofs.claims import Figure, equals, holds, run
from proofs.data._syncing import KEYS, contents, do_step

TITLE = "Flipped bytes"
FLIPS = 500
STEPS = 10


def everything(catalogue: ParquetCatalogue) -> str:
    """All that can be read."""
    return contents(catalogue, STEPS) + repr(catalogue.actions("killed", "EUR=X"))


def outcome(catalogue: ParquetCatalogue, path: Path, expected: str) -> str:
    """What reading everything comes to while one byte of `path` is wrong."""
    try:
        found = everything(catalogue)
    except StoreDamaged as error:
        return "refused" if path.name in error.what and error.fix else "refused without the name of the file"
    return "harmless" if found == expected else "bad read"


def asked(catalogue: ParquetCatalogue, path: Path, expected: object) -> str:
    """The same for a question in SQL."""
    try:
        found = query(catalogue, "SELECT * FROM bars ORDER BY ALL", keys=KEYS)
    except StoreDamaged:
        return "refused"
    return "harmless" if found == expected and path.name == "actions.json" else "bad read"


def measure() -> list[Figure]:
    """Flip, read, put back."""
    with tempfile.TemporaryDirectory() as name:
        catalogue, dice = ParquetCatalogue(name), random.Random(17)
        for step in range(STEPS):
            do_step(catalogue, step)
        action = CorporateAction("split", "EUR=X", 5, 5, ratio=2.0)
        catalogue.commit_actions("killed", "EUR=X", Span(0, 10), [action], 20)
        files = sorted(path for path in Path(name).rglob("*.*") if path.is_file() and path.name != "lock")
        expected, rows = everything(catalogue), query(catalogue, "SELECT * FROM bars ORDER BY ALL", keys=KEYS)
        read, sql = Counter[str](), Counter[str]()
        for _ in range(FLIPS):
            path = dice.choice(files)
            data = path.read_bytes()
            at = dice.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ (1 << dice.randrange(8))]) + data[at + 1 :])
            read[outcome(catalogue, path, expected)] += 1
            sql[asked(catalogue, path, rows)] += 1
            path.write_bytes(data)
        whole = everything(catalogue) == expected
    return [
        equals("flipped bytes, read: bad reads", read["bad read"], 0, digits=0),
        equals("read: refused with the name of the file", read["refused"], FLIPS, digits=0),
        equals("asked in SQL: bad reads", sql["bad read"], 0, digits=0),
        holds("everything as before once the bytes are put back", whole),
    ]


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
