"""Slow, obvious, independently written twins of the compiled code: plain floats, plain loops, no numpy."""
