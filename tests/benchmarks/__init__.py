"""Speed and memory of the engine beside hand-written NumPy and other libraries.

    python -m tests.benchmarks          # from the root of the repository

Every contender's gradients are compared with the hand-written ones before anything is timed.
"""
