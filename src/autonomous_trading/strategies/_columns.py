"""`see`: what a strategy looks at. Its attributes are columns and functions that make them; none computes."""

from collections.abc import Callable
from typing import Any, final

from autonomous_trading.core import Expression, InvalidExpression, as_expression, column, unknown_name
from autonomous_trading.features import EXTRA_PREFIX, ColumnStore, UserFunction, column_names, find, on_timeframe
from autonomous_trading.strategies._indicators import Argument, ColumnFunction, OutputsFunction, Series


@final
class Columns:
    """What a strategy sees of one instrument: prices, indicators, columns of its own.

    `see.close` is an expression and `see.sma(20)` makes one; `dir(see)` lists everything, and `see.custom`
    adds any function of bars. A name that does not exist is refused with the nearest ones that do.
    np.asarray(expression) is a plain array.
    """

    open: Expression
    high: Expression
    low: Expression
    close: Expression
    volume: Expression
    typical_price: Expression
    median_price: Expression
    weighted_close: Expression
    average_price: Expression
    dollar_volume: Expression
    returns: Expression
    log_returns: Expression
    gap: Expression
    true_range: Expression
    epoch_seconds: Expression
    years: Expression
    minute: Expression
    hour: Expression
    day_of_week: Expression
    day_of_month: Expression
    month: Expression
    accbands: OutputsFunction
    alligator: OutputsFunction
    anchored_vwap: OutputsFunction
    aroon: OutputsFunction
    atr_trailing_stop: OutputsFunction
    bbands: OutputsFunction
    bull_bear_ratios: OutputsFunction
    candle_shares: OutputsFunction
    chande_kroll_stop: OutputsFunction
    chandelier_exit: OutputsFunction
    donchian: OutputsFunction
    eri: OutputsFunction
    fisher_transform: OutputsFunction
    fourier: OutputsFunction
    fractal: OutputsFunction
    fractal_chaos_bands: OutputsFunction
    gann_hilo: OutputsFunction
    ha: OutputsFunction
    har: OutputsFunction
    hour_cycle: OutputsFunction
    ht_phasor: OutputsFunction
    ht_sine: OutputsFunction
    ichimoku: OutputsFunction
    kc: OutputsFunction
    kdj: OutputsFunction
    klinger: OutputsFunction
    kst: OutputsFunction
    leverage: OutputsFunction
    macd: OutputsFunction
    macdext: OutputsFunction
    macdfix: OutputsFunction
    mama: OutputsFunction
    minmax: OutputsFunction
    minmaxindex: OutputsFunction
    month_cycle: OutputsFunction
    opening_range: OutputsFunction
    pivots: OutputsFunction
    previous_period: OutputsFunction
    price_momentum_oscillator: OutputsFunction
    qqe: OutputsFunction
    random_walk_index: OutputsFunction
    regression_channel: OutputsFunction
    regression_momentum: OutputsFunction
    smi: OutputsFunction
    smoothed_heikin_ashi: OutputsFunction
    squeeze: OutputsFunction
    starc_bands: OutputsFunction
    stoch: OutputsFunction
    stochf: OutputsFunction
    stochrsi: OutputsFunction
    supertrend: OutputsFunction
    support_resistance: OutputsFunction
    swing_high: OutputsFunction
    swing_low: OutputsFunction
    trend_lines: OutputsFunction
    value_area: OutputsFunction
    vigor: OutputsFunction
    vortex: OutputsFunction
    wavelet: OutputsFunction
    wavelet_d4: OutputsFunction
    wavelet_energy: OutputsFunction
    wavetrend: OutputsFunction
    weekday_cycle: OutputsFunction
    year_cycle: OutputsFunction
    zigzag: OutputsFunction

    def __init__(self, store: ColumnStore, timeframe: str = "") -> None:
        self._store = store
        self._prefix = on_timeframe("", timeframe) if timeframe else ""

    @property
    def store(self) -> ColumnStore:
        """Where the columns come from."""
        return self._store

    @property
    def n_bars(self) -> int:
        """How many bars there are."""
        return self._store.n_bars

    def __getattr__(self, name: str) -> ColumnFunction:
        """The column of that name, or the function that makes it; UnknownName with the nearest names.

        Columns without arguments and indicators with several outputs are annotated above with their own
        types.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        found: Any = self._found(name)
        made: ColumnFunction = found
        return made

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *column_names(), *self._store.extra_names]

    def __repr__(self) -> str:
        return f"<columns of {self._store.bars!r}>"

    def on(self, timeframe: str) -> "Columns":
        """The columns of coarser bars: `see.on("1d").rsi(14)` is the RSI of days, seen from the bars there are.

        A coarse bar is visible on the bar that completes it and later, never before. Whole days and weeks are those
        of UTC. Raises InvalidInput for what is no timeframe.
        """
        return Columns(self._store, timeframe)

    def extra(self, name: str) -> Expression:
        """A column that came with the bars, also where an indicator has the same name."""
        if name not in self._store.extra_names:
            raise unknown_name("column of these bars", name, self._store.extra_names)
        return column(self._prefix + EXTRA_PREFIX + name, source=self._store)

    def custom(self, function: Callable[..., Any], *arguments: Argument | Series) -> Expression:
        """A column of your own: `function(bars, *arguments)` gives one value per bar.

        The function gets plain numbers for parameters and arrays for columns, and is called once for each
        distinct set of them. It must not look ahead; `at.check` tells whether it does.
        """
        if self._prefix:
            raise InvalidExpression(
                f"a function of your own is computed on the bars there are, not on bars of {self._prefix.rstrip(':')}",
                fix="use see.custom, and resample inside of it",
            )
        values: list[Expression | float | str] = []
        series: list[Expression] = []
        layout = ""
        for argument in arguments:
            given = argument if isinstance(argument, str) else as_expression(argument)
            if isinstance(given, Expression) and not given.is_static:
                series.append(given)
                layout += UserFunction.SERIES
            else:
                values.append(given)
                layout += UserFunction.VALUE
        return column(UserFunction(function, layout), values, inputs=series, source=self._store)

    def _found(self, name: str) -> Expression | ColumnFunction | OutputsFunction:
        if name in column_names():
            entry = find(name)
            if not entry.callable:
                return column(self._prefix + name, source=self._store)
            kind = OutputsFunction if entry.outputs else ColumnFunction
            return kind(entry, self._store, self._prefix)
        if name in self._store.extra_names:
            return self.extra(name)
        raise unknown_name("column", name, (*column_names(), *self._store.extra_names))
