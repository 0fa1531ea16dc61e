"""The libraries to compare with, where they are installed."""

import importlib

PACKAGES = ("torch", "autograd", "mygrad")


def installed(threads, packages=PACKAGES):
    """Their modules by the name of their package, set up for speed."""
    found = {}
    for name in packages:
        try:
            found[name] = importlib.import_module(name)
        except ImportError:
            continue
    if "torch" in found:
        found["torch"].set_num_threads(threads)
    if "mygrad" in found:
        found["mygrad"].turn_memory_guarding_off()  # as its manual advises
    return found
