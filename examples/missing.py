"""What an example says when a package is not installed."""

import sys

OURS = "matplotlib", "pygraphviz", "threadpoolctl", "tqdm", "autograd_lite", "viz"
EXTRAS = dict.fromkeys(OURS, "viz,examples")
EXTRAS |= dict.fromkeys(("scipy", "einops", "dask", "distributed"), "dev")


def explain(error):
    """End the program with the command that helps; any other missing module is an error."""
    if error.name not in EXTRAS:
        raise error
    sys.exit(f"{error.name} is missing; in the folder above examples:\n"
             f'    pip install -e ".[{EXTRAS[error.name]}]"')  # fmt: skip
