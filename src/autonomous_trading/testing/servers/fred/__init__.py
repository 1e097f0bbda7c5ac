"""A server on this machine that answers as FRED does: vintages in pages, wrong keys, floods, answers cut off."""

from autonomous_trading.testing.servers.fred._server import Fault, FredServer, Observation

__all__ = ["Fault", "FredServer", "Observation"]
