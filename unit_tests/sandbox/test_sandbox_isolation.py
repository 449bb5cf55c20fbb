"""The sandbox proves the connector only as long as it shares no code with it."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "fincome_sandbox"
MODULES = sorted(PACKAGE.glob("**/*.py"))


def imported_by(module: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports would escape this test"
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert "import_module" not in called
            assert "__import__" not in called
    return names


def test_there_are_modules_to_look_at() -> None:
    assert {"api.py", "contract.py", "figures.py", "server.py", "store.py", "validation.py"} <= {
        module.name for module in MODULES
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_sandbox_module_imports_nothing_of_the_connector(module: Path) -> None:
    apart = {"destination_fincome", "fincome_tools"}
    assert {name for name in imported_by(module) if name.split(".")[0] in apart} == set()
