"""`autotrade store`: the ledger as a thing to keep: checked, copied, put back, brought to a newer schema."""

from contextlib import closing

from autonomous_trading.interfaces.cli._failures import FAILED
from autonomous_trading.interfaces.cli._ledger_options import BackupArgument, RestoreOptions, StoreOptions
from autonomous_trading.interfaces.cli._ledger_place import ledger_place
from autonomous_trading.interfaces.cli._output import console, print_document

__all__ = ["backup_store", "check_store", "restore_store", "upgrade_store"]


def check_store(output: StoreOptions) -> int:
    """Whether the ledger holds what was written to it: every row against the hashes in the audit trails."""
    from autonomous_trading.adapters.store import SqlLedger, audit, open_store, shown_name

    place = ledger_place(output.ledger)
    with closing(open_store(place, create=False, read_only=True)) as store:
        found = audit(store)
        jobs = len(SqlLedger(store).jobs())
    said: dict[str, object] = {"command": "store check", "ledger": shown_name(place), "jobs": jobs, "problems": found}
    if not found:
        _answer(output, said, f"{shown_name(place)} is whole: {jobs:,} jobs, every row is what the audit trail says.")
        return 0
    _answer(output, said, "\n".join([f"{shown_name(place)} is not what was written to it:", *found]))
    return FAILED


def backup_store(argument: BackupArgument, output: StoreOptions) -> int:
    """Copy the ledger into one file, while it is in use or not."""
    from autonomous_trading.adapters.store import backup, shown_name

    place = ledger_place(output.ledger)
    written = backup(place, argument.target)
    said: dict[str, object] = {"command": "store backup", "ledger": shown_name(place), "backup": str(written)}
    _answer(output, said, f"Copied {shown_name(place)} to {written}.")
    return 0


def restore_store(options: RestoreOptions, output: StoreOptions) -> int:
    """Put a copy in the place of the ledger; one that holds something is only replaced when told so."""
    from autonomous_trading.adapters.store import restore, shown_name

    place = ledger_place(output.ledger)
    restore(options.source, place, overwrite=options.overwrite)
    said: dict[str, object] = {"command": "store restore", "ledger": shown_name(place), "source": options.source}
    _answer(output, said, f"{shown_name(place)} holds what {options.source} held.")
    return 0


def upgrade_store(output: StoreOptions) -> int:
    """Bring the ledger to the schema of this version; a copy is made first."""
    from autonomous_trading.adapters.store import shown_name, upgrade

    place = ledger_place(output.ledger)
    copied = upgrade(place)
    said: dict[str, object] = {
        "command": "store upgrade",
        "ledger": shown_name(place),
        "backup": None if copied is None else str(copied),
    }
    kept = "" if copied is None else f" The ledger as it was: {copied}."
    _answer(output, said, f"{shown_name(place)} has the schema of this version.{kept}")
    return 0


def _answer(output: StoreOptions, document: dict[str, object], words: str) -> None:
    if output.json:
        print_document(document)
    else:
        console().print(words, soft_wrap=True)
