"""Expressions that people write: a part of Python's grammar without attributes, loops and powers.

Every operation is linear in the texts, of which there are as many as the expression has parts.
"""

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

from ratchet.standard.checks.functions import FUNCTIONS, is_in, is_not_in
from ratchet.standard.checks.pattern import check_pattern

LONGEST = 1000
"""characters of an expression"""
LONGEST_TEXT = 200_000
"""characters of a text, items of a list"""
LARGEST_NUMBER = 10**15

_DEEPEST = 30
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.USub: operator.neg,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: is_in,
    ast.NotIn: is_not_in,
}
_FORMS = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.List, ast.BoolOp, ast.And, ast.Or,
    ast.BinOp, ast.UnaryOp, ast.Compare, ast.IfExp, ast.Call, ast.Subscript, ast.Slice, *_OPERATORS,
)  # fmt: skip
_MULTIPLIES_TEXT = (ast.Mult, ast.Mod)


class Unevaluable(Exception):
    """The expression has no value for these names."""


def parsed(expression: str, names: Collection[str]) -> ast.expr:
    """The expression. Raises ValueError where it is none, or uses what is not known here."""
    if len(expression) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError as error:
        raise ValueError(f"is no expression: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"is no expression: {error}") from None
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        for node in level:
            _check_node(node, names)
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ValueError("is nested too deeply")
    return tree.body


def evaluated(node: ast.expr, values: Mapping[str, object]) -> object:
    """The value of a parsed expression. Raises Unevaluable, with the reason."""
    try:
        return _value(node, values)
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise Unevaluable(str(error)) from None


def _check_node(node: ast.AST, names: Collection[str]) -> None:
    if not isinstance(node, _FORMS):
        raise ValueError(f"{type(node).__name__} is not known here")
    match node:
        case ast.Constant(value=value) if not isinstance(value, str | int | float):
            raise ValueError(f"{value!r} is not known here")
        case ast.Constant(value=int() as value) if abs(value) > LARGEST_NUMBER:
            raise ValueError("a number is too large")
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            if name not in FUNCTIONS:
                raise ValueError(f"there is no function {name}; there are {', '.join(FUNCTIONS)}")
            if name == "matches":
                _check_matches(arguments)
        case ast.Call():
            raise ValueError("only a function's name can be called, without named arguments")
        case ast.Slice(step=ast.expr()):
            raise ValueError("a slice takes no step")
        case ast.Name(id=name) if name not in names and name not in FUNCTIONS:
            raise ValueError(f"there is no {name}; there are {', '.join(names)}")
        case _:
            pass


def _check_matches(arguments: list[ast.expr]) -> None:
    match arguments:
        case [_, ast.Constant(value=str() as pattern)]:
            check_pattern(pattern)
        case _:
            raise ValueError("matches takes a text and a pattern in quotes")


def _value(node: ast.expr, values: Mapping[str, object]) -> Any:
    def value(inner: ast.expr) -> Any:
        return _value(inner, values)

    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            if node.id not in values:
                raise TypeError(f"{node.id} is a function: {node.id}(...)")
            return values[node.id]
        case ast.List():
            return _bounded(list(map(value, node.elts)))
        case ast.BoolOp():
            # As in Python, what follows a decided part is not looked at.
            decided = isinstance(node.op, ast.Or)
            return any(map(value, node.values)) if decided else all(map(value, node.values))
        case ast.UnaryOp():
            return _OPERATORS[type(node.op)](value(node.operand))
        case ast.BinOp():
            left, right = value(node.left), value(node.right)
            if isinstance(node.op, _MULTIPLIES_TEXT) and not _numbers(left, right):
                raise TypeError("only numbers can be multiplied and divided")
            return _bounded(_OPERATORS[type(node.op)](left, right))
        case ast.Compare():
            sides = [value(side) for side in (node.left, *node.comparators)]
            pairs = zip(node.ops, sides, sides[1:], strict=False)
            return all(_OPERATORS[type(op)](left, right) for op, left, right in pairs)
        case ast.IfExp():
            return value(node.body if value(node.test) else node.orelse)
        case ast.Subscript(slice=ast.Slice(lower=lower, upper=upper, step=None)):
            bounds = (None if bound is None else value(bound) for bound in (lower, upper))
            return value(node.value)[slice(*bounds)]
        case ast.Subscript():
            return value(node.value)[value(node.slice)]
        case ast.Call(func=ast.Name(id=name)):
            return _bounded(FUNCTIONS[name](*map(value, node.args)))
        case _:
            raise TypeError(f"{type(node).__name__} is not known here")


def _bounded(value: Any) -> Any:
    if isinstance(value, str | list) and len(value) > LONGEST_TEXT:
        raise ValueError("a text or list is too long")
    if isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER:
        raise ValueError("a number is too large")
    return value


def _numbers(*values: object) -> bool:
    return all(isinstance(value, int | float) for value in values)
