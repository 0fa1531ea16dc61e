"""`ag.check_formula`: how it is called, what it draws, its reports, and the grader."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd_lite as ag
import viz
from autograd_lite import functional as F
from autograd_lite.claims import Diagnosis
from autograd_lite.claims.domains import PROPERTIES, drawn, properties, wider
from autograd_lite.claims.draws import resized
from autograd_lite.claims.problem import Problem
from autograd_lite.claims.report import KINDS, printers
from autograd_lite.errors import DTypeError

rng = np.random.default_rng(0)
N = rng.standard_normal
X, w, y = N((5, 3)), N(3), N(5)
DATA = {"X": X, "w": w, "y": y}


def loss(X, w, y):
    r = X @ w - y
    return np.mean(r**2)


def slope(X, w, y):
    return 2 * X.T @ (X @ w - y) / len(y)


# --- how it is called ---------------------------------------------------------------------------
def test_a_single_argument_goes_by_place_whatever_it_is_called():
    assert ag.check_formula(lambda x: np.sum(x**3), N(4), lambda t: 3 * t**2)
    assert ag.check_formula(lambda x: np.sum(np.exp(x)), N(4), np.exp)
    assert not ag.check_formula(lambda x: np.sum(np.cos(x)), N(4), np.sin)


def test_arguments_by_name_and_claims_of_some_of_them():
    assert ag.check_formula(loss, DATA, {"w": slope, "y": lambda X, w, y: 2 * (y - X @ w) / len(y)})


def test_one_claim_may_return_a_dict():
    def both(X, w, y):
        return {"w": slope(X, w, y), "y": 2 * (X @ w - y) / len(y)}

    report = ag.check_formula(loss, DATA, both)
    assert [(o.argument, o.passed) for o in report.outcomes] == [("w", True), ("y", False)]
    assert [d.kind for d in report.diagnoses] == ["sign"]


def test_a_vector_jacobian_product_gets_g_and_out():
    A = {"A": N((3, 4)), "x": N(4)}

    def f(A, x):
        return np.tanh(A @ x)

    claims = {
        "A": lambda g, x, out: np.outer(g * (1 - out**2), x),
        "x": lambda g, A, out: A.T @ (g * (1 - out**2)),
    }
    assert ag.check_formula(f, A, claims)


def test_a_jacobian_has_the_shape_of_the_result_and_the_argument():
    def f(X):
        return X.T @ X

    def J(X):
        return np.einsum("ki,jl->ijkl", X, np.eye(3)) + np.einsum("kj,il->ijkl", X, np.eye(3))

    assert ag.check_formula(lambda x: np.tanh(x), N(3), lambda x: np.diag(1 - np.tanh(x) ** 2))
    report = ag.check_formula(f, N((2, 3)), J)
    assert report.outcomes[0].shape == (3, 3, 2, 3)


def test_arguments_without_a_claim_may_be_of_any_dtype():
    labels = np.array([0, 2, 1, 1])

    def claim(z, labels):
        p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
        return (p - np.eye(3)[labels]) / len(labels)

    def f(z, labels):
        return F.cross_entropy(z, labels)

    assert ag.check_formula(f, {"z": N((4, 3)), "labels": labels}, {"z": claim})


def test_a_wrong_rule_is_not_blamed_on_the_claim():
    doubled = ag.rule(lambda a: 2 * a, "a", name="doubled", a=lambda g: 3 * g)
    (found,) = ag.check_formula(lambda x: np.sum(doubled(x)), N(3), lambda x: 0 * x + 2).diagnoses
    assert found.kind == "engine"
    assert found.text.endswith("along a random direction")
    assert "wrong rule" in found.fix


def test_claims_get_arrays_of_their_own():
    def claim(x):
        x *= 2
        return x

    x = N(4)
    before = x.copy()
    assert ag.check_formula(lambda x: np.sum(x**2), x, claim)
    assert np.array_equal(x, before)


def test_float32_is_computed_with_in_double_precision():
    x = N(4).astype(np.float32)
    assert ag.check_formula(lambda x: np.sum(np.log1p(x**2)), x, lambda x: 2 * x / (1 + x**2))


def test_complex_arguments_have_the_gradients_of_the_engine():
    z = N(3) + 1j * N(3)
    assert ag.check_formula(lambda z: np.sum(np.abs(z) ** 2), z, lambda z: 2 * z)
    assert not ag.check_formula(lambda z: np.sum(np.abs(z) ** 2), z, lambda z: 2 * np.conj(z))


def test_an_argument_may_be_called_g_or_out():
    x = N(4)
    for f, claim in (
        (lambda g: np.sum(g**2), lambda g: 2 * g),
        (lambda out: np.sum(out**2), lambda out: 2 * out),
        (lambda g: np.tanh(g), lambda g: np.diag(1 - np.tanh(g) ** 2)),
        (lambda g: np.tanh(g), lambda g, t: g * (1 - np.tanh(t) ** 2)),
    ):
        assert ag.check_formula(f, x, claim)
    assert ag.check_formula(
        lambda g, b: np.sum(g * b), {"g": x, "b": w[:1]}, {"g": lambda g, b: b + 0 * g}
    )


def test_a_function_with_a_mood_is_refused():
    noise = np.random.default_rng(1)
    with pytest.raises(ValueError, match="two values for the same arguments"):
        ag.check_formula(lambda x: np.sum(x * noise.standard_normal(3)), w, np.sin)
    report = ag.check_formula(lambda x: np.sum(x**2), w, lambda x: 2 * x + noise.standard_normal(3))
    assert report.diagnoses[0].kind == "error"
    assert "two results" in report.diagnoses[0].text


def test_claims_for_complex_results_are_refused():
    z = N(3) + 1j * N(3)
    with pytest.raises(DTypeError, match="real"):
        ag.check_formula(lambda z: z**2, z, lambda g, z: 2 * z * g)
    report = ag.check_formula(lambda z: np.sum(np.abs(z) ** 2), z, lambda z: 2 * np.conj(z))
    assert "complex conjugate" in report.diagnoses[0].text
    assert "j" in str(report)


STEPS = (
    np.tanh, np.sin, F.relu, F.softmax, np.cumsum, np.sort, lambda x: x[0] * x, lambda x: x**3,
    lambda x: np.outer(x, x) @ x, lambda x: np.log(1 + x**2), lambda x: x - np.mean(x),
    lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.reshape(x[0], -1) + x,
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=3),
       st.sampled_from([1e-9, 1e-3, 1.0, 1e3]), st.integers(1, 4), st.integers(0, 99))  # fmt: skip
def test_at_any_scale_the_engines_gradient_passes_and_others_do_not(steps, scale, n, seed):
    def f(x):
        for step in steps:
            x = step(x)
        return np.sum(x)

    x = scale * np.random.default_rng(seed).standard_normal(n)

    def claim(x):
        return ag.grad(f)(x).data

    report = ag.check_formula(f, x, claim, rng=seed)
    assert report, str(report)
    wrong = ag.check_formula(f, x, lambda x: -3 * claim(x), rng=seed)
    assert not wrong or np.max(np.abs(claim(x))) < 1e-12  # nothing but rounding
    for diagnosis in wrong.diagnoses:
        assert diagnosis.kind in ("factor", "conditional"), str(diagnosis)
        assert "−3 " in diagnosis.text


def test_a_gradient_that_cancels_is_zero():
    for scale in (1.0, 1e6):
        f = lambda x, s=scale: np.sum(F.softmax(s * x))  # noqa: E731
        assert ag.check_formula(f, w, lambda x: 0 * x)
        report = ag.check_formula(f, w, lambda x: 1e-3 * x)
        assert report.diagnoses[0].text == "the gradient is 0, and the claim is not"
    report = ag.check_formula(lambda x: np.sum(x**2), w, lambda x: 0 * x)
    assert report.diagnoses[0].text == "the claim is 0, and the gradient is not"


def test_finite_differences_of_large_numbers_accuse_nobody():
    big = 1e8 * N(4)
    assert ag.check_formula(lambda x: np.sum(np.sin(x)), big, np.cos)
    steep = 1e-6 * N(4)
    assert ag.check_formula(
        lambda x: np.sum(np.tanh(1e6 * x)), steep, lambda x: 1e6 * (1 - np.tanh(1e6 * x) ** 2)
    )


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ag.check_formula(3, w, np.sin), TypeError, "f is a int"),
        (lambda: ag.check_formula(np.sum, w, {"w": np.sin}), TypeError, "by name"),
        (lambda: ag.check_formula(loss, DATA, {"v": slope}), TypeError, "no argument"),
        (lambda: ag.check_formula(loss, DATA, {"w": w}), TypeError, "as a function"),
        (lambda: ag.check_formula(np.sum, np.arange(3), np.ones_like), DTypeError, "write 2.0"),
        (lambda: ag.check_formula(lambda x: 1.0, w, np.ones_like), ag.errors.GraphError, "Tensor"),
    ],
)
def test_wrong_calls_say_what_is_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()


# --- what is drawn ------------------------------------------------------------------------------
@pytest.mark.parametrize("known", PROPERTIES, ids=lambda p: p.words)
def test_what_is_drawn_has_the_property(known):
    for shape in ((3, 3), (4, 4)):
        a = known.draw(rng, shape, 1.0)
        assert known.holds(a)
        first = properties(a)[0]
        assert first.holds(drawn(rng, a))
        for narrow, other in wider(a):
            assert narrow.holds(a)
            assert not narrow.holds(other.draw(rng, (4, 4), 1.0)) or "triangular" in known.words


def test_positive_arguments_stay_positive():
    seen = []

    def f(x):
        return np.sum(np.log(x))

    assert ag.check_formula(f, np.array([1.0, 2.0]), lambda x: seen.append(x.min()) or 1 / x)
    assert min(seen) > 0 or len(seen) > 5  # where f is finite, others are tried too


def test_arguments_are_drawn_by_the_callers_function():
    def P(rng):
        return np.linalg.qr(rng.standard_normal((3, 3)))[0]

    def f(Q):
        return np.sum(np.linalg.inv(Q))

    def claim(Q):
        return -Q @ np.ones((3, 3)) @ Q  # Q⁻ᵀ = Q

    assert ag.check_formula(f, P(rng), claim, draw=P)


def test_sizes_change_where_the_function_allows():
    shapes = resized(Problem(loss, {"X": N((3, 3)), "w": w, "y": N(3)}, {"w": slope}), rng)
    assert shapes["X"] == (*shapes["y"], *shapes["w"])
    assert len({*shapes["X"], 3}) == 3
    H = N((3, 3))
    assert resized(Problem(lambda x: np.sum(H @ x), N(3), lambda x: H.sum(0)), rng) is None


def test_coincidences_of_sizes_do_not_pass():
    report = ag.check_formula(
        lambda X, w: np.sum(X @ w), {"X": N((1, 3)), "w": N(3)}, {"w": lambda X: X[0]}
    )
    assert not report
    assert report.diagnoses[0].kind == "conditional"


def test_conditions_are_named_and_pass():
    x, A = N(3), N((3, 3))

    def f(x, A):
        return x @ A @ x

    report = ag.check_formula(f, {"x": x, "A": A + A.T}, {"x": lambda x, A: 2 * A @ x})
    assert report
    assert report.diagnoses[0].kind == "conditional"
    assert "A is symmetric" in report.diagnoses[0].text
    report = ag.check_formula(f, {"x": x, "A": A}, {"x": lambda x, A: 2 * A @ x})
    assert not report
    assert "A is symmetric" in report.diagnoses[0].text


@pytest.mark.parametrize("seed", range(8))
def test_a_condition_that_holds_by_chance_is_not_named(seed):
    """Zeros and ones at random may sum to one; that they are zeros and ones is not enough."""
    args = dict(z=np.array([1.75, 0.5, 3.125]), t=np.array([1.0, 0.0, 0.0]))
    claim = {"z": lambda z, t: np.exp(z) / np.exp(z).sum() - t}
    report = ag.check_formula(lambda z, t: -np.sum(t * F.log_softmax(z)), args, claim, rng=seed)
    assert report
    assert "right where t sums to one" in report.diagnoses[0].text


def test_a_kink_at_the_given_arguments_is_told():
    x = np.array([0.0, 1.0, -1.0])
    report = ag.check_formula(lambda x: np.sum(F.relu(x)), x, lambda x: (x >= 0) * 1.0)
    assert report
    assert "kink" in report.notes[0]


def test_a_function_that_leaves_the_graph_is_told():
    def f(x):
        return np.sum(x * (x.data if isinstance(x, ag.Tensor) else x))

    report = ag.check_formula(f, N(3), lambda x: 2 * x)
    assert not report
    assert report.diagnoses[0].kind == "engine"


# --- the report ---------------------------------------------------------------------------------
def test_a_report_is_its_verdict_and_prints():
    right = ag.check_formula(loss, DATA, {"w": slope})
    assert right
    assert right.diagnoses == []
    assert str(right).startswith("✓ the claim is right")
    wrong = ag.check_formula(loss, DATA, {"w": lambda X, w, y: slope(X, w, y) / 2})
    assert not wrong
    assert wrong.diagnoses == [
        Diagnosis(
            "w", "factor", "the claim is 1/2 times what it must be", "Multiply the claim by 2."
        )
    ]
    assert repr(wrong) == str(wrong)
    for words in ("✗ the claim is wrong", "∂e/∂w, shape (3,): factor", "entry", "differences"):
        assert words in str(wrong)


def test_names_of_the_function_are_not_taken_for_others():
    """x2 is a variable of f: what has no name gets another number; both are said in one report."""

    def f(x, A):
        x2 = A @ x
        return np.sum(np.log(1 + np.exp(x2 + 0.25 * np.sin(x) * np.cos(x2))))

    report = ag.check_formula(f, {"x": w, "A": N((3, 3))}, {"x": lambda x, A: A.T @ np.tanh(A @ x)})
    text = str(report)
    assert "x₂ = " not in text
    numbered = set(re.findall("x[₀-₉]+", text)) - {"x₂"}
    assert numbered
    for name in numbered:
        assert f"{name} = " in text


def test_a_number_that_stands_for_a_size_is_named():
    report = ag.check_formula(loss, DATA, {"w": lambda X, w, y: 2 / 5 * X.T @ (X @ w - y)})
    assert "X.shape[0] is 5" in report.diagnoses[0].text


def test_pytest_shows_the_diagnosis():
    with pytest.raises(AssertionError, match=r"The claim is −1 times the gradient"):
        assert ag.check_formula(loss, DATA, {"w": lambda X, w, y: -slope(X, w, y)})


def test_the_entries_are_where_the_claim_differs():
    def claim(x):
        slope = 2 * x
        slope[2] += 1
        return slope

    (entry,) = ag.check_formula(lambda x: np.sum(x**2), np.ones(4), claim).outcomes[0].entries
    assert entry.index == (2,)
    assert (entry.claimed, entry.engine) == (3.0, 2.0)
    assert entry.differences == pytest.approx(2.0, abs=1e-6)


def test_the_report_as_json_and_html():
    report = ag.check_formula(loss, DATA, {"w": lambda X, w, y: slope(X, w, y) - y[0]})
    found = json.loads(report.json())
    assert found == report.as_dict()
    assert found["passed"] is False
    assert found["claims"][0]["diagnosis"]["kind"] in KINDS
    html = report._repr_html_()
    assert "light-dark(" in html
    assert html.count("<tr>") == 1 + len(report.outcomes[0].entries)


def test_names_are_escaped_in_html():
    name = "<b>"

    def f(**named):
        return np.sum(named[name] ** 2)

    report = ag.check_formula(f, {name: w}, {name: lambda **named: named[name]})
    assert "<b>" not in report._repr_html_()


def test_the_engines_formula_is_shown():
    report = ag.check_formula(loss, DATA, {"w": lambda X, w, y: -slope(X, w, y)})
    assert str(report.outcomes[0].formula).startswith("∂e/∂w = ")
    assert "<math" in report._repr_html_()
    assert len(printers) == 1
    assert viz.claims.printed in printers


def test_without_viz_the_report_says_how_to_get_the_formula():
    code = """
