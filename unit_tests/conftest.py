"""What holds for all unit tests."""

import functools
import gc
import os

import pytest
from _pytest.runner import runtestprotocol
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


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Tell the process that counts of a test that passed once, in place of thrice, and without its marks.

    To write and to read what is told of 11,000 tests took a tenth of all the time. Whoever wants to know more of each,
    or to stop at a failure, is told as ever.
    """
    options = item.config.option
    if not os.environ.get("PYTEST_XDIST_WORKER") or options.maxfail or options.xmlpath or options.durations:
        return None
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in runtestprotocol(item, log=False, nextitem=nextitem):
        if not report.passed:
            hook.pytest_runtest_logreport(report=report)
        elif report.when == "call":
            report.keywords = {}
            hook.pytest_runtest_logreport(report=report)
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True
