"""What a report shows of a validation: the decision, the account out of sample, and where the set breaks."""

from __future__ import annotations
