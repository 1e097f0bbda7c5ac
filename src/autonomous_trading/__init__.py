"""Backtest, optimise and walk forward trading strategies, with an honest out-of-sample answer beside them."""
