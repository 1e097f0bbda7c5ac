"""What a check for look-ahead found: where, which values, what usually causes it, and how to mend it."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, TypeAlias, final

from autonomous_trading.core import Refused

CheckName: TypeAlias = Literal["repeat", "truncation", "scramble", "warm-up", "universe", "fit"]
"""Asked twice; bars taken away; later bars replaced; earlier bars taken away; other instruments changed; trained."""

Severity: TypeAlias = Literal["leak", "note"]


@final
@dataclass(frozen=True, slots=True)
class Finding:
    """One column that breaks one check: the first place where it was seen, and how often it was.

    A "leak" sees what could not have been known; a "note" is worth knowing and forbids nothing. `row` counts in the
    bars of `symbol`, `time` is the start of that bar (ISO 8601, UTC). `value` is what the column is with all bars,
    `changed_value` what it becomes after `change`; NaN where there is none. `seen` of `tried` changes showed it;
    `reach` is the largest number of bars between a value that changed and the first bar that was changed.
    """

    check: CheckName
    severity: Severity
    what: str
    symbol: str
    row: int
    time: str
    value: float
    changed_value: float
    change: str
    cause: str
    fix: str
    seen: int = 1
    tried: int = 1
    reach: int = 0

    def __str__(self) -> str:
        of = f" of {self.symbol}" if self.symbol else ""
        if self.severity == "note":
            return f"{self.what}{of} ({self.check}): {self.cause}. Fix: {self.fix}"
        return (
            f"{self.what}{of} at bar {self.row} ({self.time}) is {self.value:g} with all bars, but"
            f" {self.changed_value:g} {self.change} ({self.check}, {self.seen} of {self.tried}): {self.cause}."
            f" Fix: {self.fix}"
        )


@final
@dataclass(frozen=True, slots=True)
class CausalityReport:
    """What became of a strategy, columns or a model when the future was taken away or replaced.

    `columns`: what was compared. `tried`: how many changes of each check were compared, `failed` how many more could
    not be because the code raised. `exact`: nothing before a changed bar differed in a single bit; where it is False
    and the report is clean, differences were as small as rounding. `stable_after`: for every column the number of bars
    after which its values no longer depend on where the history begins; None where that is not before the end.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    findings: tuple[Finding, ...]
    tried: Mapping[str, int]
    failed: int = 0
    exact: bool = True
    stable_after: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def leaks(self) -> tuple[Finding, ...]:
        """What could not have been known."""
        return tuple(each for each in self.findings if each.severity == "leak")

    @property
    def notes(self) -> tuple[Finding, ...]:
        """What is worth knowing and forbids nothing."""
        return tuple(each for each in self.findings if each.severity == "note")

    @property
    def clean(self) -> bool:
        """Whether no leak was found; notes may be there."""
        return not self.leaks

    def refuse_leaks(self) -> None:
        """Nothing, or Refused with the first leak: the gate that every candidate has to pass."""
        for leak in self.leaks:
            more = f"; {len(self.leaks) - 1} more" if len(self.leaks) > 1 else ""
            what, _, _ = str(leak).rpartition(". Fix: ")
            raise Refused(f"look-ahead in {self.name}: {what}{more}", fix=leak.fix)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the fields, with `clean` beside them."""
        return {
            "name": self.name,
            "kind": self.kind,
            "clean": self.clean,
            "columns": list(self.columns),
            "findings": [asdict(each) for each in self.findings],
            "tried": dict(self.tried),
            "failed": self.failed,
            "exact": self.exact,
            "stable_after": dict(self.stable_after),
        }

    def lines(self) -> Iterator[str]:
        """The report in sentences: what was tried and what that says, then one line for every finding."""
        counts = ", ".join(f"{count:,} by {check}" for check, count in self.tried.items() if count)
        failed = f", {self.failed:,} more that its code could not answer" if self.failed else ""
        yield f"{self.name}: {self.words} (tried: {counts}{failed})"
        for each in self.findings:
            yield f"  {each.severity}: {each}"

    @property
    def words(self) -> str:
        """The answer in one phrase."""
        if any(each.check == "repeat" for each in self.leaks):
            return "gives two answers to one question, so it cannot be checked"
        if not self.clean:
            return f"looks ahead, {len(self.leaks)} {'leak' if len(self.leaks) == 1 else 'leaks'}"
        bits = "" if self.exact else " but for rounding"
        needed = [rows for rows in self.stable_after.values() if rows is not None]
        settled = len(needed) == len(self.stable_after) and max(needed, default=0) > 0
        start = f"; where the history begins no longer matters after {max(needed):,} bars" if settled else ""
        return f"does not look ahead{bits}{start}"

    def __str__(self) -> str:
        return "\n".join(self.lines())
