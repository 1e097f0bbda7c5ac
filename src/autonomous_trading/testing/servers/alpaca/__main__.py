"""`python -m autonomous_trading.testing.servers.alpaca`: a local Alpaca to try things with, until Ctrl-C."""

import argparse
import sys
import threading
from collections.abc import Sequence

from autonomous_trading.testing.servers.alpaca._market import demo_market
from autonomous_trading.testing.servers.alpaca._server import AlpacaServer

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None, *, until: threading.Event | None = None) -> int:
    """Serve the demo market and print how `autotrade` finds it; returns when interrupted, or when `until` is set."""
    parser = argparse.ArgumentParser(prog="python -m autonomous_trading.testing.servers.alpaca", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="where to listen (0: any free port; default 8080)")
    port = parser.parse_args(arguments).port
    with AlpacaServer(demo_market(), port=port) as server:
        for name, value in server.environment().items():
            sys.stdout.write(f"export {name}={value}\n")
        sys.stdout.flush()
        try:
            (until or threading.Event()).wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
