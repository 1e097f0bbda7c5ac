"""One corporate action: what happened to a share, from when, and since when that could be known."""

import hashlib
import json
import math
from dataclasses import asdict, dataclass
from typing import Final, final

from autonomous_trading.core import InvalidInput, time_text

__all__ = ["KINDS", "CorporateAction"]

KINDS: Final = ("split", "dividend", "rename", "delisting")


@final
@dataclass(frozen=True, slots=True)
class CorporateAction:
    """A split, a cash dividend, a change of the symbol, or the end of trading.

    `ex_time` (UTC nanoseconds) is the first moment at which it trades without: 00:00 UTC of the ex session date where
    the source gives a date. `knowable_at` is when it was announced; where the source does not say, use `ex_time`: then
    nobody knew before.

    split: `ratio` new shares for one old share (4.0 for 4:1, 0.05 for 1:20). dividend: `amount` of cash a share, as
    counted from `ex_time` on. rename: `new_symbol`. delisting: `amount` of cash a share at the end (0.0: worthless).
    Raises InvalidInput.
    """

    kind: str
    symbol: str
    ex_time: int
    knowable_at: int
    ratio: float = 1.0
    amount: float = 0.0
    new_symbol: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidInput(f"unknown kind of corporate action {self.kind!r}", fix=f"use one of {', '.join(KINDS)}")
        if not self.symbol:
            raise InvalidInput("a corporate action has no symbol", fix="name whose it is")
        if not (math.isfinite(self.ratio) and self.ratio > 0.0 and math.isfinite(self.amount) and self.amount >= 0.0):
            raise InvalidInput(
                f"{self.text} has ratio {self.ratio} and amount {self.amount}",
                fix="give a positive ratio and an amount that is not negative",
            )
        self._refuse_what_says_nothing()

    def _refuse_what_says_nothing(self) -> None:
        wrong = {
            "split": self.ratio == 1.0 or self.amount != 0.0,
            "dividend": self.amount == 0.0 or self.ratio != 1.0,
            "rename": self.new_symbol in ("", self.symbol) or self.ratio != 1.0 or self.amount != 0.0,
            "delisting": self.ratio != 1.0,
        }
        if wrong[self.kind] or (self.new_symbol and self.kind != "rename"):
            raise InvalidInput(
                f"{self.text} has ratio {self.ratio}, amount {self.amount} and new symbol {self.new_symbol!r}",
                fix="a split has a ratio, a dividend an amount, a rename a new symbol, and each nothing else",
            )

    @property
    def id(self) -> str:
        """Sixteen hexadecimal digits that name its content on every machine (sha256)."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def text(self) -> str:
        """As a person reads it: "AAPL split 4 on 2020-08-31"."""
        said = {"split": f" {self.ratio:.10g}", "rename": f" to {self.new_symbol}"}
        what = said.get(self.kind, f" {self.amount:.10g}")
        return f"{self.symbol} {self.kind}{what} on {time_text(self.ex_time)[:10]}"
