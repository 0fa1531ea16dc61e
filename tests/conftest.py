"""Hypothesis profiles: HYPOTHESIS_PROFILE=intense draws more."""

import os

from hypothesis import settings

settings.register_profile("intense", max_examples=500, deadline=None)
settings.register_profile("default", deadline=None, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
