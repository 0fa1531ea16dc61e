"""What is made of a value to try it as a factor: how that is written, and computed."""

from collections.abc import Callable

import numpy as np

Forms = tuple[tuple[str, Callable], ...]
FORMS: Forms = (
    ("1[{v} > 0]", lambda v: (v > 0) * 1.0),
    ("{v}", lambda v: v),
    ("1 − {v}", lambda v: 1 - v),
    ("{v} ⊙ (1 − {v})", lambda v: v * (1 - v)),
    ("1 − {v}²", lambda v: 1 - v * v),
    ("2 {v}", lambda v: 2 * v),
    ("1 + {v}", lambda v: 1 + v),
    ("{v} ⊙ (1 + {v})", lambda v: v * (1 + v)),
    ("{v}²", lambda v: v * v),
    ("1 + {v}²", lambda v: 1 + v * v),
    ("sign({v})", np.sign),
    ("1[{v} < 0]", lambda v: (v < 0) * 1.0),
    ("1 / {v}", lambda v: 1 / v),
    ("1 / {v}²", lambda v: 1 / (v * v)),
    ("1 / √{v}", lambda v: 1 / np.sqrt(v)),
    ("√{v}", np.sqrt),
    ("|{v}|", np.abs),
    ("exp({v})", np.exp),
    ("cos({v})", np.cos),
    ("sin({v})", np.sin),
    ("1 / (1 + {v}²)", lambda v: 1 / (1 + v * v)),
    ("1 − tanh({v})²", lambda v: 1 - np.tanh(v) ** 2),
)
SIMPLEST = FORMS[:5]
