"""`python -m autonomous_trading.interfaces.cli`: the command where its script is not on the path."""

import sys

from autonomous_trading.interfaces.cli import main

if __name__ == "__main__":
    sys.exit(main())
