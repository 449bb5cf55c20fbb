"""Airbyte's standard tests for destinations: spec and check, with the configs of acceptance-test-config.yml.

Their tests of the image need Docker and are left out: integration_tests/image does as much with any engine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from airbyte_cdk.test.standard_tests import DestinationTestSuiteBase

from destination_fincome.destination import DestinationFincome
from integration_tests.accounts import Account
from integration_tests.fork_server import REPOSITORY

FOLDER = REPOSITORY / "build" / "standard_tests"
COMMANDS = {"test_check": "check", "test_config_matches_spec": "spec"}


class TestDestinationFincome(DestinationTestSuiteBase):
    """The inherited tests, on our class."""

    connector = DestinationFincome
    test_docker_image_build_and_check = None
    test_docker_image_build_and_config_matches_spec = None
    test_docker_image_build_and_discover = None
    test_docker_image_build_and_read = None
    test_docker_image_build_and_spec = None
    test_docker_image_spec_backward_compatibility = None

    @pytest.fixture(autouse=True)
    def configs(self, account: Account) -> Iterator[None]:
        """Write the configs that depend on where the sandbox listens."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        good, wrong = FOLDER / "config.json", FOLDER / "wrong_key.json"
        good.write_text(json.dumps(account.config()))
        wrong.write_text(json.dumps(account.config(api_key="not-the-sandbox-key")))
        yield
        good.unlink()
        wrong.unlink()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the configs that it is for."""
    if "scenario" in metafunc.fixturenames:
        command = COMMANDS[metafunc.function.__name__]
        scenarios = [one for one in TestDestinationFincome.get_scenarios() if one.runs(command)]
        metafunc.parametrize("scenario", scenarios, ids=lambda one: one.config_path.stem)
