"""Recording of operations with static arguments or a joint rule, as straight code.

What `recording.call` does step by step for any operation is written out here for one: the names of
its arguments are filled in and the text is compiled. Names that begin with an underscore are the
engine's. Whatever is rare (other types, modes, several outputs) goes on to the general functions.
"""

import numpy as np

from autograd_lite.graph import UNTRACKED, Node, counter
from autograd_lite.modes import NORMAL, mode
from autograd_lite.op import shape_of, source
from autograd_lite.recording import (
    NUMBERS,
    call,
    check_kept,
    constant_of,
    described,
    record,
    wrap,
)

TEXT = """
def make({made_of}):
    def direct(_type, _operands, _static):
        {take}
        {refused}
        {static}
        try:
            out = _forward({given})
        except Exception as _error:
            raise _described(_error, _op.name, ({raw})) from _error
        {kept}
        _now = _mode()
        if ({nothing}) or not _now.recording:
            return _wrap(_type, out)
        if isinstance(out, _generic):
            out = _asarray(out)
        if type(out) is not _ndarray or not (_now is _NORMAL or _now.is_plain) or (
            out.dtype.kind not in "fc"
        ):
            return _record(_type, _op, _operands, [{raw}], _static, out, ({edges}), {all_kept})
        {keep}
        _made = _Node()
        _made.op = _op
        _made.index = next(_counter)
        _made.inputs = ({inputs})
        _made.saved = {saved}
        _made.shape = out.shape
        _made.dtype = out.dtype
        {joint}
        if _now is not _NORMAL:
            _made.scope = _now.scope
        _result = _new(_type)
        _result._array = out
        _result._node = _made
        return _result

    return direct
"""
TAKE = """_x = _operands[{i}]
        if hasattr(_x, "_node"):
            {a}, _edge_{a} = _x._array, _x._node
        elif (type(_x) is _ndarray and _x.dtype.kind in "fiub") or _x is None or (
            isinstance(_x, _NUMBERS)
        ):
            {a}, _edge_{a} = _x, None
        else:
            return _call(_type, _op, _operands, _static)"""
REFUSED = """if {}:
            return _call(_type, _op, _operands, _static)"""
STATIC = """if _static is not _op.defaults:
            for _x in _static:
                if hasattr(_x, "_node"):
                    return _call(_type, _op, _operands, _static)
        {names}, = _static"""


def sequence(parts):
    return "".join(f"{part}, " for part in parts)


def apply(tensor_type, op, args, kwargs):
    """Call `op` as its function would be called, and record it if an operand is tracked."""
    operands, static = op.bind(args, kwargs)
    if op.variadic:
        return call(tensor_type, op, operands, static)
    if op.direct is None:
        op.direct = direct(op)
    return op.direct(tensor_type, operands, static)


def direct(op):
    """`op` as a function of the type of Tensor, the operands and the static arguments."""
    given = [*op.arrays, *op.static]
    edges = [f"_edge_{a}" for a in op.arrays]
    vjps = [op.joint] * len(edges) if op.joint else op.vjps
    # a tracked argument that no gradient may flow to is refused by the general way
    refused = [f"{e} is not None" for e, vjp in zip(edges, vjps, strict=True) if vjp is None]
    of_forward = op.forward_keeps
    text = TEXT.format(
        made_of=sequence(["_op", "_forward", *(f"_keep_{n}" for n in op.keep)]),
        take="\n        ".join(TAKE.format(i=i, a=a) for i, a in enumerate(op.arrays)),
        refused=REFUSED.format(" or ".join(refused)) if refused else "",
        nothing=" and ".join(f"{e} is None" for e in edges),
        static=STATIC.format(names=", ".join(op.static)) if op.static else "",
        given=", ".join(given),
        raw=sequence(op.arrays),
        edges=sequence(edges),
        kept=f"out, {sequence(op.keep)} = out" if of_forward else "",
        all_kept=f"[{sequence(op.keep)}]" if of_forward else "None",
        keep="" if of_forward else "\n        ".join(keeping(op)),
        inputs=sequence(
            f"{e} if {e} is not None else _constant_of(_operands[{i}])" for i, e in enumerate(edges)
        ),
        saved=saved(op, edges),
        joint="\n        ".join(joint(op)),
    )
    names = dict(NAMES)
    exec(text, names)
    return names["make"](op, op.forward, *op.keep.values())


def keeping(op):
    """Lines that compute the kept values, and check that they have no derivative of their own."""
    for (name, _), reads in zip(op.keep.items(), op.keep_reads, strict=True):
        yield f"{name} = _keep_{name}({', '.join(source(op, n) for n in reads)})"
    if op.keep and op.body is None:
        yield f"_check_kept(_op, ({sequence(op.keep)}))"


def packed(parts):
    """What goes into `Node.saved`: nothing as None, one thing as it is, more as a tuple."""
    if len(parts) > 1:
        return f"({', '.join(parts)})"
    return parts[0] if parts else "None"


def saved(op, edges):
    if op.joint is not None:
        needs = f"({sequence(f'{e} is not None' for e in edges)})"
        parts = [needs if n == "needs" else source(op, n) for n in op.joint_reads]
        return f"({sequence(parts)})"
    entries = []
    for edge, reads in zip(edges, op.reads, strict=True):
        parts = [source(op, n) for n in reads]
        entries.append(f"{packed(parts)} if {edge} is not None else _UNTRACKED")
    return f"({sequence(entries)})"


def joint(op):
    if op.joint is not None:
        yield "_made.plain = False"
        if op.body is not None:
            yield f"_made.arguments = (({sequence(op.arrays)}), _static)"


NAMES = dict(
    _Node=Node, _UNTRACKED=UNTRACKED, _NORMAL=NORMAL, _counter=counter, _ndarray=np.ndarray,
    _generic=np.generic, _asarray=np.asarray, _new=object.__new__, _mode=mode.get, _call=call,
    _record=record, _wrap=wrap, _described=described, _constant_of=constant_of,
    _check_kept=check_kept, _shape_of=shape_of, _NUMBERS=NUMBERS, __name__=__name__,
)  # fmt: skip
