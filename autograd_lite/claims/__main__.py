"""Run a file and report on every derivative that it checks: python -m autograd_lite.claims FILE."""

import argparse
import contextlib
import json
import runpy
import sys
import traceback
from pathlib import Path

from autograd_lite.claims.check import collecting
from autograd_lite.claims.report import Report

RIGHT, WRONG, BROKEN = 0, 1, 2
EPILOG = """\
The file calls ag.check_formula(f, x, claimed) as often as it likes; all reports are printed.
Exit status: 0 if all claims are right, 1 if one is wrong or none was checked, 2 if the file
cannot be run.
"""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m autograd_lite.claims",
        description="Check the derivatives that a Python file claims.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", help="Python file that calls ag.check_formula")
    made.add_argument("--json", action="store_true", help="print the reports as JSON")
    return made


def main(arguments: list[str] | None = None) -> int:
    args = parser().parse_args(arguments)
    if not Path(args.file).is_file():
        print(f"claims: there is no file {args.file}", file=sys.stderr)
        return BROKEN
    reports, error = run(args.file)
    print(as_json(reports, error) if args.json else as_text(reports, error))
    if error is not None and not is_verdict(error, reports):
        return BROKEN
    return RIGHT if reports and all(reports) else WRONG


def run(file: str) -> tuple[list[Report], BaseException | None]:
    """The reports that a file made, and what stopped it; what it prints goes to stderr."""
    path, argv = list(sys.path), sys.argv
    sys.path.insert(0, str(Path(file).resolve().parent))
    sys.argv = [file]
    with collecting() as reports, contextlib.redirect_stdout(sys.stderr):
        try:
            runpy.run_path(file, run_name="__main__")
        except SystemExit as error:
            return reports, error if error.code not in (None, 0) else None
        except Exception as error:
            return reports, error
        finally:
            sys.path[:], sys.argv = path, argv
    return reports, None


def is_verdict(error, reports) -> bool:
    """Whether a file was stopped by `assert ag.check_formula(…)` of a wrong claim."""
    return isinstance(error, AssertionError) and bool(reports) and not reports[-1]


def as_text(reports, error) -> str:
    parts = [f"{r.place}\n{r}" if r.place else str(r) for r in reports]
    if error is not None and is_verdict(error, reports):
        parts.append("The file stopped at this claim; what it checks behind it was not run.")
    elif error is not None:
        parts.append("The file could not be run to its end:\n" + shown(error))
    elif not reports:
        parts.append("The file checks no derivative: it never calls ag.check_formula.")
    if len(reports) > 1:
        right = sum(map(bool, reports))
        parts.append(f"{right} of {len(reports)} checks passed")
    return "\n\n".join(parts)


def as_json(reports, error) -> str:
    broken = error is not None and not is_verdict(error, reports)
    found = {
        "passed": bool(reports) and all(reports) and error is None,
        "error": shown(error) if broken else None,
        "reports": [r.as_dict() for r in reports],
    }
    return json.dumps(found, ensure_ascii=False, indent=2)


def shown(error) -> str:
    """The end of a traceback: the lines of the file itself."""
    if isinstance(error, SystemExit):
        return f"it ended with exit status {error.code}"
    inside = traceback.extract_tb(error.__traceback__)
    own = [f for f in inside if "runpy" not in f.filename and f.filename != __file__][:3]
    lines = [f"{Path(f.filename).name}, line {f.lineno}: {f.line}" for f in own]
    return "\n".join([*lines, f"{type(error).__name__}: {error}"])


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal may lack our signs
    sys.exit(main())
