"""A reader of formulas in Unicode, so that what is printed can be compared with numbers.

It knows the notation and nothing of how it is written: precedence, vectors as columns, products
with ones, sums over axes. Vectors have one axis, and their transposes are rows of shape (1, n).
"""

import ast
import re

import numpy as np

from autograd_lite import functional as F
from autograd_lite.registry import DISPATCHING, RULES
from viz.formulas.python_form import identifier

WORD = r"[^\W\d_ᵀᴴ][^\W⁰¹²³⁴-⁹ᵀᴴ]*\*?"
TOKEN = re.compile(rf"\s*(Σ|∂{WORD}/∂{WORD}|\d+(?:\.\d+)?|{WORD}|[₀-₉ₓ]+|[⁻⁰¹²³⁴-⁹]+|.)")
BAR = "\N{COMBINING MACRON}"
LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ₓ", "0123456789x")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
COMPARISONS = {"<": np.less, ">": np.greater, "≤": np.less_equal, "≥": np.greater_equal,
               "=": np.equal, "≠": np.not_equal}  # fmt: skip
FUNCTIONS = {"exp": np.exp, "log": np.log, "sign": np.sign, "sin": np.sin, "cos": np.cos,
             "cosh": np.cosh, "sinh": np.sinh, "softmax": F.softmax, "mean": np.mean,
             "log_softmax": F.log_softmax, "mod": np.remainder, "conj": np.conjugate, "Re": np.real,
             "Im": np.imag}  # fmt: skip


WORDS = {"None": None, "True": True, "False": False, "valid": "valid", "full": "full",
         "same": "same", "forward": "forward", "ortho": "ortho"}  # fmt: skip
PRIVATE = {op.name: op for f, op in RULES.items() if not isinstance(f, DISPATCHING)}


def usual(op):
    """An operation of the engine with the options that are not written."""

    def called(*args, **options):
        rest = list(op.static.items())[max(0, len(args) - len(op.arrays)) :]
        return op.function(*args, **(dict(rest) | options))

    return called


def function(name):
    """What a word before parentheses means: a function of NumPy, or one of the engine's own."""
    if name == "array":  # (3, 3): more than is written out
        raise KeyError(name)
    for module in (np, np.linalg, np.fft):
        if name not in FUNCTIONS and callable(getattr(module, name, None)):
            return getattr(module, name)
    return FUNCTIONS[name] if name in FUNCTIONS else usual(PRIVATE[name])


def read(formula, columns=False) -> np.ndarray:
    """The value of a printed formula, from its text and the named values.

    columns : a matrix of one column is a vector, one of one entry a number.

    KeyError for a function that is not known here.
    """
    values = {"π": np.pi, **formula.values}
    first, *where = str(formula).splitlines()
    for line in reversed(where):  # newest definition last
        name, _, text = line.removeprefix("  where ").partition(" = ")
        values[name] = Reader(text, values, columns).all()
    return Reader(first.partition(" = ")[2], values, columns).all()


def raised(base, exponent):
    """A power; that of a matrix is a product of matrices."""
    if np.ndim(base) < 2:
        return base**exponent
    assert exponent == int(exponent)
    return np.linalg.matrix_power(base, int(exponent))


def column(value):
    """A column is a vector, and a matrix of one entry is a number."""
    if np.ndim(value) == 2 and value.shape[1] == 1:
        return value[:, 0] if len(value) != 1 else value[0, 0]
    return value


