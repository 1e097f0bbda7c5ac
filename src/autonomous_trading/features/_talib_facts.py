"""What TA-Lib does not tell about its functions: formula, units and source of each.

Formulas are written in the field's own notation: x is the source, n the period, x[-k] the value k bars ago,
sum(x, n), max(x, n), std(x, n) run over the last n bars, sma, ema, wma and rma are the averages of those names
(ema: weight 2 / (n + 1), rma: 1 / n, both started at the mean of the first n values).
"""

from collections.abc import Mapping
from typing import Final

from autonomous_trading.features._talib_facts_candles import CANDLES

_ACHELIS: Final = "Achelis (2000), Technical Analysis from A to Z"
_APPEL: Final = "Appel (1979), The Moving Average Convergence-Divergence Trading Method"
_CHAIKIN: Final = "Chaikin, as in Achelis (2000), Technical Analysis from A to Z"
_CHANDE: Final = "Chande and Kroll (1994), The New Technical Trader"
_EHLERS: Final = "Ehlers (2001), Rocket Science for Traders"
_ELDER: Final = "Elder (1993), Trading for a Living"
_FOSBACK: Final = "Fosback (1976), Stock Market Logic"
_KAUFMAN: Final = "Kaufman (1995), Smarter Trading"
_LANE: Final = "Lane (1984), Lane's Stochastics, Stocks & Commodities"
_MATHS: Final = "arithmetic, element by element"
_MULLOY: Final = "Mulloy (1994), Smoothing Data with Faster Moving Averages, Stocks & Commodities"
_STATISTICS: Final = "descriptive statistics"
_REGRESSION: Final = "least squares on the last n values against 0, 1, ..., n - 1"
_WILDER: Final = "Wilder (1978), New Concepts in Technical Trading Systems"
_WILLIAMS: Final = "Williams (1995), Trading Chaos"
_SAR: Final = "s += a (extreme - s), a from the first acceleration up to the maximum; turns where price touches s"

