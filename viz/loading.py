"""The program that the command line shows: loaded and called as Python would run it."""

import functools
import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any

from autograd_lite import Tensor
from viz.errors import DrawingError


class ProgramError(Exception):
    """Something that the program raised, and that is its own affair: see `__cause__`."""


def found(where: str, arguments: Sequence[str] = ()) -> tuple[Any, Mapping[str, Any]]:
    """The tensor that WHERE names (FILE.py:NAME or package.module:NAME), and the names around it.

    arguments : what the program finds in `sys.argv` behind its own path.

    Raises
    ------
    DrawingError : if there is no such file, module or name, or no tensor comes of it.
    ProgramError : from whatever the program raised.
    """
    place, colon, name = where.rpartition(":")
    if not colon or not name:
        raise DrawingError(f"{where}: say which tensor, as in {where.rstrip(':')}:loss")
    if not place:
        raise DrawingError(f"{where}: say which file it is in, as in model.py{where}")
    with surroundings(place, arguments):
        names = vars(loaded(place))
        if name not in names:
            there = [k for k, v in names.items() if isinstance(v, Tensor) or is_own(v, names)]
            known = ", ".join(there) or "no tensors or functions"
            raise DrawingError(f"{place} has no {name!r}; there are {known}")
        thing = names[name]
        if isinstance(thing, Tensor) or not callable(thing):
            return thing, names
        result, inside = called(thing, name)
        return result, {**names, **inside}


def is_own(value: Any, names: Mapping[str, Any]) -> bool:
    return callable(value) and getattr(value, "__module__", None) == names["__name__"]


# --- loading --------------------------------------------------------------------------------
@contextmanager
def surroundings(place: str, arguments: Sequence[str]) -> Iterator[None]:
    """Inside, `sys.argv` and `sys.path` are what the program would find if Python ran it.

    They and the working directory are then what they were, whatever the program did to them.
    """
    argv, path, folder = sys.argv, [*sys.path], os.getcwd()
    sys.argv = [place, *arguments]
    sys.path.insert(0, str(home(Path(place))[0]) if is_file_name(place) else "")
    try:
        yield
    finally:
        sys.argv, sys.path[:] = argv, path
        os.chdir(folder)


def is_file_name(place: str) -> bool:
    return Path(place).suffix == ".py"


def home(path: Path) -> tuple[Path, str]:
    """The folder that imports of a file start from, and the name the file has from there.

    A file in a package is a module of it, so that its relative imports work.
    """
    path = path.resolve()
    folder, names = path.parent, [path.stem]
    while (folder / "__init__.py").is_file() and folder.name.isidentifier():
        names.append(folder.name)
        folder = folder.parent
    if names[0] == "__init__" and len(names) > 1:
        del names[0]
    return folder, ".".join(reversed(names))


def loaded(place: str) -> ModuleType:
    if is_file_name(place):
        return from_file(place)
    if not all(part.isidentifier() for part in place.split(".")):
        raise DrawingError(f"{place}: neither a .py file nor the name of a module; "
                           "write FILE.py:NAME or package.module:NAME")  # fmt: skip
    if spec_of(place) is None:
        raise DrawingError(f"{place}: no such module, and no .py file")
    return imported(place)


def from_file(place: str) -> ModuleType:
    path = Path(place)
    if not path.is_file():
        raise DrawingError(f"{place}: no such file")
    folder, name = home(path)
    if folder == path.resolve().parent:
        return executed(path)
    spec = spec_of(name)
    origin = spec.origin if spec else None
    if origin is None or Path(origin).resolve() != path.resolve():
        raise DrawingError(
            f"{place} is {name} by its folders, but that name leads to {origin or 'nothing'}; "
            "rename the outermost folder that has an __init__.py"
        )
    return imported(name)


def spec_of(name: str) -> ModuleSpec | None:
    """Where a module is. This imports the packages around it, which are the program's own."""
    try:
        with blamed(name):
            return importlib.util.find_spec(name)
    except ProgramError as failed:
        error = failed.__cause__
        if isinstance(error, ModuleNotFoundError) and f"{name}.".startswith(f"{error.name}."):
            return None  # else an import in the package is broken
        raise


def imported(name: str) -> ModuleType:
    with blamed(name):
        return importlib.import_module(name)


def executed(path: Path) -> ModuleType:
    """The module of a file that is no part of a package."""
    name = free_name(path)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses, pickle and modules beside it look for it
    try:
        with blamed(str(path)):
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def free_name(path: Path) -> str:
    """The name of the file, made longer if another module has it, as with tempfile.py."""
    name = path.stem
    while name in sys.stdlib_module_names or not is_free(name, path):
        name += "_"
    return name


def is_free(name: str, path: Path) -> bool:
    if name not in sys.modules:
        return True
    file = getattr(sys.modules[name], "__file__", None)
    return file is not None and Path(file).resolve() == path.resolve()


# --- calling --------------------------------------------------------------------------------
def called(function: Callable, name: str) -> tuple[Any, dict[str, Any]]:
    """The result of a function, and its variables when it returned, and those of its file."""
    core = innermost(function)
    code = getattr(core, "__code__", None)
    started, seen = False, dict[str, Any]()

    def watch(frame, event, argument):
        nonlocal started
        if frame.f_code is code:
            started = True
            if event == "return":
                seen.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        with blamed(name):
            result = function()
    except ProgramError as failed:
        if isinstance(failed.__cause__, TypeError) and not started:
            check_needs_nothing(function, name)
        raise
    finally:
        sys.setprofile(before)
    if isinstance(result, Mapping):  # return locals(): its last tensor is the result
        seen.update(result)
        result = next((v for v in reversed([*result.values()]) if isinstance(v, Tensor)), result)
    check_result(result, name)
    return result, {**getattr(core, "__globals__", {}), **seen}


def innermost(function: Any) -> Any:
    """What runs in the end: without decorators, and for an object the method that makes it one."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if not hasattr(function, "__code__"):
        function = inspect.unwrap(type(function).__call__)
    return function


def check_needs_nothing(function: Callable, name: str) -> None:
    """Explain a call that did not come about, if it was for a lack of arguments."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions written in C have none
        return
    try:
        signature.bind()
    except TypeError as error:
        raise DrawingError(
            f"{name} needs arguments ({error}); name a function of none that calls it"
        ) from error


def check_result(result: Any, name: str) -> None:
    if inspect.iscoroutine(result):
        result.close()
        raise DrawingError(
            f"{name} is a coroutine function; name a function that runs it: "
            f"def run(): return asyncio.run({name}())"
        )
    if not isinstance(result, Tensor | list | tuple):
        kind = "None" if result is None else f"an object of type {type(result).__name__}"
        raise DrawingError(f"{name}() gave {kind}; let it return the tensor to show, or locals()")


# --- what the program raises ----------------------------------------------------------------
@contextmanager
def blamed(name: str) -> Iterator[None]:
    """What is raised inside is the program's own, whatever its type."""
    try:
        yield
    except SystemExit as end:
        raise DrawingError(
            f"{name} ended itself, by sys.exit({end.code!r}), before there was anything to show; "
            'keep that call below if __name__ == "__main__"'
        ) from end
    except Exception as error:
        error.__traceback__ = from_program(error.__traceback__)
        raise ProgramError(f"{name}: {error}") from error


def from_program(trace: TracebackType | None) -> TracebackType | None:
    """The traceback without the lines of this file and of the import system at its head."""
    heads = (__file__, os.path.dirname(importlib.__file__), "<frozen importlib")
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(heads):
            return trace
        trace = trace.tb_next
    return None
