"""Profiles of hypothesis (HYPOTHESIS_PROFILE=intense draws more), and `--fast`."""

import os
from collections import Counter

from hypothesis import settings

settings.register_profile("intense", max_examples=500, deadline=None)
settings.register_profile("default", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

QUICK = {
    "test_architecture", "test_axes", "test_call_forms", "test_data", "test_forms", "test_kinks",
    "test_registry", "test_rules", "test_tensor", "test_transforms", "test_explain",
}  # fmt: skip
EACH = 12  # of a test with many cases, every so-manyth is run


def pytest_addoption(parser):
    parser.addoption("--fast", action="store_true", help="one case in twelve, of the quick files")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--fast"):
        return
    seen = Counter()
    kept = []
    for item in items:
        name = item.location[0], getattr(item, "originalname", item.name)
        if item.path.stem in QUICK and seen[name] % EACH == 0:
            kept.append(item)
        seen[name] += 1
    config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
    items[:] = kept
