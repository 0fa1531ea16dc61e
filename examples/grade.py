"""A table of many homeworks: `python examples/grade.py FILE …`, each file like homework.py.

A hand-in is a program. It runs in a process of its own, and not longer than a minute; that is no
protection against one that means harm.
"""

import json
import subprocess
import sys
from pathlib import Path


def checked(path):
    """The reports on a file, as `python -m autograd_lite.claims --json` prints them."""
    command = [sys.executable, "-X", "utf8", "-m", "autograd_lite.claims", "--json", str(path)]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    except subprocess.TimeoutExpired:
        return {"error": "it runs for more than a minute", "reports": []}
    if done.stdout:
        return json.loads(done.stdout)
    return {"error": done.stderr.strip() or "it ended without a report", "reports": []}


def lines(path):
    """What the table says about a file: how much is right, and each answer that is not."""
    found = checked(path)
    claims = [claim for report in found["reports"] for claim in report["claims"]]
    yield f"{path.name}: {sum(c['passed'] for c in claims)} of {len(claims)} right"
    for claim in claims:
        slip = claim["diagnosis"]
        if not claim["passed"]:
            yield f"    {claim['argument']}: {slip['kind']}: {slip['text']}"
    if found["error"]:
        yield "    " + found["error"].replace("\n", "\n    ")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    for argument in sys.argv[1:]:
        print(*lines(Path(argument)), sep="\n")
