"""python -m proofs [topic | topic/file]: every claim with its bound and its figure, in one table."""

import sys

from proofs.runner import main

raise SystemExit(main(sys.argv[1:]))
