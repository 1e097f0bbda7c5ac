# %% [markdown]
# # Your first strategy
#
# From an idea to an honest answer, on real data that comes with the installation: no network, no account, about ten
# seconds. You write a strategy, find out why it does not trade, mend it, look for better parameters, ask how much of
# the result is luck, walk it forward, and run it on prices of your own.
#
# Everything below is one Python file, `first_strategy.py`. Run it whole:
#
#     .venv/bin/python docs/tutorial/first_strategy.py
#
# ## 1. Data
#
# `at.sample` gives daily bars of an index, 1999 to 2018. A bar is open, high, low, close and volume; its time is when
# it *starts*, in UTC.

# %%
import autonomous_trading as at

bars = at.sample("sp500")
print(bars)

# %% [markdown]
# ## 2. An idea as a class
#
# The idea: *hold the market while it is above its long average, but step aside when it has run hot.* What may be
# tuned is declared on the class, with bounds and a default. `signals` says what to hold, in terms of columns:
# `see.close`, `see.sma(...)`, `see.rsi(...)`, and any other TA-Lib function by its lower-case name.
#
# A condition means long while it is true and flat while it is not. Conditions are joined with `&`, `|` and `~`, not
# with `and`, `or` and `not`, because each has one answer per bar.
#
# `stop_loss` appears nowhere in `signals`: a parameter of that name is understood by the engine.


# %%
class CalmUptrend(at.Strategy):
    """Long while the close is above its long average and the RSI is not hot."""

    trend = at.IntParameter(50, 250, default=200)
    period = at.IntParameter(2, 30, default=10)
    hot = at.FloatParameter(0.5, 0.8, default=0.6)
    stop_loss = at.FloatParameter(0.01, 0.1, default=0.05)

    def signals(self, see: at.Columns) -> at.Expression:
        return (see.close > see.sma(self.trend)) & (see.rsi(self.period) < self.hot)


result = at.backtest(CalmUptrend, bars)
print(result.trade_count, "trades")

# %% [markdown]
# ## 3. No trades: why?
#
# Every result can explain itself. It follows the bars to the first stage where nothing is left, and names the
# condition that is to blame.

# %%
print(result.explain())

# %% [markdown]
# The RSI runs from 0 to 100, not from 0 to 1. A strategy can be derived from another one; a parameter that is
# declared again takes the place of the old one.


# %%
class CalmUptrendMended(CalmUptrend):
    """Long while the close is above its long average and the RSI is below a level from 0 to 100."""

    hot = at.FloatParameter(50.0, 80.0, default=60.0)


result = at.backtest(CalmUptrendMended, bars)
print(result.explain())

# %% [markdown]
# ## 4. Read the result
#
# Costs are on by default: commission 0.05 % and slippage 0.02 % of every fill. Decisions are made at the close of a
# bar and filled at the open of the next one. Beside the strategy stands buy-and-hold, over the same bars and with the
# same costs: what you would have had for doing nothing.

# %%
for name in ("total_return", "sharpe_ratio", "max_drawdown", "trade_count", "exposure"):
    print(f"{name:14} {result.metrics[name]:8.2f}   buy and hold {result.benchmark[name]:8.2f}")

print(result.trades[["entry_time", "exit_time", "net_profit", "reason"]].head(3).to_string())
for warning in result.warnings:
    print("warning:", warning)

# %% [markdown]
# Worse than holding: it was in the market a third of the time and paid for 606 fills. Perhaps other parameters do
# better.
#
# ## 5. Look for better parameters
#
# `at.optimize` shows the optimiser the first 70 % of the bars only. The best set then also runs on the rest, which no
# choice has seen. Here 500 sets are drawn at random; `method="tpe"` (the default), `"nsga2"` and `"grid"` are the
# others.

# %%
study = at.optimize(CalmUptrendMended, bars, objectives=["sharpe_ratio"], method="random", trials=500, seed=7)
best = study.best()
print(dict(best.parameters))

