"""A report with every section filled, made from given bars by a plain moving-average cross: made-up, but consistent."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from autonomous_trading.core import BoolArray, FloatArray, IntArray
from autonomous_trading.interfaces.report import (
    Check,
    DataWarning,
    EquityCurve,
    Fold,
    Funnel,
    Importance,
    MetricColumn,
    Objective,
    PriceBars,
    Provenance,
    ReportContent,
    SamplePeriod,
    Sensitivity,
    SensitivityCurve,
    Surface,
    Trades,
    Trials,
    VarianceShare,
    Verdict,
    WalkForward,
)
from tests.e2e.report_evidence import evidence_of, stress_of

CASH = 100_000.0
COST = 0.0007
FAST = np.arange(5, 55, 5)
SLOW = np.arange(20, 210, 10)
NAN = float("nan")


@dataclass(frozen=True)
class Run:
    """Equity and position per bar of one pair of averages over all bars."""

    equity: FloatArray
    held: BoolArray


def synthetic_bars(n_bars: int, *, seed: int = 7, symbol: str = "Synthetic") -> PriceBars:
    """A seeded random walk with a little drift on weekdays from 1999 on."""
    rng = np.random.default_rng(seed)
    close = 1_000.0 * np.exp(np.cumsum(rng.normal(0.0002, 0.011, n_bars)))
    open_ = np.concatenate(([1_000.0], close[:-1])) * np.exp(rng.normal(0.0, 0.001, n_bars))
    reach = np.abs(rng.normal(0.0, 0.006, (2, n_bars)))
    first = np.datetime64("1999-01-04", "D")
    days = np.busday_offset(first, np.arange(n_bars)).astype("datetime64[ns]").astype(np.int64)
    high, low = np.maximum(open_, close) * (1 + reach[0]), np.minimum(open_, close) * (1 - reach[1])
    return PriceBars(time=days, open=open_, high=high, low=low, close=close, symbol=symbol)


def mean_of_last(values: FloatArray, width: int) -> FloatArray:
    total = np.concatenate(([0.0], np.cumsum(values)))
    result = np.full(len(values), np.nan)
    result[width - 1 :] = (total[width:] - total[:-width]) / width
    return result


def run_cross(close: FloatArray, fast: int, slow: int) -> Run:
    wanted = mean_of_last(close, fast) > mean_of_last(close, slow)
    held = np.concatenate(([False], wanted[:-1]))
    change = np.abs(np.diff(held.astype(np.float64), prepend=0.0))
    returns = np.concatenate(([0.0], close[1:] / close[:-1] - 1.0))
    equity = np.asarray(CASH * np.cumprod(1.0 + held * returns - COST * change), dtype=np.float64)
    return Run(equity, held)


def sharpe(equity: FloatArray) -> float:
    returns = equity[1:] / equity[:-1] - 1.0
    spread = float(returns.std(ddof=1))
    return float(returns.mean()) / spread * np.sqrt(252.0) if spread > 0 else NAN


def deepest_fall(equity: FloatArray) -> float:
    return float(np.max(1.0 - equity / np.maximum.accumulate(equity)))


def metrics_of(equity: FloatArray, returns: FloatArray | None) -> dict[str, float]:
    total = float(equity[-1] / equity[0] - 1.0)
    years = len(equity) / 252.0
    changes = equity[1:] / equity[:-1] - 1.0
    found = {
        "total_return": total,
        "cagr": float((1.0 + total) ** (1.0 / years) - 1.0),
        "volatility": float(changes.std(ddof=1) * np.sqrt(252.0)),
        "max_drawdown": deepest_fall(equity),
        "value_at_risk": float(-np.percentile(changes, 5)),
        "sharpe_ratio": sharpe(equity),
        "calmar_ratio": float(((1.0 + total) ** (1.0 / years) - 1.0) / deepest_fall(equity)),
    }
    if returns is not None:
        won, lost = returns[returns > 0], returns[returns <= 0]
        found |= {
            "trade_count": float(len(returns)),
            "win_rate": float(len(won) / len(returns)) if len(returns) else NAN,
            "profit_factor": float(won.sum() / -lost.sum()) if len(lost) else NAN,
            "exposure": float(np.mean(changes != 0.0)),
        }
    return found


def trades_of(bars: PriceBars, run: Run) -> tuple[Trades, IntArray]:
    """The round trips and the row each was entered at."""
    edges = np.flatnonzero(np.diff(run.held.astype(np.int64), prepend=0, append=0))
    entered, left = edges[::2], np.minimum(edges[1::2], len(run.held) - 1)
    time, price = np.asarray(bars.time), np.asarray(bars.close)
    entry_price, exit_price = price[np.maximum(entered - 1, 0)], price[np.maximum(left - 1, 0)]
    net = exit_price / entry_price - 1.0 - 2 * COST
    money = run.equity[np.maximum(entered - 1, 0)]
    reason = ["signal"] * len(net)
    if run.held[-1]:
        reason[-1] = "end of data"
    trades = Trades(
        entry_time=time[entered],
        exit_time=time[left],
        entry_price=entry_price,
        exit_price=exit_price,
        side=np.ones(len(net), dtype=np.int64),
        units=money / entry_price,
        costs=2 * COST * money,
        net_profit=net * money,
        net_return=net,
        reason=reason,
    )
    return trades, entered


def grid_trials(close: FloatArray, split: int) -> tuple[Trials, FloatArray]:
    """All pairs on the bars before `split`, and the Sharpe surface [slow, fast]."""
    pairs = [(int(fast), int(slow)) for slow in SLOW for fast in FAST]
    values = np.full((len(pairs), 2), NAN)
    for row, (fast, slow) in enumerate(pairs):
        if fast < slow:
            equity = run_cross(close[:split], fast, slow).equity
            values[row] = sharpe(equity), deepest_fall(equity)
    order = np.random.default_rng(3).permutation(len(pairs))
    surface = values[:, 0].reshape(len(SLOW), len(FAST))
    values = values[order]
    trials = Trials(
        objectives=(Objective("sharpe_ratio"), Objective("max_drawdown", "minimize")),
        values=values,
        parameters={
            "fast": np.array([pairs[row][0] for row in order]),
            "slow": np.array([pairs[row][1] for row in order]),
            "exit": np.where(order % 3 == 0, "stop", "signal").tolist(),
        },
        on_front=front_of(values),
        chosen=int(np.nanargmax(values[:, 0])),
    )
    return trials, surface


def front_of(values: FloatArray) -> BoolArray:
    losses = np.where(np.isnan(values), np.inf, values * np.array([-1.0, 1.0]))
    beaten = [bool(np.any(np.all(losses <= row, axis=1) & np.any(losses < row, axis=1))) for row in losses]
    return ~np.array(beaten) & np.isfinite(losses).all(axis=1)


def plateau_of(surface: FloatArray) -> BoolArray:
    padded = np.pad(surface, 1, constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).reshape(*surface.shape, 9)
    filled = np.where(np.isnan(windows), -1.0, windows)
    middle = np.median(filled, axis=2)
    flags: BoolArray = np.isfinite(surface) & (middle >= np.nanpercentile(surface, 80))
    return flags


def walk_forward(bars: PriceBars, count: int) -> WalkForward:
    time, close = np.asarray(bars.time), np.asarray(bars.close)
    pairs = [(int(fast), int(slow)) for fast in FAST[::3] for slow in SLOW[::4] if fast < slow]
    curves = {pair: run_cross(close, *pair).equity for pair in pairs}
    edges = np.linspace(len(close) // 4, len(close) - 1, count + 1).astype(int)
    folds = []
    for start, stop in pairwise(edges.tolist()):
        first = max(0, start - len(close) // 4)
        scores = {pair: sharpe(equity[first:start]) for pair, equity in curves.items()}
        best = max(scores, key=lambda pair: -np.inf if np.isnan(scores[pair]) else scores[pair])
        folds.append(
            Fold(
                train_start=int(time[first]),
                train_stop=int(time[start]),
                test_start=int(time[start]),
                test_stop=int(time[stop]),
                in_sample=scores[best],
                out_of_sample=sharpe(curves[best][start:stop]),
                parameters={"fast": best[0], "slow": best[1]},
            )
        )
    return WalkForward(objective=Objective("sharpe_ratio"), folds=tuple(folds))


def metric_columns(
    bars: PriceBars, run: Run, split: int, returns: FloatArray, entered: IntArray
) -> tuple[MetricColumn, ...]:
    close = np.asarray(bars.close)
    inside = metrics_of(run.equity[:split], returns[entered < split]) | {"psr": 0.991, "dsr": 0.412, "pbo": 0.37}
    outside = metrics_of(run.equity[split:], returns[entered >= split]) | {"psr": 0.731, "dsr": NAN, "pbo": NAN}
    why: Mapping[str, str] = {
        "dsr": "nothing was searched on this sample",
        "pbo": "nothing was searched on this sample",
    }
    return (
        MetricColumn(label="In-sample", role="in_sample", values=inside, note=years(bars, 0, split)),
        MetricColumn(
            label="Out-of-sample",
            role="out_of_sample",
            values=outside,
            note=years(bars, split, len(close)),
            reasons=why,
        ),
        MetricColumn(
            label="Buy and hold",
            role="benchmark",
            values=metrics_of(close[split:], None),
            note=years(bars, split, len(close)),
        ),
    )


def years(bars: PriceBars, start: int, stop: int) -> str:
    first, last = (str(np.datetime64(int(bars.time[row]), "ns").astype("datetime64[M]")) for row in (start, stop - 1))
    return f"{first} to {last}"


def verdict_after(n_sets: int) -> Verdict:
    return Verdict(
        headline=f"Compatible with luck after {n_sets} trials",
        passes="Passes 2 of 5 checks",
        tone="caution",
        checks=(
            Check(name="Look-ahead", passed=True, detail="every column is the same when the data is cut short"),
            Check(name="Costs doubled", passed=True, detail="the out-of-sample return stays above zero"),
            Check(name="Deflated Sharpe", passed=False, detail="0.41 where 0.95 is asked for"),
            Check(name="Beats buy and hold", passed=False, detail="lower Sharpe ratio out-of-sample"),
            Check(name="Final hold-out", passed=None, detail="not opened yet"),
        ),
    )


def samples_of(time: IntArray, warm_up: int, split: int) -> tuple[SamplePeriod, ...]:
    edges = (int(time[0]), int(time[warm_up]), int(time[split]), int(time[-1]) + 1)
    return (
        SamplePeriod(kind="warm_up", start=edges[0], stop=edges[1]),
        SamplePeriod(kind="in_sample", start=edges[1], stop=edges[2]),
        SamplePeriod(kind="out_of_sample", start=edges[2], stop=edges[3]),
    )


def importance_of_averages() -> Importance:
    return Importance(
        objective="sharpe_ratio",
        shares={"slow": 0.58, "fast": 0.36, "exit": 0.02},
        errors={"slow": 0.05, "fast": 0.04, "exit": 0.01},
        method="fANOVA",
    )


def sensitivity_of(surface: FloatArray, fast: int, slow: int) -> Sensitivity:
    """Both averages alone, read off the surface [slow, fast], and made-up shares and a made-up choice."""
    center = float(surface[slow == SLOW, fast == FAST][0])
    curves: tuple[tuple[str, list[int] | list[str], FloatArray, int | str, BoolArray], ...] = (
        ("fast", FAST.tolist(), surface[slow == SLOW][0], fast, np.abs(FAST - fast) <= 5),
        ("slow", SLOW.tolist(), surface[:, fast == FAST][:, 0], slow, np.abs(SLOW - slow) <= 10),
        ("exit", ["signal", "stop"], np.array([center, center / 2.0]), "signal", np.zeros(2, dtype=np.bool_)),
    )
    return Sensitivity(
        objective=Objective("sharpe_ratio"),
        center=center,
        radius=0.05,
        neighbours=64,
        plateau=0.84,
        stability=0.81,
        sensitivity=0.21,
        curves=tuple(
            SensitivityCurve(
                parameter=name, values=values, scores=scores, chosen=chosen, near=near, kept_nearby=kept, fragile=False
            )
            for (name, values, scores, chosen, near), kept in zip(curves, (0.7, 0.9, NAN), strict=True)
        ),
        shares=(
            VarianceShare(parameter="fast", alone=0.21, total=0.4, low=0.28, high=0.52),
            VarianceShare(parameter="slow", alone=0.55, total=0.74, low=0.6, high=0.93),
            VarianceShare(parameter="exit", alone=-0.01, total=0.03, low=0.0, high=0.07),
        ),
        sets=842,
    )


def funnel_of(n_bars: int, warm_up: int, n_trades: int) -> Funnel:
    sides = 2 * n_trades
    counts = {
        "bars": n_bars,
        "bars after warm-up": n_bars - warm_up,
        "signals": sides,
        "orders": sides,
        "fills": sides,
    }
    return Funnel(stages=tuple(counts.items()))


def provenance_of(symbol: str, n_sets: int) -> Provenance:
    return Provenance(
        data_id="9f31c0aa52d4e7b1",
        data_source=f"sample:{symbol}",
        costs="commission 0.05 %, slippage 0.02 %",
        seed=7,
        engine_version="0.1.0",
        sets_evaluated=n_sets,
        created="2026-11-20 11:00 UTC",
        command="autotrade optimize ma_cross --objective sharpe_ratio --objective max_drawdown --seed 7",
    )


def full_content(bars: PriceBars, *, title: str) -> ReportContent:
    """Every section there is, from one set of bars."""
    close, time = np.asarray(bars.close), np.asarray(bars.time)
    split = int(len(close) * 0.7)
    trials, surface = grid_trials(close, split)
    fast, slow = (int(trials.parameters[name][trials.chosen or 0]) for name in ("fast", "slow"))
    run = run_cross(close, fast, slow)
    trades, entered = trades_of(bars, run)
    n_sets = int(np.isfinite(trials.matrix()[:, 0]).sum())
    sharpe_surface = Surface(
        objective=Objective("sharpe_ratio"),
        x_name="fast",
        x_values=FAST,
        y_name="slow",
        y_values=SLOW,
        values=surface,
        plateau=plateau_of(surface),
        chosen=(fast, slow),
    )
    return ReportContent(
        title=title,
        subtitle=f"fast {fast}, slow {slow}. {years(bars, 0, len(close))}, {len(close):,} daily bars.",
        verdict=verdict_after(n_sets),
        warnings=(DataWarning(code="stale_open", message="the open equals the close before", count=912),),
        metrics=metric_columns(bars, run, split, np.asarray(trades.net_return), entered),
        samples=samples_of(time, slow, split),
        price=bars,
        trades=trades,
        equity=EquityCurve(time=time, equity=run.equity, benchmark=CASH * close / close[0]),
        trials=trials,
        importance=importance_of_averages(),
        surfaces=(sharpe_surface,),
        sensitivity=sensitivity_of(surface, fast, slow),
        stress=stress_of(time, run.equity, deepest_fall(run.equity)),
        evidence=evidence_of(),
        walk_forward=walk_forward(bars, 8),
        funnel=funnel_of(len(close), slow, len(trades)),
        provenance=provenance_of(bars.symbol, n_sets),
    )
