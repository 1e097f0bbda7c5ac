"""What TA-Lib's candlestick patterns look for, in words, and who described them.

A body is the distance of open and close, a shadow what reaches beyond it. Whether it is long, short or none is judged
against the 5 or 10 bars before (TA-Lib's candle settings). 100 is bullish, -100 bearish, 0 no pattern; engulfing and
harami say 80 where one end is equal, and hikkake 200 where it was confirmed.
"""

from collections.abc import Mapping
from typing import Final

_NISON: Final = "Nison (1991), Japanese Candlestick Charting Techniques"
_MORRIS: Final = "Morris (1995), Candlestick Charting Explained"
_CHESLER: Final = "Chesler (2004), Trading False Moves with the Hikkake Pattern, Active Trader"

# Name: (what is looked for, who described it).
_PATTERNS: Final[Mapping[str, tuple[str, str]]] = {
    "cdl2crows": ("long white, black that gaps up, black that opens in the second and closes in the first", _NISON),
    "cdl3blackcrows": ("three long blacks, each opening in the body before and closing near its low", _NISON),
    "cdl3inside": ("long body, small body inside it, third closes beyond the first's open", _MORRIS),
    "cdl3linestrike": ("three bodies in one direction, a fourth that takes all of them back", _MORRIS),
    "cdl3outside": ("body, opposite body that engulfs it, third closes further", _MORRIS),
    "cdl3starsinsouth": ("long black with long lower shadow, smaller one, higher low, small marubozu in it", _MORRIS),
    "cdl3whitesoldiers": ("three whites, each opening in the body before and closing higher near its high", _NISON),
    "cdlabandonedbaby": ("long body, doji with gaps beyond the shadows on both sides, opposite body", _NISON),
    "cdladvanceblock": ("three whites with higher closes whose bodies shrink or whose upper shadows grow", _NISON),
    "cdlbelthold": ("long body that opens at its low (white) or high (black)", _NISON),
    "cdlbreakaway": ("long body, gap in its direction, two bars further, opposite body closes in the gap", _MORRIS),
    "cdlclosingmarubozu": ("long body without a shadow at its close", _MORRIS),
    "cdlconcealbabyswall": ("two black marubozu, black with upper shadow after a gap, black that engulfs it", _MORRIS),
    "cdlcounterattack": ("two long bodies of opposite colour with equal closes", _NISON),
    "cdldarkcloudcover": ("long white, black that opens above its high and closes deep in its body", _NISON),
    "cdldoji": ("open and close nearly equal", _NISON),
    "cdldojistar": ("long body, doji that gaps away in its direction", _NISON),
    "cdldragonflydoji": ("doji with a long lower shadow and no upper one", _NISON),
    "cdlengulfing": ("body that engulfs the opposite body before", _NISON),
    "cdleveningdojistar": ("long white, doji that gaps up, black that closes deep in the first body", _NISON),
    "cdleveningstar": ("long white, small body that gaps up, black that closes deep in the first body", _NISON),
    "cdlgapsidesidewhite": ("gap, then two whites of about one size with about one open", _NISON),
    "cdlgravestonedoji": ("doji with a long upper shadow and no lower one", _NISON),
    "cdlhammer": ("small body near the lows before, long lower shadow, hardly an upper one", _NISON),
    "cdlhangingman": ("small body near the highs before, long lower shadow, hardly an upper one", _NISON),
    "cdlharami": ("long body, small body inside it", _NISON),
    "cdlharamicross": ("long body, doji inside it", _NISON),
    "cdlhighwave": ("short body with very long shadows", _NISON),
    "cdlhikkake": ("inside bar, then a bar beyond it one way; confirmed by a close beyond it the other way", _CHESLER),
    "cdlhikkakemod": ("hikkake after two inside bars whose close is near the extreme", _CHESLER),
    "cdlhomingpigeon": ("long black, short black inside it", _MORRIS),
    "cdlidentical3crows": ("three blacks, each opening at the close before", _MORRIS),
    "cdlinneck": ("long black, white that opens below its low and closes slightly in its body", _NISON),
    "cdlinvertedhammer": ("small body that gaps down, long upper shadow, hardly a lower one", _NISON),
    "cdlkicking": ("two marubozu of opposite colour with a gap between", _MORRIS),
    "cdlkickingbylength": ("kicking, its direction that of the longer marubozu", _MORRIS),
    "cdlladderbottom": ("three blacks with lower opens and closes, black with upper shadow, white above it", _MORRIS),
    "cdllongleggeddoji": ("doji with a long shadow", _NISON),
    "cdllongline": ("long body with short shadows", _MORRIS),
    "cdlmarubozu": ("long body without shadows", _NISON),
    "cdlmatchinglow": ("two blacks with equal closes", _MORRIS),
    "cdlmathold": ("long white, gap up, small bodies that hold above part of it, white that closes higher", _MORRIS),
    "cdlmorningdojistar": ("long black, doji that gaps down, white that closes deep in the first body", _NISON),
    "cdlmorningstar": ("long black, small body that gaps down, white that closes deep in the first body", _NISON),
    "cdlonneck": ("long black, white that opens below its low and closes at that low", _NISON),
    "cdlpiercing": ("long black, white that opens below its low and closes above the middle of its body", _NISON),
    "cdlrickshawman": ("doji with two long shadows and the body near the middle", _NISON),
    "cdlrisefall3methods": ("long body, three small ones against it inside its range, long body further", _NISON),
    "cdlseparatinglines": ("two bodies of opposite colour with equal opens, the second a belt hold", _NISON),
    "cdlshootingstar": ("small body that gaps up, long upper shadow, hardly a lower one", _NISON),
    "cdlshortline": ("short body with short shadows", _MORRIS),
    "cdlspinningtop": ("short body with shadows longer than it", _NISON),
    "cdlstalledpattern": ("two long whites, small white that rides on the second's close", _NISON),
    "cdlsticksandwich": ("black, white above its close, black with the first one's close", _MORRIS),
    "cdltakuri": ("doji with a very long lower shadow and hardly an upper one", _NISON),
    "cdltasukigap": ("gap between two bodies of one colour, opposite body that closes in the gap", _NISON),
    "cdlthrusting": ("long black, white that opens below its low and closes below the middle of its body", _NISON),
    "cdltristar": ("three doji, the middle one a star", _NISON),
    "cdlunique3river": ("long black, black harami with a new low, small white below it", _NISON),
    "cdlupsidegap2crows": ("long white, small black that gaps up, black that engulfs it above the first", _NISON),
    "cdlxsidegap3methods": ("gap between two bodies of one colour, opposite body from one to the other", _NISON),
}  # fmt: skip

CANDLES: Final[Mapping[str, tuple[str, str, str]]] = {
    name: (formula, "-200..200" if "hikkake" in name else "-100..100", source)
    for name, (formula, source) in _PATTERNS.items()
}
"""Formula, units and source by name."""
