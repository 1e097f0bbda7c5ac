"""What does a typed formula mean? A grammar of our own: texts become expressions, and nothing is executed."""

from autonomous_trading.features.formulas._cost import FormulaCost, evaluate_formula, formula_cost
from autonomous_trading.features.formulas._functions import FUNCTIONS, FormulaFunction
from autonomous_trading.features.formulas._limits import FormulaLimits
from autonomous_trading.features.formulas._parse import FormulaParameters, formula_text, parse

__all__ = [
    "FUNCTIONS",
    "FormulaCost",
    "FormulaFunction",
    "FormulaLimits",
    "FormulaParameters",
    "evaluate_formula",
    "formula_cost",
    "formula_text",
    "parse",
]
