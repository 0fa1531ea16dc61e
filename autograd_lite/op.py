"""A compiled operation: its rules validated, and what they read turned into positions.

A rule says mathematics only. The names of its parameters say what the forward pass keeps:

    g            the gradient (cotangent) of the output; always the first parameter
    out          the output; for an operation with several outputs, all of them
    a            the array argument of that name
    a_shape      its shape, and no array (likewise out_shape)
    axis         the static argument of that name
    mask         a value named in `keep`, computed in the forward pass
    needs        (joint rules only) which array arguments need a gradient

Names are read once, when a rule is registered, and compiled to positional functions; nothing is
looked up by name while a program runs.
"""

import functools
import inspect

import numpy as np

from autograd_lite.errors import NoRuleError, RuleError

NONDIFF = object()
"""Stands where a rule would, for an array argument that no gradient flows to (a condition)."""

NUMPY_DEFAULTS = {"out": None, "dtype": None, "where": True, "casting": "same_kind", "order": "K",
                  "subok": True, "copy": True}  # fmt: skip


class Op:
    """One differentiable operation, compiled from its rule line."""

    __slots__ = (
        "_positional",
        "arrays",
        "body",
        "defaults",
        "direct",
        "fast",
        "forward",
        "forward_keeps",
        "function",
        "joint",
        "joint_reads",
        "joint_saver",
        "keep",
        "keep_reads",
        "keepers",
        "name",
        "optional",
        "prepare",
        "reads",
        "rules",
        "savers",
        "static",
        "variadic",
    )  # fmt: skip

    def __init__(self, function, arrays, static, keep, forward, body, prepare, name=None):
        self.name = name or function.__name__
        self.function = function
        names = arrays.split()
        self.variadic = names[0].startswith("*")
        self.optional = {n[:-1] for n in names if n.endswith("?")}
        self.arrays = tuple(n.strip("*?") for n in names)
        self.static = dict(static or {})
        self.defaults = tuple(self.static.values())
        self.prepare = prepare
        self.body = body
        self.forward = forward or call_with_keywords(self, function)
        self.forward_keeps = body is not None and bool(forward and keep)
        self.keep = dict(keep or {})
        self.keep_reads = tuple(self.read(fn, n) for n, fn in self.keep.items())
        self.keepers = tuple(
            (getter(self, r), fn) for r, fn in zip(self.keep_reads, self.keep.values(), strict=True)
        )
        self.reads = self.rules = self.savers = ()
        self.fast = None  # for one operand: the unrolled form of recording it
        self.direct = None  # the same for other operations, from sorted arguments
        self.joint = None
        self._positional = None

    def __repr__(self):
        return f"<op {self.name}>"

    def set_rules(self, vjps):
        """Validate one rule for each array argument and compile what each keeps."""
        for name in vjps.keys() - set(self.arrays):
            raise RuleError(
                f"{self.name}: rule for {name!r}, which is no array argument; the "
                f"array arguments are {', '.join(self.arrays)}"
            )
        for name in self.arrays:
            if name not in vjps:
                raise RuleError(
                    f"{self.name}: no rule for argument {name!r}; give "
                    f"{name}=lambda g, …: …, or {name}=NONDIFF"
                )
        rules = [vjps[n] for n in self.arrays]
        self.reads = tuple(
            () if fn is NONDIFF else self.read(fn, n, gradient=True)
            for n, fn in zip(self.arrays, rules, strict=True)
        )
        self.rules = tuple(
            (None if fn is NONDIFF else fn, len(reads))
            for fn, reads in zip(rules, self.reads, strict=True)
        )
        self.savers = tuple(saver(self, r) for r in self.reads)
        if self.variadic:
            self.set_joint(vjps[self.arrays[0]])

    @property
    def vjps(self):
        """The rule for each array argument; None for one that gets no gradient."""
        return tuple(fn for fn, _ in self.rules)

    def set_joint(self, vjp):
        """Compile one rule that returns the gradients of all array arguments."""
        self.joint = vjp
        self.joint_reads = self.read(vjp, "joint", gradient=True)
        self.joint_saver = getter(self, self.joint_reads)

    def read(self, fn, argument, gradient=False):
        """The names a rule reads, checked: a rule that lies is refused when it is registered."""
        where = f"{self.name}: the rule for {argument!r}"
        code = getattr(fn, "__code__", None)
        if code is None:
            raise RuleError(f"{where} must be a Python function, not {fn!r}")
        names = code.co_varnames[: code.co_argcount]
        if code.co_freevars:
            raise RuleError(
                f"{where} captures {', '.join(code.co_freevars)}, which would be kept "
                "for ever; pass it as a static argument"
            )
        if fn.__defaults__ or code.co_kwonlyargcount or code.co_flags & 0x0C:
            raise RuleError(
                f"{where} has defaults, keyword-only or star parameters; name plainly what it reads"
            )
        if gradient and names[:1] != ("g",):
            raise RuleError(f"{where} must take the output's gradient g first, got {names}")
        allowed = {"out", *self.arrays, *self.static}
        allowed |= {f"{n}_shape" for n in ("out", *self.arrays)}
        allowed |= {*self.keep, "needs"} if gradient else set()
        names = names[1:] if gradient else names
        for name in names:
            if name not in allowed:
                raise RuleError(
                    f"{where} reads {name!r}, which does not exist; it may read "
                    f"{', '.join(sorted(allowed))}"
                )
        return names

    def bind(self, args, kwargs):
        """Sort a call's arguments into a list of operands and a tuple of static arguments."""
        if self.prepare is not None:
            args, kwargs = self.prepare(*args, **kwargs)
        n = len(self.arrays)
        if len(args) == n and kwargs.keys() <= self.static.keys():
            static = tuple(map(kwargs.get, self.static, self.defaults)) if kwargs else self.defaults
        elif not kwargs and len(args) == n + len(self.static) <= self.positional:
            args, static = args[:n], args[n:]
        else:
            args, static = self.bind_names(args, kwargs)
        return (list(args[0]) if self.variadic else args), static

    def bind_names(self, args, kwargs):
        names = (*self.arrays, *self.static)
        if len(args) > len(self.arrays) and len(args) > self.positional:
            raise NoRuleError(
                f"{self.name}: {len(args)} positional arguments with Tensors; only "
                f"{', '.join(names[: self.positional])} go by position"
            )
        values = dict(zip(names, args, strict=False))
        for key, value in kwargs.items():
            if key in values:
                raise TypeError(f"{self.name}: argument {key!r} is given twice")
            if key in names:
                values[key] = value
            elif value is not NUMPY_DEFAULTS.get(key, value) or key not in NUMPY_DEFAULTS:
                raise NoRuleError(
                    f"{self.name}: argument {key!r} is not supported with Tensors; "
                    f"supported are {', '.join(names)}"
                )
        for name in self.arrays:
            if name not in values and name not in self.optional:
                raise TypeError(f"{self.name}: argument {name!r} is missing")
        static = tuple(values.get(n, default) for n, default in self.static.items())
        return [values.get(n) for n in self.arrays], static

    @property
    def positional(self):
        """How many arguments go by position: as many as come in the function's own order."""
        if self._positional is None:
            names = (*self.arrays, *self.static)
            if self.prepare is not None:  # which has put the arguments in this order
                self._positional = len(names)
                return self._positional
            try:
                own = list(inspect.signature(self.function).parameters.values())
            except (TypeError, ValueError):  # a ufunc, or a function written in C
                self._positional = len(names)
            else:
                own = [p.name for p in own if p.kind is not p.KEYWORD_ONLY][len(self.arrays) :]
                same = [a == b for a, b in zip(names[len(self.arrays) :], own, strict=False)]
                self._positional = len(self.arrays) + (*same, False).index(False)
        return self._positional


