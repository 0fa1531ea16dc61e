"""From DOT text to a picture: with pygraphviz in this process, else with the program `dot`."""

import contextlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from viz.errors import RenderError

SECONDS = 30
NO_ENGINE = (
    "nothing that lays out graphs is installed: pip install 'autograd_lite[viz]' (it brings "
    "pygraphviz), or install Graphviz; the DOT text is in .source meanwhile"
)
NO_FONT = (
    "no font is installed, so text in this picture will be missing; use SVG, or install a font "
    "(on Debian: apt-get install fonts-liberation)"
)
# the rest goes to another process: some formats of Graphviz crash
TRUSTED = ("svg", "svg_inline", "png", "pdf", "jpg", "jpeg", "json", "plain", "dot")
DRAWN_TEXT = ("png", "pdf", "jpg", "jpeg", "gif", "webp", "ps", "eps")  # with this machine's fonts
FONT_FILES = (".ttf", ".otf", ".ttc", ".pfb", ".pcf")
CHILD = """
import sys
sys.path[:] = sys.argv[3:]
import pygraphviz
source = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(pygraphviz.AGraph(string=source).draw(format=sys.argv[1], prog=sys.argv[2]))
"""

# Graphviz has global state, and so has file descriptor 2
drawing = threading.Lock()


def picture(
    source: str, format: str, engine: str, options: tuple[str, ...] = (), *, aside: bool = False
) -> bytes:
    """DOT text laid out by `engine` and drawn as `format`.

    aside : use a process of its own, because a long layout would stop all threads of this one.

    Raises
    ------
    RenderError : with what Graphviz said, or how to install it.
    """
    if format.split(":")[0] in DRAWN_TEXT and not has_fonts():
        warnings.warn(NO_FONT, stacklevel=3)
    with failures(format):
        text = source.encode()
    if not options and importlib.util.find_spec("pygraphviz") is not None:
        if (aside or format not in TRUSTED) and sys.executable:
            child = [sys.executable, "-c", CHILD, format, engine, *sys.path]
            return run(child, text, format)
        with contextlib.suppress(ImportError):  # installed, but its libraries do not load
            return in_process(source, format, engine)
    program = shutil.which(engine)
    if program is None:
        raise RenderError(NO_ENGINE)
    return run([program, f"-T{format}", *options], text, format)


def in_process(source: str, format: str, engine: str) -> bytes:
    pygraphviz = importlib.import_module("pygraphviz")
    data = b""
    with failures(format), drawing, captured_stderr() as said:
        graph = pygraphviz.AGraph(string=source)
        try:
            data = graph.draw(format=format, prog=engine)
        finally:
            graph.close()
    return checked(data, said(), format)


def run(command: list[str], text: bytes, format: str) -> bytes:
    try:
        done = subprocess.run(command, input=text, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise RenderError(
            f"the layout was stopped after {SECONDS} seconds; draw a smaller part, or lay the DOT "
            "text in .source out with another program"
        ) from None
    except OSError as error:
        raise RenderError(f"the layout could not be started: {error}") from error
    said = done.stderr.decode(errors="replace")
    if done.returncode and "Error:" not in said:
        last = said.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise RenderError(f"Graphviz could not draw this as {format}: {last[0]}")
    return checked(done.stdout, said, format)


def checked(data: bytes, said: str, format: str) -> bytes:
    """`data`, unless Graphviz complained: it draws empty boxes and only says so on stderr."""
    errors = [line.strip() for line in said.splitlines() if "Error:" in line]
    if errors or not data:
        raise RenderError(
            f"Graphviz could not draw this as {format}: {'; '.join(errors) or said.strip()}"
        )
    return data


@contextlib.contextmanager
def failures(format: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes one kind of error."""
    try:
        yield
    except Exception as error:
        why = "not a format of this Graphviz" if isinstance(error, TypeError) else str(error)
        raise RenderError(f"Graphviz could not draw this as {format}: {why}") from error


@contextlib.contextmanager
def captured_stderr() -> Iterator[Callable[[], str]]:
    """Keep what C code writes to file descriptor 2; gives a function that returns it."""
    with tempfile.TemporaryFile() as file, contextlib.ExitStack() as stack:
        text = ""

        def read():
            return text

        with contextlib.suppress(OSError):  # a program without a console may have no descriptor 2
            saved = os.dup(2)
            stack.callback(os.close, saved)
            os.dup2(file.fileno(), 2)
            stack.callback(os.dup2, saved, 2)
        try:
            yield read
        finally:
            stack.close()
            file.seek(0)
            text = file.read().decode(errors="replace")


def has_fonts() -> bool:
    """Whether a font is there to draw text with; elsewhere than on Linux one always is."""
    if not sys.platform.startswith("linux"):
        return True
    data = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    home = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    folders = [Path(part, "fonts") for part in (*data.split(":"), "/usr/share", home) if part]
    return any(
        name.lower().endswith((*FONT_FILES, ".pfb.gz", ".pcf.gz"))
        for folder in [*folders, Path.home() / ".fonts"]
        for _, _, files in os.walk(folder)
        for name in files
    )
