"""A server that speaks what Yahoo's chart interface speaks, true and false."""

from autonomous_trading.testing.servers.yahoo._chart import YahooMarket, yahoo_server
from autonomous_trading.testing.servers.yahoo._lies import YAHOO_LIES

__all__ = ["YAHOO_LIES", "YahooMarket", "yahoo_server"]