import sys, numpy as np, autograd_lite as ag
assert "autograd_lite.claims" not in sys.modules
print(ag.check_formula(lambda x: np.sum(x**2), np.ones(3), lambda x: x))
assert "viz" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "import viz" in done.stdout


# --- claims that give no numbers ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("claim", "kind", "words"),
    [
        (lambda x: x @ np.ones((2, 2)), "error", "ValueError"),
        (lambda x: None, "error", "return"),
        (lambda x: np.array(["a"] * 3), "dtype", "<U1"),
        (lambda x: x / 0, "not finite", "inf"),
        (lambda x: 2 * np.outer(x, x), "shape", r"\(3, 3\)"),
        (lambda x: np.sum(2 * x), "shape", r"\(\)"),
    ],
)
def test_claims_that_give_nothing_to_compare(claim, kind, words):
    (diagnosis,) = ag.check_formula(lambda x: np.sum(x**2), np.ones(3), claim).diagnoses
    assert diagnosis.kind == kind
    assert words.replace("\\", "") in diagnosis.text


def test_an_error_names_the_line():
    report = ag.check_formula(lambda x: np.sum(x**2), w, lambda x: x[7] * x)
    assert "x[7] * x" in report.diagnoses[0].text


# --- the grader ---------------------------------------------------------------------------------
HOMEWORK = """
import numpy as np
import autograd_lite as ag

print("working")
ag.check_formula(lambda x: np.sum(x**2), np.ones(3), lambda x: {claim})
"""


