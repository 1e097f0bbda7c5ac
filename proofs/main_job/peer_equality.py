"""Our engine equals vectorbt and backtesting.py to 1e-9 on the semantics they share.

Equity at every bar, and bars, prices and profit of every closed position, on random markets that gap; what the engines
do not share, and why, is in docs/reference/peers.md. The peers run in environments of their own.
"""

from __future__ import annotations

from benchmarks.peers import PEERS, Peer, PeerMissing
from proofs.claims import Figure, at_most, not_measured, run
from tests.integration.peer_scenarios import SCENARIOS, Difference, compare

TITLE = "Equality with public engines"
TOLERANCE = 1e-9


def measure() -> list[Figure]:
    """The largest relative difference of every scenario."""
    return [figure for peer in PEERS for figure in _against(peer)]


def _against(peer: Peer) -> list[Figure]:
    try:
        found = compare(peer)
    except PeerMissing as missing:
        names = [scenario.name for scenario in SCENARIOS if scenario.peer == peer]
        return [not_measured(f"{peer.name}: {name}", f"<= {TOLERANCE:g}", str(missing)) for name in names]
    return [at_most(f"{peer.name}: {name}{_count(each)}", each.largest, TOLERANCE) for name, each in found.items()]


def _count(found: Difference) -> str:
    """What there was to compare."""
    text = f" ({found.positions} positions"
    if found.gap_exits or found.inside_exits:
        text += f", exits: {found.gap_exits} at a gap, {found.inside_exits} in a bar"
    if found.entry_bar_exits:
        text += f", {found.entry_bar_exits} in that of the entry"
    return text + ")"


if __name__ == "__main__":
    raise SystemExit(run(TITLE, measure))
