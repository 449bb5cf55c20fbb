"""What holds for all unit tests."""

import functools
import gc
import os

from hypothesis import settings

# How long an example takes tells of the machine, not of the code.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")


def pytest_sessionstart() -> None:
    """Forget results that functions keep: the processes that mutmut starts have those of the unchanged code."""
    if not os.environ.get("MUTANT_UNDER_TEST"):
        return
    for one in gc.get_objects():
        if isinstance(one, functools._lru_cache_wrapper) and (one.__module__ or "").startswith("destination_fincome"):
            one.cache_clear()