def graded(tmp_path, text, *options):
    path = tmp_path / "homework.py"
    path.write_text(text)
    command = [sys.executable, "-m", "autograd_lite.claims", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


@pytest.mark.parametrize(("claim", "status"), [("2 * x", 0), ("x", 1), ("x @ np.ones((2, 2))", 1)])
def test_the_grader_tells_by_its_status(tmp_path, claim, status):
    done = graded(tmp_path, HOMEWORK.format(claim=claim))
    assert done.returncode == status
    assert done.stdout.splitlines()[0].endswith("homework.py:6")
    assert "working" in done.stderr


def test_the_grader_writes_json(tmp_path):
    done = graded(tmp_path, HOMEWORK.format(claim="-2 * x"), "--json")
    found = json.loads(done.stdout)
    assert found["passed"] is False
    assert found["reports"][0]["claims"][0]["diagnosis"]["kind"] == "sign"


def test_a_file_that_checks_nothing_fails(tmp_path):
    done = graded(tmp_path, "print(1)")
    assert done.returncode == 1
    assert "never calls" in done.stdout


def test_an_error_in_the_file_is_status_two(tmp_path):
    done = graded(tmp_path, HOMEWORK.format(claim="2 * x") + "\nundefined\n")
    assert done.returncode == 2
    assert "line 8: undefined" in done.stdout
    assert "NameError" in done.stdout
    done = graded(tmp_path, "def f(:\n")
    assert done.returncode == 2
    assert graded(tmp_path, "", "--nonsense").returncode == 2


def test_an_assertion_of_a_wrong_claim_is_its_verdict(tmp_path):
    text = HOMEWORK.format(claim="x").replace("ag.check", "assert ag.check")
    done = graded(tmp_path, text)
    assert done.returncode == 1
    assert "stopped at this claim" in done.stdout


def test_a_gradient_of_an_array_is_told_what_is_expected():
    report = ag.check_formula(lambda x: x**2, np.array([1.0, 2.0, 3.0]), lambda x: 2 * x)
    (diagnosis,) = report.diagnoses
    assert diagnosis.kind == "shape"
    assert "one number" in diagnosis.fix
    assert "lambda g, x" in diagnosis.fix


def test_arguments_that_f_does_not_take_are_named():
    with pytest.raises(TypeError, match=r"f\(w\) is called by name with x: missing .*w"):
        ag.check_formula(lambda w: np.sum(w), {"x": np.ones(2)}, {"x": lambda x: np.ones(2)})


def test_a_parameter_with_a_default_may_be_an_argument():
    def f(x, w=None):
        return np.sum(x * w)

    given = {"x": np.array([1.0, 2.0]), "w": np.array([3.0, 4.0])}
    assert ag.check_formula(f, given, {"x": lambda w: w, "w": lambda x: x})
