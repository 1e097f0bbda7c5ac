"""Bad input of every kind: files, strategies, settings, parameters and options, as a person would get them wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, final

__all__ = ["CASES", "Case"]

HEADER: Final = "date,open,high,low,close,volume\n"
GOOD: Final = "2024-01-02,10,12,9,11,100\n2024-01-03,11,13,10,12,100\n2024-01-04,12,14,11,13,100\n"


@final
@dataclass(frozen=True, slots=True)
class Case:
    """One command line, the files that lie in its folder, and the variables it finds."""

    name: str
    arguments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)


def _prices(name: str, content: str | bytes, file: str = "prices.csv") -> Case:
    data = content.encode() if isinstance(content, str) else content
    return Case(f"file: {name}", ("backtest", "--data", file), {file: data})


def _typed(kind: str, *lines: str) -> tuple[Case, ...]:
    return tuple(Case(f"{kind}: {line}", tuple(line.split())) for line in lines)


def _strategy(name: str, content: str) -> Case:
    return Case(f"strategy: {name}", ("backtest", "--strategy", "own.py:Own"), {"own.py": content.encode()})


def _settings(name: str, content: str) -> Case:
    return Case(f"settings: {name}", ("backtest",), {"autotrade.toml": content.encode()})


_FILES = (
    _prices("empty", ""),
    _prices("header only", HEADER),
    _prices("no close column", "date,open,high,low,volume\n2024-01-02,10,12,9,100\n"),
    _prices("no time column", "open,high,low,close,volume\n10,12,9,11,100\n11,12,9,11,100\n"),
    _prices("high below low", HEADER + GOOD + "2024-01-05,12,11,14,12,100\n"),
    _prices("close above high", HEADER + GOOD + "2024-01-05,12,13,11,14,100\n"),
    _prices("open below low", HEADER + GOOD + "2024-01-05,10,13,11,12,100\n"),
    _prices("missing price", HEADER + GOOD + "2024-01-05,12,13,11,,100\n"),
    _prices("NaN price", HEADER + GOOD + "2024-01-05,12,13,11,nan,100\n"),
    _prices("infinite price", HEADER + GOOD + "2024-01-05,12,inf,11,12,100\n"),
    _prices("negative price", HEADER + GOOD + "2024-01-05,-12,13,-13,12,100\n"),
    _prices("zero price", HEADER + GOOD + "2024-01-05,12,13,0,12,100\n"),
    _prices("price in words", HEADER + GOOD + "2024-01-05,twelve,13,11,12,100\n"),
    _prices("negative volume", HEADER + GOOD + "2024-01-05,12,13,11,12,-5\n"),
    _prices("the same time twice", HEADER + GOOD + "2024-01-04,12,13,11,12,100\n"),
    _prices("unordered times", HEADER + GOOD + "2024-01-01,12,13,11,12,100\n"),
    _prices("no date at all", HEADER + "soon,12,13,11,12,100\n" + GOOD),
    _prices("a date that does not exist", HEADER + "2024-02-30,12,13,11,12,100\n"),
    _prices("dates with two readings", HEADER + "3/4/2024,10,12,9,11,100\n4/5/2024,11,13,10,12,100\n"),
    _prices("too many cells", HEADER + GOOD + "2024-01-05,12,13,11,12,100,7,8\n"),
    _prices("bytes that are no text", b"\x00\xff\xfe\x80" * 64),
    _prices("a Parquet file that is none", b"not parquet at all", "prices.parquet"),
    _prices("a Feather file that is none", b"not feather at all", "prices.feather"),
    _prices("a pickle", b"\x80\x04K\x01.", "prices.pkl"),
    _prices("a spreadsheet", b"PK\x03\x04", "prices.xlsx"),
    Case("file: a folder with nothing to read", ("backtest", "--data", "folder"), {"folder/notes.md": b"hello"}),
    Case("file: one letter wrong", ("backtest", "--data", "price.csv"), {"prices.csv": (HEADER + GOOD).encode()}),
    *_typed(
        "file",
        "backtest --data missing.csv",
        "backtest --data sample:sp50",
        "backtest --data binance:BTCUSDT:1h",
        "backtest --data https://example.com/prices.csv",
    ),
)

_STRATEGIES = (
    _strategy("no Python", "class Own(:\n"),
    _strategy("a module that is not there", "import no_such_module\n"),
    _strategy("fails when loaded", "1 / 0\n"),
    _strategy("another name", "import autonomous_trading as at\n\n\nclass Mine(at.Strategy):\n    pass\n"),
    _strategy("without signals", "import autonomous_trading as at\n\n\nclass Own(at.Strategy):\n    pass\n"),
    _strategy("not a strategy", "class Own:\n    pass\n"),
    _strategy(
        "an indicator that is not there",
        "import autonomous_trading as at\n\n\nclass Own(at.Strategy):\n    def signals(self, see):\n"
        "        return see.smaa(20) > see.close\n",
    ),
    _strategy(
        "looks into the future",
        "import autonomous_trading as at\n\n\nclass Own(at.Strategy):\n    def signals(self, see):\n"
        "        return see.close.shift(-1) > see.close\n",
    ),
    *_typed(
        "strategy",
        "backtest --strategy macross",
        "backtest --strategy missing.py:Own",
        "backtest --strategy no_such_module:Own",
        "backtest --strategy json:JSONDecoder",
        "strategies show ma_cros",
    ),
)

_SETTINGS = (
    _settings("not TOML", "[costs\n"),
    _settings("unknown section", "[cost]\ncommission = 1\n"),
    _settings("unknown key", "[costs]\ncomission = 0.001\n"),
    _settings("a number in words", "[costs]\ncommission = 'much'\n"),
    _settings("a number out of range", "[costs]\ncommission = 7.0\n"),
    Case("settings: unknown variable", ("backtest",), variables={"AUTOTRADE__COSTS__COMISSION": "0.1"}),
    Case("settings: a variable in words", ("backtest",), variables={"AUTOTRADE__RUN__SEED": "seven"}),
)

_PARAMETERS = _typed(
    "parameter",
    "backtest --set fast",
    "backtest --set =20",
    "backtest --set fsat=20",
    "backtest --set fast=ten",
    "backtest --set fast=2.5",
    "backtest --set fast=5000",
    "backtest --set fast=nan",
    "backtest --set fast=90 --set slow=50",
    "backtest --set fast=5 --set fast=6",
    "backtest --set stop_loss=2%",
    "backtest --set stop_loss=2",
    "backtest --set max_bars_held=1.5",
    "backtest --set leverage=0",
    "optimize --space fast=5",
    "optimize --space fast=50:5",
    "optimize --space fsat=5:50",
    "optimize --space fast=a:b",
    "optimize --space fast=5:9 --set fast=5",
)

_OPTIONS = _typed(
    "option",
    "backtset",
    "strategies lst",
    "strategies show",
    "backtest --dta prices.csv",
    "backtest prices.csv",
    "backtest --data",
    "backtest --json=yes",
    "backtest --commission 0.05%",
    "backtest --commission 5",
    "backtest --slippage much",
    "backtest --initial-cash -5",
    "backtest --fill tomorrow",
    "backtest --start yesterday",
    "backtest --start 2010-01-01 --stop 2009-01-01",
    "backtest --start 2030-01-01",
    "backtest --report nowhere/page.html",
    "backtest --report page.csv",
    "report --out .",
    "demo --report nowhere/page.html",
    "optimize --fix fast=5",
    "optimize --objective shrpe",
    "optimize --objective minimize_sharpe_ratio",
    "optimize --objective dsr",
    "optimize --method gird",
    "optimize --trials 0",
    "optimize --trials many",
    "optimize --seed -1",
    "optimize --threads 0",
    "optimize --resolution 5",
    "optimize --train-fraction 0",
    "optimize --train-fraction 70%",
    "walk-forward --train 100000",
    "walk-forward --train -1",
    "walk-forward --step 60",
    "walk-forward --unit weeks",
    "walk-forward --unit bars --train 1.5",
    "walk-forward --objective profit_per_moon",
    "backtest --json --data missing.csv",
    "optimize --json --objective shrpe",
)

CASES: Final = (*_FILES, *_STRATEGIES, *_SETTINGS, *_PARAMETERS, *_OPTIONS)
