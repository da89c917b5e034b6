"""A calculator: numbers, + - * / // % **, percentages and money; nothing is ever evaluated as code."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from decimal import Decimal, DecimalException, localcontext

from ..errors import InputError
from .policy import tool

LONGEST = 200
"""Characters of an expression."""
DIGITS = 34
"""Significant digits of every result, as in IEEE decimal128."""
LARGEST_EXPONENT = 1000
"""Of ``**``, either way."""

_OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_NUMBER = r"\d+(?:\.\d+)?"
_MONEY = re.compile(r"[$€£¥]|\b(?:USD|EUR|GBP|CAD|JPY|dollars?|euros?|pounds?)\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_OF = re.compile(rf"({_NUMBER})\s*(?:%|percent)\s*of\b", re.IGNORECASE)
# a percent sign before another number is the remainder
_PERCENT = re.compile(rf"({_NUMBER})\s*(?:%(?!\s*[\d(])|percent\b)", re.IGNORECASE)


@tool()
def calculator(expression: str) -> str:
    """Work out an arithmetic expression, such as "3 * $19.99", "15% of 80", "80 - 15%" or "(4 + 6) / 2"."""
    return calculate(expression)


def calculate(expression: str) -> str:
    """The value of an expression as text; two decimals where money is meant.

    Raises:
        InputError: It is no arithmetic, divides by zero, or grows too large.
    """
    if len(expression) > LONGEST:
        raise _wrong(expression, f"is longer than {LONGEST} characters")
    money = _MONEY.search(expression)
    text = (
        _THOUSANDS.sub("", _MONEY.sub(" ", expression)).replace("×", "*").replace("÷", "/").replace("−", "-")
    )
    text = re.sub(r"(?<=[\d)\s])x(?=[\s\d(])", "*", text).replace("^", "**").rstrip("=? \n").strip()
    text = _PERCENT.sub(r"percent(\1)", _OF.sub(r"percent(\1) *", text))
    try:
        tree = ast.parse(text, mode="eval")
        with localcontext() as context:
            context.prec = DIGITS
            value = _value(tree.body)
            shown = f"{value:.2f}" if money else f"{+value.normalize():f}"
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _wrong(expression, "is no arithmetic expression") from error
    except (DecimalException, OverflowError) as error:
        raise _wrong(expression, "divides by zero or grows too large") from error
    if len(shown) > LONGEST:
        raise _wrong(expression, "grows too large")
    symbol = money[0] if money and money[0] in "$€£¥" else ""
    return f"-{symbol}{shown[1:]}" if shown.startswith("-") else f"{symbol}{shown}"


def _value(node: ast.expr) -> Decimal:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            # the digits as they are written: 0.1 is a tenth
            return Decimal(str(node.value))
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand)
        case ast.UnaryOp(op=ast.UAdd()):
            return _value(node.operand)
        case ast.Call(func=ast.Name(id="percent"), args=[part], keywords=[]):
            return _value(part) / 100
        case ast.BinOp(op=ast.Add() | ast.Sub(), right=ast.Call()):
            # "80 - 15%": the percentage is of what stands before it
            left, share = _value(node.left), _value(node.right)
            return left * (1 + share if isinstance(node.op, ast.Add) else 1 - share)
        case ast.BinOp() if type(node.op) in _OPERATORS:
            left, right = _value(node.left), _value(node.right)
            if isinstance(node.op, ast.Pow) and abs(right) > LARGEST_EXPONENT:
                raise OverflowError
            return _OPERATORS[type(node.op)](left, right)
    raise ValueError(ast.dump(node))


def _wrong(expression: str, fault: str) -> InputError:
    return InputError(f"{expression[:60]!r} {fault}.", 'Use numbers and + - * / % **, such as "15% of 80".')
