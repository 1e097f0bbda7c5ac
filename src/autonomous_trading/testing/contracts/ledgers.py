"""What every ledger must do: lose nothing, count everything once, and refuse whoever comes too late."""

from autonomous_trading.testing.contracts._ledger_jobs import JobPromises
from autonomous_trading.testing.contracts._ledger_subject import Subject
from autonomous_trading.testing.contracts._ledger_trials import TrialPromises

__all__ = ["LedgerContract", "Subject"]


class LedgerContract(JobPromises, TrialPromises):
    """The suite for one ledger: inherit it in a test class, and give the fixture `subject`.

    class TestMyLedger(LedgerContract):
        @pytest.fixture
        def subject(self):
            clock = Clock()
            return Subject(MyLedger(clock), clock.advance)

    `races`: how often the end of a job is raced for.
    """
