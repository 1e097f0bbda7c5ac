"""The command `autotrade`: what the Python face does, for a terminal and for scripts."""

from autonomous_trading.interfaces.cli._main import main

__all__ = ["main"]
