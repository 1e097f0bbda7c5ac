"""One suite per family of things that can be added: inherit it, say what to test, and pytest runs every check."""
