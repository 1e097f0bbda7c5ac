"""One file per step, run in the order of `down_revision`."""