_INDICATORS: Final[Mapping[str, tuple[str, str, str]]] = {
    "ac": ("ao - sma(ao, signal), ao = sma(median, fast) - sma(median, slow)", "price", _WILLIAMS),
    "accbands": ("sma(high (1 + w), n), sma(close, n), sma(low (1 - w), n); w = 4 (high - low) / (high + low)", "price",
                 "Headley (2002), Big Trends in Trading"),
    "ad": ("sum of ((close - low) - (high - close)) / (high - low) volume since the first bar", "units", _CHAIKIN),
    "adosc": ("ema(ad, fast) - ema(ad, slow)", "units", _CHAIKIN),
    "adr": ("sma(high - low, n)", "price", _ACHELIS),
    "adx": ("rma(dx, n)", "0..100", _WILDER),
    "adxr": ("(adx + adx[-(n - 1)]) / 2", "0..100", _WILDER),
    "ao": ("sma(median, fast) - sma(median, slow)", "price", _WILLIAMS),
    "apo": ("ma(x, fast) - ma(x, slow)", "price", _ACHELIS),
    "aroon": ("100 (n - bars since the lowest low, or highest high, of n + 1 bars) / n", "0..100",
              "Chande (1995), A Time Price Oscillator, Stocks & Commodities"),
    "aroonosc": ("aroonup - aroondown", "-100..100", "Chande (1995), A Time Price Oscillator, Stocks & Commodities"),
    "atr": ("rma(true range, n)", "price", _WILDER),
    "avgdev": ("mean of |x - sma(x, n)| over n bars", "price", _STATISTICS),
    "avgprice": ("(open + high + low + close) / 4", "price", _ACHELIS),
    "bbands": ("ma(x, n) + up std(x, n), ma(x, n), ma(x, n) - down std(x, n)", "price",
               "Bollinger (2002), Bollinger on Bollinger Bands"),
    "beta": ("cov(rx, ry) / var(rx) over n bars, rx and ry the returns of the first and second series", "1",
             "Sharpe (1964), J. Finance 19(3)"),
    "bop": ("(close - open) / (high - low)", "-1..1", "Livshin (2001), Balance of Power, Stocks & Commodities"),
    "cci": ("(typical - sma(typical, n)) / (0.015 avgdev(typical, n))", "1",
            "Lambert (1980), Commodity Channel Index, Commodities"),
    "cmf": ("sum(((close - low) - (high - close)) / (high - low) volume, n) / sum(volume, n)", "-1..1", _CHAIKIN),
    "cmo": ("100 (rma(up, n) - rma(down, n)) / (rma(up, n) + rma(down, n)) of changes", "-100..100", _CHANDE),
    "cmou": ("100 (sum(up, n) - sum(down, n)) / (sum(up, n) + sum(down, n)) of changes", "-100..100", _CHANDE),
    "coppock": ("wma(roc(x, n1) + roc(x, n2), n)", "percent", "Coppock (1962), Barron's"),
    "correl": ("cov(x, y) / (std(x) std(y)) over n bars", "-1..1", "Pearson (1895), Proc. Royal Society 58"),
    "cvi": ("roc(ema(high - low, n), m)", "percent", _CHAIKIN),
    "dema": ("2 ema(x, n) - ema(ema(x, n), n)", "price", _MULLOY),
    "donchian": ("max(high, n), their middle, min(low, n)", "price",
                 "Donchian (1960), High Finance in Copper, Financial Analysts J. 16(6)"),
    "dpo": ("x[-(n / 2 + 1)] - sma(x, n)", "price", _ACHELIS),
    "dx": ("100 |plus_di - minus_di| / (plus_di + minus_di)", "0..100", _WILDER),
    "efi": ("ema((x - x[-1]) volume, n)", "price x units", _ELDER),
    "ema": ("y += 2 / (n + 1) (x - y), started at sma(x, n)", "price", _ACHELIS),
    "er": ("|x - x[-n]| / sum(|x - x[-1]|, n)", "0..1", _KAUFMAN),
    "eri": ("high - ema(close, n), low - ema(close, n)", "price", _ELDER),
    "fosc": ("100 (x - tsf(x, n)[-1]) / x", "percent", _CHANDE),
    "fractal": ("100 where, so many bars ago, a high was above (a low below) all bars left and right", "0 or 100",
                _WILLIAMS),
    "ha": ("open = (open[-1] + close[-1]) / 2 of these candles, close = (o + h + l + c) / 4, high and low hold both",
           "price", "Valcu (2004), Using the Heikin-Ashi Technique, Stocks & Commodities"),
    "hma": ("wma(2 wma(x, n / 2) - wma(x, n), sqrt(n))", "price", "Hull (2005), Hull Moving Average"),
    "ht_dcperiod": ("period of the cycle that the Hilbert transform of the smoothed price turns with", "bars", _EHLERS),
    "ht_dcphase": ("phase of that cycle", "degrees", _EHLERS),
    "ht_phasor": ("in-phase and quadrature part of the smoothed price", "price", _EHLERS),
    "ht_sine": ("sin(phase), sin(phase + 45 degrees)", "-1..1", _EHLERS),
    "ht_trendline": ("mean over one cycle, smoothed by weights 4, 3, 2, 1", "price", _EHLERS),
    "ht_trendmode": ("1 where the price follows a trend, 0 where it cycles", "0 or 1", _EHLERS),
    "imi": ("100 sum(max(close - open, 0), n) / sum(|close - open|, n)", "0..100", _CHANDE),
    "kama": ("y += a (x - y), a = (er(x, n) (2 / 3 - 2 / 31) + 2 / 31) ** 2", "price", _KAUFMAN),
    "kc": ("ema(typical, n) + k atr(m), ema(typical, n), ema(typical, n) - k atr(m)", "price",
           "Keltner (1960), How to Make Money in Commodities; ranges as in Raschke"),
    "kdj": ("k = ma(100 (close - min(low, n)) / (max(high, n) - min(low, n)), k), d = ma(k), j = 3 k - 2 d", "0..100",
            _LANE),
    "linearreg": ("value of the line at the last bar", "price", _REGRESSION),
    "linearreg_angle": ("atan(slope)", "degrees", _REGRESSION),
    "linearreg_intercept": ("value of the line at the first bar of the window", "price", _REGRESSION),
    "linearreg_slope": ("slope of the line", "price a bar", _REGRESSION),
    "ma": ("the average that matype names", "price", _ACHELIS),
    "macd": ("ema(x, fast) - ema(x, slow), its ema(signal), their difference", "price", _APPEL),
    "macdext": ("ma(x, fast) - ma(x, slow), its ma(signal), their difference", "price", _APPEL),
    "macdfix": ("macd with weights 0.15 (fast) and 0.075 (slow)", "price", _APPEL),
    "mama": ("y += a (x - y), a = fast limit / change of phase, not below the slow limit; f += a / 2 (y - f)", "price",
             "Ehlers (2001), MESA Adaptive Moving Averages, Stocks & Commodities"),
    "marketfi": ("(high - low) / volume", "price / units", _WILLIAMS),
    "massi": ("sum(ema(high - low, n) / ema(ema(high - low, n), n), m)", "1",
              "Dorsey (1992), The Mass Index, Stocks & Commodities"),
    "mavp": ("ma(x, periods), periods kept between the smallest and the largest", "price", _ACHELIS),
    "medprice": ("(high + low) / 2", "price", _ACHELIS),
    "mfi": ("100 sum(up flow, n) / sum(flow, n), flow = typical volume, up where typical rises", "0..100",
            "Quong and Soudack (1989), Stocks & Commodities"),
    "midpoint": ("(max(x, n) + min(x, n)) / 2", "price", _ACHELIS),
    "midprice": ("(max(high, n) + min(low, n)) / 2", "price", _ACHELIS),
    "minus_di": ("100 rma(minus_dm, n) / rma(true range, n)", "0..100", _WILDER),
    "minus_dm": ("Wilder's running sum over n bars of low[-1] - low where positive and larger than high - high[-1]",
                 "price", _WILDER),
    "mom": ("x - x[-n]", "price", _ACHELIS),
    "natr": ("100 atr(n) / close", "percent", "Forman (2006), Cross-Market Evaluations, Stocks & Commodities"),
    "nvi": ("1000 at first; times close / close[-1] where volume falls", "index", _FOSBACK),
    "obv": ("first volume, plus volume where x rises, minus volume where it falls, since the first bar", "units",
            "Granville (1963), Granville's New Key to Stock Market Profits"),
    "percentile": ("the ceil(p n / 100)-th smallest of n values", "price", _STATISTICS),
    "percentrank": ("share of the n values before that are below or equal, in percent", "0..100", _STATISTICS),
    "plus_di": ("100 rma(plus_dm, n) / rma(true range, n)", "0..100", _WILDER),
    "plus_dm": ("Wilder's running sum over n bars of high - high[-1] where positive and larger than low[-1] - low",
                "price", _WILDER),
    "ppo": ("100 (ma(x, fast) - ma(x, slow)) / ma(x, slow)", "percent", _APPEL),
    "pvi": ("1000 at first; times close / close[-1] where volume rises", "index", _FOSBACK),
    "pvo": ("100 (ma(volume, fast) - ma(volume, slow)) / ma(volume, slow)", "percent", _APPEL),
    "pvt": ("sum of volume (close / close[-1] - 1) since the first bar", "units", _ACHELIS),
    "qstick": ("sma(close - open, n)", "price", _CHANDE),
    "rma": ("y += (x - y) / n, started at sma(x, n)", "price", _WILDER),
    "roc": ("100 (x / x[-n] - 1)", "percent", _ACHELIS),
    "rocp": ("x / x[-n] - 1", "fraction", _ACHELIS),
    "rocr": ("x / x[-n]", "1", _ACHELIS),
    "rocr100": ("100 x / x[-n]", "percent", _ACHELIS),
    "rsi": ("100 rma(up, n) / (rma(up, n) + rma(down, n)) of changes", "0..100", _WILDER),
    "rvi": ("100 rma(std where x rises, n) / (rma of it + rma(std where x falls, n)), std over m bars", "0..100",
            "Dorsey (1993), The Relative Volatility Index, Stocks & Commodities"),
    "rvol": ("volume / sma(volume, n)[-1]", "1", _ACHELIS),
    "sar": (_SAR, "price", _WILDER),
    "sarext": (f"{_SAR}; long and short apart, negative where short", "price", _WILDER),
    "sma": ("sum(x, n) / n", "price", _ACHELIS),
    "smi": ("200 ema(ema(close - middle, slow), fast) / ema(ema(range, slow), fast) of n bars, its ema(signal)",
            "-100..100", "Blau (1993), Stochastic Momentum, Stocks & Commodities"),
    "stddev": ("deviations times sqrt(mean of (x - sma(x, n)) ** 2)", "price", _STATISTICS),
    "stoch": ("slow k = ma(fast k, k), slow d = ma(slow k, d); fast k as in stochf", "0..100", _LANE),
    "stochf": ("fast k = 100 (close - min(low, n)) / (max(high, n) - min(low, n)), fast d = ma(fast k, d)", "0..100",
               _LANE),
    "stochrsi": ("stochf of rsi(x, n)", "0..100", _CHANDE),
    "supertrend": ("median +- k atr(n), a stop that only follows the trend; 1 above it, -1 below", "price; -1 or 1",
                   "Seban (2008), Das Ueber-Trend-System"),
    "t3": ("six emas in a row, joined by powers of the volume factor", "price",
           "Tillson (1998), Smoothing Techniques for More Accurate Signals, Stocks & Commodities"),
    "tema": ("3 e1 - 3 e2 + e3, e1 = ema(x, n), e2 = ema(e1, n), e3 = ema(e2, n)", "price", _MULLOY),
    "trange": ("max(high, close[-1]) - min(low, close[-1])", "price", _WILDER),
    "trima": ("sma of an sma over half the period: triangular weights", "price", _ACHELIS),
    "trix": ("roc(ema(ema(ema(x, n), n), n), 1)", "percent", "Hutson (1983), Stocks & Commodities 1(5)"),
    "tsf": ("value of the line one bar ahead", "price", _REGRESSION),
    "tsi": ("100 ema(ema(x - x[-1], first), second) / ema(ema(|x - x[-1]|, first), second)", "-100..100",
            "Blau (1991), Double Smoothed Momenta, Stocks & Commodities"),
    "typprice": ("(high + low + close) / 3", "price", _ACHELIS),
    "ultosc": ("100 (4 a1 + 2 a2 + a3) / 7, a = sum(close - true low, n) / sum(true range, n) of three periods",
               "0..100", "Williams (1985), The Ultimate Oscillator, Stocks & Commodities"),
    "var": ("mean of (x - sma(x, n)) ** 2", "price ** 2", _STATISTICS),
    "vhf": ("(max(x, n) - min(x, n)) / sum(|x - x[-1]|, n)", "1",
            "White (1991), The Vertical Horizontal Filter, Futures"),
    "vortex": ("sum(|high - low[-1]|, n) / sum(true range, n), sum(|low - high[-1]|, n) / sum(true range, n)", "1",
               "Botes and Siepman (2010), The Vortex Indicator, Stocks & Commodities"),
    "vwap": ("sum of typical volume / sum of volume, since the first bar", "price",
             "Berkowitz, Logue and Noser (1988), J. Finance 43(1)"),
    "vwma": ("sum(x volume, n) / sum(volume, n)", "price", _ACHELIS),
    "wad": ("sum of close - true low where close rises, close - true high where it falls, since the first bar", "price",
            "Williams, as in Achelis (2000), Technical Analysis from A to Z"),
    "wclprice": ("(high + low + 2 close) / 4", "price", _ACHELIS),
    "willr": ("-100 (max(high, n) - close) / (max(high, n) - min(low, n))", "-100..0",
              "Williams (1979), How I Made One Million Dollars Trading Commodities"),
    "wma": ("sum of x with weights 1, 2, ..., n / (n (n + 1) / 2)", "price", _ACHELIS),
    "zlema": ("ema(2 x - x[-lag], n), lag = (n - 1) / 2", "price", "Ehlers and Way (2010), Zero Lag, Well Almost"),
}  # fmt: skip