class Reader:
    """Recursive descent, one method for each level of precedence."""

    def __init__(self, text, values, columns):
        self.column = column if columns else lambda value: value
        text = re.sub(rf"{BAR}([₀-₉]+)", rf"\1{BAR}", text)  # x̄₁ is the conjugate of x₁
        self.tokens = TOKEN.findall(text)
        self.spaced = [m.group().startswith(" ") for m in TOKEN.finditer(text)]
        self.values = values
        self.at = 0

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted=None):
        token = self.peek()
        assert wanted in (None, token), f"{wanted} expected in {self.tokens[self.at :]}"
        self.at += 1
        return token

    def all(self):
        value = self.sum()
        assert self.at == len(self.tokens), self.tokens[self.at :]
        return value

    def condition(self):
        """Comparisons, also in a chain, and ∧ and ∨ of them: ∧ first."""
        either = np.False_
        while True:
            both = self.comparison()
            while self.peek() == "∧":
                self.take()
                both = both & self.comparison()
            either = either | both
            if self.peek() != "∨":
                return either.astype(float)
            self.take()

    def comparison(self):
        if self.peek() == "¬":
            self.take()
            return ~np.asarray(self.sum(), bool)
        left = self.sum()
        if self.peek() not in COMPARISONS:
            return np.asarray(left, bool)
        holds = np.True_
        while self.peek() in COMPARISONS:
            compare, right = COMPARISONS[self.take()], self.sum()
            left, holds = right, holds & compare(left, right)
        return holds

    def sum(self):
        value = -self.minus() if self.peek() == "−" else self.product()
        while self.peek() in ("+", "−"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def minus(self):
        self.take("−")
        return self.product()

    def product(self):
        value = self.matrices()
        while self.peek() in ("⊙", "·", "/"):
            value = value / self.matrices() if self.take() == "/" else value * self.matrices()
        return value

    def matrices(self):
        value = self.power()
        while self.peek() not in ("", *"⊙·/+−)],⟩‖|↦∧∨", *COMPARISONS):
            right = self.power()
            single = np.shape(right) == (1,) != np.shape(value)[-1:]  # a column times one number
            if single or 0 in (np.ndim(value), np.ndim(right)):
                value = value * right
            elif np.ndim(value) == 1 and right.ndim == 2 and right.shape[0] == 1:
                value = np.outer(value, right)
            else:
                value = value @ right
        return self.column(value)

    def power(self):
        value = self.atom()
        while self.peek():
            token = self.peek()
            if token == "ᵀ" and np.ndim(value):
                value = np.atleast_2d(value) if value.ndim == 1 else np.matrix_transpose(value)
            elif token == "ᵀ":
                pass
            elif token == "ᴴ":
                value = np.conjugate(np.atleast_2d(value) if value.ndim == 1 else value.mT)
            elif token == BAR:
                value = np.conjugate(value)
            elif token == "⁻":  # and ᵀ follows
                self.take()
                value = np.matrix_transpose(np.linalg.inv(value))
            elif re.fullmatch("[⁻⁰¹²³⁴-⁹]+", token):
                value = raised(value, float(token.translate(RAISED)))
            elif token == "^":
                self.take()
                value = self.exponent(value)
                continue
            elif token == "[" and not self.spaced[self.at]:
                value = value[self.index("]")]
                continue
            else:
                break
            self.take()
        return value

    def exponent(self, value):
        """What stands after ^: ⊙ for a power of each entry."""
        if self.peek() == "⊙":
            self.take()
            return value ** self.signed_number()
        return raised(value, self.sum() if self.peek() == "(" else self.signed_number())

    def signed_number(self):
        sign = -1 if self.peek() == "−" else 1
        if sign < 0:
            self.take()
        token = self.take()
        if token[0].isdigit():
            return sign * float(token)
        self.at -= 1
        return sign * self.atom()

    def index(self, end):
        self.take("[")
        text, depth = "", 0
        while self.peek() and (depth or self.peek() != end):
            depth += (self.peek() in ("[", "(")) - (self.peek() in ("]", ")"))
            text += self.take() + " " * (self.peek() not in ("↦", "+"))
        if end == "]":
            self.take("]")
        names = {identifier(name, ()): x for name, x in self.values.items()}
        text = text.replace("−", "-").replace("…", "...")
        text = re.sub(f"{WORD}[₀-₉]*", lambda m: m[0] if m[0] in WORDS else identifier(m[0], ()),
                      text)  # fmt: skip
        return eval(f"np.s_[{text}]", {"np": np, **names})

    def atom(self):
        token = self.take()
        if token == "(":
            value = self.sum()
            if self.peek() == ",":
                value = self.listed(value)
            self.take(")")
        elif token == "√":
            value = np.sqrt(self.atom())
        elif token == "⟨":
            value = self.sum()
            self.take(",")
            value = np.sum(value * self.sum())
            self.take("⟩")
        elif token == "Σ":
            value = self.summation()
        elif token in ("0", "1") and self.peek() and self.peek()[0] in "₀₁₂₃₄₅₆₇₈₉":
            value = self.filled(float(token))
        elif token == "1" and self.peek() == "[":
            self.take("[")
            value = self.condition()
            self.take("]")
        elif token[0].isdigit():
            value = float(token)
        elif self.peek() == "(" and not self.spaced[self.at]:
            args, options = self.arguments(token == "where")
            value = function(token)(*args, **options)
        elif token == "i" and token not in self.values:
            value = 1j
        else:
            value = self.values[token if token in self.values else identifier(token, ())]
        return value if self.peek() == "[" else self.column(value)

    def listed(self, *found):
        """(1, 2, 3) as a vector."""
        while self.peek() == ",":
            self.take()
            found = (*found, self.sum())
        return np.array(found)

    def filled(self, value):
        array = np.full([int(n) for n in self.take().translate(LOWERED).split("x")], value)
        if value == 0:
            end = "↦" if "↦" in self.tokens[self.at : self.closing()] else "+"
            index = self.index(end)
            self.take(end)
            if end == "+":
                self.take("=")
            inner = self.sum()
            array = array.astype(np.result_type(array, inner))
            np.add.at(array, index, inner)
            self.take("]")
        return array

    def closing(self):
        """Where the bracket closes that stands here; in it only what is in no other bracket."""
        depth = 0
        for at in range(self.at, len(self.tokens)):
            depth += (self.tokens[at] == "[") - (self.tokens[at] == "]")
            if depth == 0 or (depth == 1 and self.tokens[at] in ("+", "↦")):
                return at + 1
        return len(self.tokens)

    def summation(self):
        axes = None
        if self.peek()[0] in "₀₁₂₃₄₅₆₇₈₉":
            axes = tuple(map(int, self.take().translate(LOWERED)))
        return np.sum(self.power() if self.peek() != "(" else self.atom(), axis=axes)

    def arguments(self, conditional=False):
        """What stands in the parentheses of a call: operands, then options by name."""
        self.take("(")
        args, options = [], {}
        while True:
            if conditional and not args:
                args.append(self.condition() != 0)
                self.take(",")
            if self.tokens[self.at + 1] == "=" and self.peek() not in self.values:
                name, _ = self.take(), self.take("=")
                options[name] = self.argument()
            else:
                args.append(self.argument())
            if self.take() == ")":
                return args, options

    def argument(self):
        """A list of operands, a tuple of whole numbers, a word, or an expression."""
        if self.peek() == "[":
            self.take("[")
            found = [self.argument()]
            while self.take() == ",":
                found.append(self.argument())
            return found
        end = self.at + 1
        while self.tokens[end] not in ",)":
            end += 1
        if self.peek() == "(" and (whole := self.whole_numbers()) is not None:
            return whole
        if end == self.at + 1 and self.peek() in WORDS:
            return WORDS[self.take()]
        if end == self.at + 1 and re.fullmatch("[0-9]+", self.peek()):
            return int(self.take())
        if end == self.at + 2 and self.peek() == "−" and self.tokens[end - 1].isdigit():
            self.take()
            return -int(self.take())
        return self.sum()

    def whole_numbers(self):
        """(2, 3) where nothing else follows, else None."""
        end = self.at + 1
        depth = 1
        while depth:
            depth += (self.tokens[end] == "(") - (self.tokens[end] == ")")
            end += 1
        text = "".join(self.tokens[self.at : end]).replace("−", "-")
        if self.tokens[end] not in ",)]" or not re.fullmatch(r"[-0-9,()]*,[-0-9,()]*", text):
            return None
        self.at = end
        return ast.literal_eval(text)
