"""`ag.check_formula` on a bank of derivations: names slips, passes right ones, never wrong."""

import inspect
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import autograd_lite as ag
from tests.claims_bank import Case, called, close
from tests.claims_further import FURTHER
from tests.claims_right import RIGHT, TERMS
from tests.claims_slips import CONDITIONS, SLIPS

EDITS = settings(max_examples=40)


def check(case: Case, claimed=None, **options):
    return ag.check_formula(case.f, case.x, claimed or case.claimed, **case.options, **options)


UNREADABLE = r"constant \(|\(its derivative\)|\w′\(|> …"


def says(diagnosis, *words):
    text = f"{diagnosis.text} {diagnosis.fix}"
    return all(re.search(word, text, re.IGNORECASE) for word in words)


# --- the bank itself, by central differences ----------------------------------------------------
def test_the_bank_is_large_and_has_no_case_twice():
    assert len(SLIPS) >= 100
    assert len(RIGHT) >= 90
    assert len({s.title for s in SLIPS}) == len(SLIPS)
    assert len({c.title for c in RIGHT}) == len(RIGHT)


@pytest.mark.parametrize("slip", SLIPS + FURTHER, ids=str)
def test_a_slip_is_wrong_in_one_place(slip):
    wrong = [name for name, right in close(slip).items() if not right]
    assert len(wrong) == 1
    assert slip.wrong in (None, *wrong)


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_a_right_one_is_right(case):
    assert all(close(case).values())


@pytest.mark.parametrize("case", CONDITIONS, ids=str)
def test_a_condition_makes_the_difference(case):
    assert all(close(case).values())
    assert not any(close(case, case.elsewhere).values())


# --- what is said of it -------------------------------------------------------------------------
@pytest.mark.parametrize("slip", SLIPS, ids=str)
def test_a_slip_is_named(slip):
    report = check(slip)
    assert not report
    (diagnosis,) = report.diagnoses  # and of no other argument
    assert slip.wrong in (None, diagnosis.argument)
    assert diagnosis.kind in slip.kinds, str(diagnosis)
    assert says(diagnosis, *slip.words), str(diagnosis)
    assert not says(diagnosis, UNREADABLE), str(diagnosis)


def test_further_slips_are_named_or_unknown():
    unknown = []
    for slip in FURTHER:
        (diagnosis,) = check(slip).diagnoses
        assert diagnosis.kind in (*slip.kinds, "unknown"), f"{slip}: {diagnosis}"
        if diagnosis.kind == "unknown":
            unknown.append(slip.title)
    assert len(unknown) <= len(FURTHER) // 10, unknown


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_a_right_derivation_passes(case):
    report = check(case)
    assert report, str(report)
    assert not report.diagnoses, str(report)


@pytest.mark.parametrize("case", CONDITIONS, ids=str)
def test_a_condition_is_named(case):
    report = check(case)
    assert bool(report) is case.passes
    (diagnosis,) = report.diagnoses
    assert diagnosis.kind == "conditional", str(diagnosis)
    assert says(diagnosis, *case.words), str(diagnosis)


SEEDS = st.integers(1, 1000)


@EDITS
@given(st.sampled_from(SLIPS), SEEDS)
def test_a_slip_is_named_whatever_is_drawn(slip, seed):
    (diagnosis,) = check(slip, rng=seed).diagnoses
    assert diagnosis.kind in slip.kinds, str(diagnosis)


@EDITS
@given(st.sampled_from(RIGHT), SEEDS)
def test_a_right_derivation_passes_whatever_is_drawn(case, seed):
    report = check(case, rng=seed)
    assert report, str(report)
    assert not report.diagnoses, str(report)


# --- known edits of right derivations -----------------------------------------------------------
def edited(claim, edit):
    """The claim with its result changed; it keeps its parameters."""

    def changed(*args, **named):
        result = claim(*args, **named)
        if isinstance(result, dict):
            return {n: edit(np.asarray(a)) for n, a in result.items()}
        return edit(np.asarray(result))

    changed.__signature__ = inspect.signature(claim)
    return changed


def all_edited(case, edit):
    """The reports' diagnoses when all claims of a case are changed."""
    if isinstance(case.claimed, dict):
        report = check(case, {n: edited(c, edit) for n, c in case.claimed.items()})
    else:
        report = check(case, edited(case.claimed, edit))
    assert not report, str(report)
    return report.diagnoses


RIGHT_FLOATS = [c for c in RIGHT if "booleans" not in c.title]


@EDITS
@given(st.sampled_from(RIGHT_FLOATS))
def test_the_other_sign_is_found(case):
    for diagnosis in all_edited(case, lambda a: -a):
        assert diagnosis.kind == "sign", str(diagnosis)


@EDITS
@given(st.sampled_from(RIGHT_FLOATS), st.sampled_from([2.0, 0.5, 3.0, 10.0, 0.25]))
def test_a_factor_is_found_with_its_number(case, factor):
    for diagnosis in all_edited(case, lambda a: factor * a):
        assert diagnosis.kind == "factor", str(diagnosis)
        either = f"{factor:g}|{1 / factor:g}|1/{1 / factor:g}"
        assert says(diagnosis, rf"(?<![\d.])({either})(?![\d.])"), str(diagnosis)


def square_claims():
    """Cases with a claim of a square matrix that its transpose differs from."""
    for case in RIGHT:
        for key, claim in case.claims().items():
            by_name = isinstance(case.x, dict)
            with np.errstate(all="ignore"):
                out = case.value(case.arguments())
                value = called(claim, case.arguments(), by_name, g=np.ones_like(out), out=out)
            if isinstance(value, dict) or np.ndim(value) != 2 or len(set(np.shape(value))) > 1:
                continue
            if not np.allclose(value, np.transpose(value)):
                yield replace(case, claimed={key: claim} if key else claim)


@pytest.mark.parametrize("case", list(square_claims()), ids=str)
def test_a_transpose_of_a_square_is_found(case):
    (diagnosis,) = all_edited(case, np.transpose)
    assert diagnosis.kind == "transposed", str(diagnosis)


@settings(max_examples=15)
@given(st.sampled_from(RIGHT_FLOATS), st.sampled_from([1e-3, 0.1, 1.0]))
def test_nothing_is_said_of_noise(case, size):
    def noisy(a):
        return a + size * (1 + abs(a)) * np.random.default_rng(3).standard_normal(a.shape)

    for diagnosis in all_edited(case, noisy):
        assert diagnosis.kind == "unknown", str(diagnosis)


WEIGHTS = {0.0: "missing term", -1.0: "sign", 2.0: "factor", 0.5: "factor", 3.0: "factor"}


@pytest.mark.parametrize("case", TERMS, ids=str)
@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("weight", WEIGHTS)
def test_an_edited_term_is_found(case, which, weight):
    weights = [1.0, 1.0]
    weights[which] = weight
    (diagnosis,) = check(case, {case.wrt: case.total(*weights)}).diagnoses
    assert diagnosis.kind == WEIGHTS[weight], str(diagnosis)


@pytest.mark.parametrize("case", TERMS, ids=str)
def test_the_sum_of_the_terms_passes(case):
    assert check(case, {case.wrt: case.total(1.0, 1.0)})


@pytest.mark.parametrize("case", TERMS, ids=str)
@pytest.mark.parametrize("weights", [(-2.0, 3.0), (0.37, -2.2), (1.9, 0.6)])
def test_two_slips_at_once_are_not_explained_by_one(case, weights):
    (diagnosis,) = check(case, {case.wrt: case.total(*weights)}).diagnoses
    assert diagnosis.kind == "unknown", str(diagnosis)
