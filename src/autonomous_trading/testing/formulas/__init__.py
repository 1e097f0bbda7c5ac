"""How is a grammar tried? Random formulas of it, texts that are nearly formulas, and texts that mean harm."""

from autonomous_trading.testing.formulas._hostile import HOSTILE_FAMILIES, HostileText, hostile_texts
from autonomous_trading.testing.formulas._mutations import mutated
from autonomous_trading.testing.formulas._random import FormulaMix, random_formula

__all__ = ["HOSTILE_FAMILIES", "FormulaMix", "HostileText", "hostile_texts", "mutated", "random_formula"]