runs = {"in sample": study.in_sample, "out of sample": study.out_of_sample}
for (when, best_set), hold in zip(runs.items(), study.benchmark.values()):
    print(f"Sharpe ratio {when:14} {best_set['sharpe_ratio']:5.2f}   buy and hold {hold['sharpe_ratio']:5.2f}")

# %% [markdown]
# In sample the best set beats holding. On the bars it had not seen it lost money while the market rose. That is what
# searching does: the best of 500 sets is partly the luckiest of 500 sets.
#
# ## 6. Ask for the verdict
#
# The verdict says the same *without* looking at the hold-out: given that 500 sets were tried, is this Sharpe ratio
# higher than the best of 500 worthless sets would have shown?

# %%
print(study.verdict.words)

# %% [markdown]
# The deflated Sharpe is a probability; below 0.95 the answer is "compatible with luck". Which parameters mattered at
# all?

# %%
for name, share in study.importance.items():
    print(f"{name:10} {share:4.0%}")

# %% [markdown]
# ## 7. Walk forward
#
# One hold-out is one experiment. Walking forward repeats it: choose parameters on four years, trade the next year
# with them, move on by a year, choose again. One account trades all those years in turn; every one of its bars was
# traded with parameters chosen before it.

# %%
walk = at.walk_forward(
    CalmUptrendMended, bars, train=1000, test=250, step=250, unit="bars", method="random", trials=200, seed=7
)
print(len(walk.folds), "folds,", f"{walk.n_trials:,}", "sets evaluated")
trained, traded, hold = (each["sharpe_ratio"] for each in (walk.in_sample, walk.out_of_sample, walk.benchmark))
print(f"Sharpe ratio in training {trained:.2f}, afterwards {traded:.2f}, buy and hold {hold:.2f}")
print(f"efficiency {walk.efficiency:.2f}:", walk.verdict.words)

# %% [markdown]
# What was chosen looked good in training every time, and a tenth of it was left afterwards. The idea, as it stands,
# is not worth trading, and finding that out cost nothing. This is a result: most ideas end here.
#
# ## 8. Write the report
#
# One HTML file with interactive charts, readable without a network: price and trades, equity against buy-and-hold,
# drawdowns, months, every evaluated set, in sample against out of sample.

# %%
report = study.report("first_strategy.html")
print(report, "written" if report.stat().st_size > 100_000 else "is too small")

# %% [markdown]
# ## 9. Your own prices
#
# A CSV file with a column for the time and columns for open, high, low and close will do: any case, the usual names,
# any common time format. What breaks a rule (a high below the low, a price of zero, two bars with the same time) is
# refused with the line and the value.

# %%
import pandas as pd

other = at.sample("nasdaq")[-1500:]
frame = pd.DataFrame({"Open": other.open, "High": other.high, "Low": other.low, "Last": other.close})
frame.insert(0, "Date", other.time.astype("datetime64[ns]").astype("datetime64[D]"))
frame.to_csv("mine.csv", index=False)

try:
    at.load_bars("mine.csv")
except at.TradingError as problem:
    print(problem)

# %% [markdown]
# So the column is called `Close`. Wherever bars are asked for, a path, a frame or a data string does too.

# %%
frame.rename(columns={"Last": "Close"}).to_csv("mine.csv", index=False)
print(at.load_bars("mine.csv"))

result = at.backtest(CalmUptrendMended(hot=70.0), "mine.csv")
print(f"Sharpe ratio {result.metrics['sharpe_ratio']:.2f}, buy and hold {result.benchmark['sharpe_ratio']:.2f}")

# %% [markdown]
# ## Where next
#
# - [How-to pages](../README.md#how-to): costs, several objectives, several instruments, columns of your own.
# - [What honest means here](../concepts/honesty.md): in and out of sample, trials counted, NaN.
# - [The strategies that come with the package](../reference/strategies.md).