_OPERATORS: Final[Mapping[str, tuple[str, str, str]]] = {
    "acos": ("acos(x), known for -1 <= x <= 1", "radians", _MATHS),
    "add": ("x + y", "price", _MATHS),
    "asin": ("asin(x), known for -1 <= x <= 1", "radians", _MATHS),
    "atan": ("atan(x)", "radians", _MATHS),
    "ceil": ("smallest whole number not below x", "price", _MATHS),
    "cos": ("cos(x)", "-1..1", _MATHS),
    "cosh": ("cosh(x), not known where it overflows (|x| > 710)", "1", _MATHS),
    "cumsum": ("sum of x since the first bar", "price", _MATHS),
    "div": ("x / y, not known where y is 0", "1", _MATHS),
    "exp": ("exp(x), not known where it overflows (x > 709)", "1", _MATHS),
    "floor": ("largest whole number not above x", "price", _MATHS),
    "ln": ("natural logarithm of x, known for x > 0", "1", _MATHS),
    "log10": ("decimal logarithm of x, known for x > 0", "1", _MATHS),
    "max": ("highest of the last n values", "price", _MATHS),
    "maxindex": ("row of the highest of the last n values, counted from the first bar", "bars", _MATHS),
    "min": ("lowest of the last n values", "price", _MATHS),
    "minindex": ("row of the lowest of the last n values, counted from the first bar", "bars", _MATHS),
    "minmax": ("lowest and highest of the last n values", "price", _MATHS),
    "minmaxindex": ("rows of the lowest and highest of the last n values, from the first bar", "bars", _MATHS),
    "mult": ("x y", "price ** 2", _MATHS),
    "sin": ("sin(x)", "-1..1", _MATHS),
    "sinh": ("sinh(x), not known where it overflows (|x| > 710)", "1", _MATHS),
    "sqrt": ("square root of x, known for x >= 0", "sqrt(price)", _MATHS),
    "sub": ("x - y", "price", _MATHS),
    "sum": ("sum of the last n values", "price", _MATHS),
    "tan": ("tan(x)", "1", _MATHS),
    "tanh": ("tanh(x)", "-1..1", _MATHS),
}

FACTS: Final[Mapping[str, tuple[str, str, str]]] = {**_INDICATORS, **_OPERATORS, **CANDLES}
"""Formula, units and source by lower-case name."""

ZERO_FIRST: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys((*CANDLES, "ht_trendmode", "maxindex", "minindex"), ("",)),
    "fractal": ("swinghigh", "swinglow"),
    "minmaxindex": ("minidx", "maxidx"),
    "supertrend": ("trend",),
}
"""Whole-number outputs, which TA-Lib gives as 0 while they warm up."""

NEVER_ON_PRICES: Final = frozenset({"acos", "asin"})
"""Functions that are known for numbers from -1 to 1 only: on a price above 1 there is never a value."""

MAY_BE_INFINITE: Final = frozenset(
    {"cosh", "div", "exp", "ln", "log10", "mult", "rvol", "sinh", "stddev", "sum", "tan", "var", "vwap", "vwma"}
)
"""Functions that overflow or divide by 0 on finite numbers; the others guard their quotients: tests try all."""
