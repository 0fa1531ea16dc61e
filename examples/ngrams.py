"""What counting can do: predict a letter from the few before it, with Kneser–Ney smoothing.

The yardstick for a network that models text. Of all ways to smooth counts this kind did best in the
comparison of Chen and Goodman (An empirical study of smoothing techniques, 1999). Here it has one
discount for each length, n₁ / (n₁ + 2 n₂) of Ney, Essen and Kneser (1994): n₁ is how many counts
are one, n₂ how many are two.
"""

import math
from collections import Counter, defaultdict


def bits_per_letter(train, test, orders):
    """{n: cross entropy in bits} of the n-gram models, for n up to `orders`, on other texts.

    train, test : lists of texts. Each is read with a newline before and behind it, and what
    stands before the newline is not looked at. An n-gram model sees n − 1 letters.

    >>> bits_per_letter(["ab", "ab", "ac"], ["ab"], 2)[2] < 1.0
    True
    """
    letters = len(set("\n".join(train + test)))
    counted = [counts(train, n) for n in range(1, orders + 1)]
    # a shorter context is asked only where a longer one fails: count what it was new for
    continued = [continuations(longer, n) for n, longer in enumerate(counted[1:])]
    found = {}
    for n in range(1, orders + 1):
        levels = [*continued[: n - 1], counted[n - 1]]
        models = [(level, discount(level)) for level in levels]
        costs = [-math.log2(probability(models, before, letter, letters))
                 for text in test for before, letter in steps(text, n)]  # fmt: skip
        found[n] = sum(costs) / len(costs)
    return found


def steps(text, n):
    """(the n − 1 letters before, letter) for each letter of a text and the newline behind it."""
    text = f"\n{text}\n"
    for i in range(1, len(text)):
        yield text[max(0, i - n + 1) : i], text[i]


def counts(texts, n):
    """{what stands before: {letter: how often}}."""
    found = defaultdict(Counter)
    for text in texts:
        for before, letter in steps(text, n):
            found[before][letter] += 1
    return found


def continuations(longer, length):
    """Counts for contexts shorter by one: behind how many different letters did this stand?"""
    found = defaultdict(Counter)
    for before, letters in longer.items():
        if len(before) <= length:  # from the beginning of a text: there is no letter before it
            found[before] = letters
        else:
            found[before[1:]].update(dict.fromkeys(letters, 1))
    return found


def discount(model):
    """What is taken off each count, to be given to what was not seen."""
    sizes = Counter(c for letters in model.values() for c in letters.values())
    return sizes[1] / (sizes[1] + 2 * sizes[2]) if sizes[1] else 0.5


def probability(models, before, letter, letters):
    """From an even share up to the longest context, each mixed with what is shorter."""
    p = 1.0 / letters
    for length, (model, off) in enumerate(models):
        seen = model.get(before[len(before) - length :]) if length <= len(before) else None
        if not seen:
            break  # no longer context was seen either
        total = sum(seen.values())
        p = max(seen[letter] - off, 0.0) / total + off * len(seen) / total * p
    return p
