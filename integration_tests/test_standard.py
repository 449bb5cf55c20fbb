"""Airbyte's standard tests for destinations: spec and check, with the configs of acceptance-test-config.yml.

The class is found and the tests are chosen as by `airbyte-cdk connector test`. Their tests of the image need Docker and
are left out: integration_tests/image does as much with any engine.
"""

from __future__ import annotations

import os

import pytest
from airbyte_cdk.test.standard_tests import DestinationTestSuiteBase

from unit_tests.fork_server import REPOSITORY

COMMANDS = {"test_check": "check", "test_config_matches_spec": "spec"}


class TestDestinationFincome(DestinationTestSuiteBase):
    """The inherited tests, on the class that the package exports."""

    connector_name = "destination-fincome"
    test_docker_image_build_and_check = None
    test_docker_image_build_and_config_matches_spec = None
    test_docker_image_build_and_discover = None
    test_docker_image_build_and_read = None
    test_docker_image_build_and_spec = None
    test_docker_image_spec_backward_compatibility = None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test the configs that it is for."""
    if "scenario" in metafunc.fixturenames:
        command = COMMANDS[metafunc.function.__name__]
        scenarios = [one for one in TestDestinationFincome.get_scenarios() if one.runs(command)]
        metafunc.parametrize("scenario", scenarios, ids=lambda one: one.config_path.stem)


def test_the_configs_are_committed_so_that_airbytes_command_finds_them_in_a_fresh_clone() -> None:
    paths = [one.config_path for one in TestDestinationFincome.get_scenarios()]
    assert {os.path.relpath(path, REPOSITORY) for path in paths} == {
        f"integration_tests/configs/{name}.json" for name in ("config", "wrong_key", "unencrypted")
    }
