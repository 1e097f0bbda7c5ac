"""Renews the leases of what a worker holds, for as long as the worker lives: a paused or dead one stops renewing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import final

from autonomous_trading.app._ledger import Claim, Ledger
from autonomous_trading.core import TradingError

_BEATS_PER_LEASE = 3.0


@final
class Heartbeat:
    """Holds claims and renews them from a thread of its own, three times a lease; used as a context.

    A ledger that cannot be reached is tried again at the next beat: what matters is said when results are recorded.
    """

    def __init__(self, ledger: Ledger, job_id: str, lease_seconds: float) -> None:
        self._ledger = ledger
        self._job_id = job_id
        self._lease_seconds = lease_seconds
        self._claims: dict[int, Claim] = {}
        self._guard = threading.Lock()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopped.set()
        self._thread.join()

    def hold(self, claims: Iterable[Claim]) -> None:
        """Renew these from now on."""
        with self._guard:
            self._claims.update({claim.n: claim for claim in claims})

    def drop(self, claims: Iterable[Claim]) -> None:
        """These need no renewal any more."""
        with self._guard:
            for claim in claims:
                self._claims.pop(claim.n, None)

    def held(self) -> Sequence[Claim]:
        """What is held now."""
        with self._guard:
            return list(self._claims.values())

    def _beat(self) -> None:
        while not self._stopped.wait(self._lease_seconds / _BEATS_PER_LEASE):
            claims = self.held()
            if not claims:
                continue
            try:
                self._ledger.renew(self._job_id, claims, lease_seconds=self._lease_seconds)
            except TradingError:
                continue