@functools.cache
def compiled(text):
    # like namedtuple, text -> function: the texts are made of checked parameter names only
    return eval(text, {"_shape_of": shape_of})


def shape_of(x):
    return [np.shape(y) for y in x] if type(x) in (list, tuple) else np.shape(x)


def signature(op, *extra):
    return ", ".join((*op.arrays, *op.static, *extra))


def getter(op, reads):
    """A function of what a call has at hand that returns, as a tuple, what a rule reads."""
    parts = "".join(f"{source(op, n)}, " for n in reads)
    return compiled(f"lambda {signature(op, *op.keep, 'out', 'needs=None')}: ({parts})")


def saver(op, reads):
    """Likewise, but a single thing is returned as it is, and nothing by None for a function."""
    if len(reads) != 1:
        return getter(op, reads) if reads else None
    return compiled(
        f"lambda {signature(op, *op.keep, 'out', 'needs=None')}: {source(op, reads[0])}"
    )


def source(op, name):
    """How a rule's parameter is got from the operands, static arguments, kept values and output."""
    known = {*op.arrays, *op.static, *op.keep, "out", "needs"}
    return name if name in known else f"_shape_of({name.removesuffix('_shape')})"


def call_with_keywords(op, function):
    """`function` as a function of operands and static arguments by position."""
    if not op.static:
        return function
    keywords = ", ".join((*op.arrays, *(f"{n}={n}" for n in op.static)))
    return compiled(f"lambda f: lambda {signature(op)}: f({keywords})")(function)
