"""Sums of two numbers below 1000 as text for a network, a token for each character."""

import numpy as np

TOKENS = "0123456789+="
PLUS, EQUALS = 10, 11
QUESTION, ANSWER = 8, 4  # tokens of "457+386=", and of "3480"
PLACES = "ones", "tens", "hundreds", "thousands"


def digits(numbers, count):
    """The last `count` digits, ones first: (n,) → (n, count)."""
    return numbers[:, None] // 10 ** np.arange(count) % 10


def spelled(pairs):
    """The sums as tokens (n, 12), as "457+386=3480" of 457 + 386 = 843; a pair is 1000 a + b.

    The answer is written from its ones to its thousands, as one adds on paper. So a digit follows
    from the two of its place and, for the carry, from the two of the place before with what was
    written there. From the left, the first digit would depend on all six at once.
    """
    a, b = (digits(numbers, 3)[:, ::-1] for numbers in (pairs // 1000, pairs % 1000))
    plus, equals = (np.full((len(pairs), 1), sign) for sign in (PLUS, EQUALS))
    answer = digits(pairs // 1000 + pairs % 1000, ANSWER)
    return np.hstack([a, plus, b, equals, answer])


def question_digits(place):
    """Where in the text the two digits of a place stand, 0 for ones; no thousands are asked."""
    return [2 - place, 6 - place] if 0 <= place < 3 else []


def carries(pairs):
    """How many places hand a carry on (n,)."""
    a, b = pairs // 1000, pairs % 1000
    return sum((a % unit + b % unit >= unit).astype(int) for unit in (10, 100, 1000))
