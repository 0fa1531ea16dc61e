"""The shape of the code: layers import downward only, files and functions stay small."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import autograd_lite
import autograd_lite.functional

ROOT = Path(__file__).parent.parent
# each file may import those that stand before it, and no other
ENGINE = """
errors arguments operands shapes op registry rules rules.casting rules.indexing rules.complex_parts
rules.elementwise rules.bessel rules.reductions rules.running rules.ordering rules.quantiles
rules.interpolation rules.complex_domain rules.ufunc_methods rules.products rules.shaping
rules.joining rules.selection rules.padding rules.filling rules.calculus rules.statistics
rules.einsum rules.others rules.ufunc_at rules.fft rules.linalg rules.polynomials rules.determinants
rules.matrix_forms rules.decompositions rules.norms rules.windows
rules.conv_arrays rules.convolution rules.pool_arrays rules.pooling rules.activations rules.gaussian
rules.units rules.cross_entropy rules.losses rules.normalisation_arrays rules.normalisation
rules.attention rules.layers rules.cells rules.all_rules
memory updates graph ownership backward modes anomaly recording direct unrolled
operators operations exits tensor trees higher call transforms checking batch_norm functional
nn.state nn.module nn.initialisation nn.containers nn.linear nn.activations nn.embedding
nn.normalisation nn.convolution nn.attention nn.recurrent nn.saving nn
optim.parameters optim.optimiser optim.descent optim.adaptive optim.clipping optim.schedules optim
data
standard standard.making standard.filling standard.sorting standard.main linalg fft
claims.words claims.problem claims.trace claims.replay claims.samples claims.domains claims.draws
claims.numbers claims.cases claims.steps claims.slips claims.parts claims.terms claims.axes
claims.page claims.report claims.diagnose claims.check claims claims.__main__
__init__
""".split()  # noqa: SIM905
VIZ = """
errors names grid html
formulas formulas.symbols formulas.probabilities formulas.arrangements
formulas.conditions formulas.contractions formulas.rewrites formulas.conjugates
formulas.markup formulas.writing formulas.literals formulas.array_notation formulas.products
formulas.linalg_notation formulas.notation
formulas.unicode formulas.latex formulas.mathml formulas.python_form formulas.sharing
jacobians jacobians.linear jacobians.moves jacobians.windows jacobians.reading jacobians.work
jacobians.matrix_names jacobians.wording jacobians.structure
programs programs.record programs.roots programs.saved programs.lift programs.pulls programs.replay
programs.program programs.structures formula explain claims
drawings drawings.style drawings.labels drawings.layout drawings.render drawings.scopes
drawings.folding drawings.condense drawings.options drawings.scene drawings.tables drawings.frames
drawings.boxlines drawings.combined drawings.forward drawings.backward
page page.columns page.straighten page.arrange page.palette page.widths page.story
page.differences page.lesson page.figures page.panel_parts page.panel_backward page.panel
page.svg_grid page.svg page.movie
__init__ loading showing __main__
""".split()  # noqa: SIM905
LONGEST_FILE, LONGEST_FUNCTION = 300, 75  # the loop of the backward pass is the longest
FOLDERS = ("autograd_lite", "viz", "tests", "examples")


def files():
    return [p for folder in FOLDERS for p in sorted((ROOT / folder).rglob("*.py"))]


def modules(package):
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT / package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)
        yield name, ast.parse(path.read_text())


def imported(tree, package):
    """Names of the package's modules that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == package:
            inner = node.module.partition(".")[2]
            for alias in node.names:
                yield ".".join(filter(None, (inner, alias.name)))
                yield inner or "__init__"
        elif isinstance(node, ast.Import):
            yield from (a.name.partition(".")[2] for a in node.names if a.name.startswith(package))


@pytest.mark.parametrize(("package", "order"), [("autograd_lite", ENGINE), ("viz", VIZ)])
def test_imports_go_down(package, order):
    names = dict(modules(package))
    assert set(names) == set(order), "a new file needs a place in the order above"
    for name, tree in names.items():
        below = set(order[: order.index(name)])
        for other in imported(tree, package):
            if other in order and name != "__init__" and other != "__init__":
                assert other in below, f"{package}.{name} imports {other}, which is not below it"


def test_the_engine_does_not_know_drawing():
    for name, tree in modules("autograd_lite"):
        assert not list(imported(tree, "viz")), f"autograd_lite.{name} imports viz"


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_are_small(path):
    text = path.read_text()
    if path.parent.name != "tests":
        assert len(text.splitlines()) <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            doc = node.body[0] if ast.get_docstring(node) else None
            body = node.end_lineno - node.lineno + 1
            body -= doc.end_lineno - doc.lineno + 1 if doc else 0
            inner = [n for n in ast.walk(node) if isinstance(n, ast.FunctionDef) and n is not node]
            body -= sum(n.end_lineno - n.lineno + 1 for n in inner if n in node.body)
            assert body <= LONGEST_FUNCTION, f"{node.name} has {body} lines"


def public():
    for name, value in vars(autograd_lite).items():
        if not name.startswith("_") and callable(value):
            yield name, value
    for name, value in vars(autograd_lite.functional).items():
        if not name.startswith("_") and callable(value):
            yield f"functional.{name}", value


@pytest.mark.parametrize(("name", "value"), list(public()))
def test_public_names_are_documented(name, value):
    assert value.__doc__
    assert len(value.__doc__) > 30, name


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_the_engine_imports_numpy_alone():
    code = """
import sys, numpy
before = {m.split('.')[0] for m in sys.modules}
import autograd_lite
print(*{m.split('.')[0] for m in sys.modules} - before)
"""
    assert set(run(code).stdout.split()) - sys.stdlib_module_names == {"autograd_lite"}
