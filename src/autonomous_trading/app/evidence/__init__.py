"""What speaks for a parameter set, and what against it: everything a sceptic asks before paper trading."""

__all__: list[str] = []
