"""How people reach it: the Python face, the command line and the report. Nothing is decided here."""

__all__: list[str] = []
