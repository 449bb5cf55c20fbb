"""Dependencies point one way (docs/architecture.md has the picture): the imports themselves are the proof."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "destination_fincome"
NAME = PACKAGE.name

# What stands above all packages: how a connection is put together, and the commands.
TOP = ("assembly", "activation", "destination", "cli", "run", "preview", "contract_tools")
# What the modules of a package must not import; everything below a forbidden name is forbidden too.
FORBIDDEN = {
    "protocol": {"mapping", "fincome", "sync", "sandbox", "demo", *TOP},
    "mapping": {"sync", "protocol", "fincome.client", "sandbox", "demo", *TOP},
    # The language knows nothing of what is written in it.
    "mapping/language": {
        f"mapping.{name}" for name in ("preset", "compiled", "mapper", "own", "recognition", "drafts")
    },
    "fincome": {"mapping", "sync", "protocol", "sandbox", "demo", *TOP},
    "sync": {"sandbox", "demo", *TOP},
    "contract_tools": {"mapping", "sync", "sandbox", "demo", "destination", "cli", "run", "activation", "preview"},
}
# Packages that know the connector only from outside: they may import themselves, and nothing else of it.
APART = ("sandbox", "demo")


def imports(file: Path) -> Iterator[str]:
    """Yield all modules that a file imports, wherever in it; for `from a import b`, both a and a.b."""
    package = file.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join(base + ([node.module] if node.module else []))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def own_imports(file: Path) -> set[str]:
    """Return what a file imports of this project, without the project's name."""
    return {name.removeprefix(f"{NAME}.") for name in imports(file) if name.startswith(f"{NAME}.")}


def files(package: str) -> list[Path]:
    return sorted((PACKAGE / package).rglob("*.py"))


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@pytest.mark.parametrize("package", [*FORBIDDEN, *APART])
def test_every_package_has_modules_to_look_at(package):
    assert len(files(package)) > 2


def test_imports_are_found_in_every_form(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    file = tmp_path / NAME / "sync" / "gate.py"
    file.parent.mkdir(parents=True)
    file.write_text("import destination_fincome.cli\nfrom ..mapping import drafts\ndef f():\n    from . import spool\n")
    assert {name for name in imports(file) if name.count(".") == 2} == {
        "destination_fincome.mapping.drafts",
        "destination_fincome.sync.spool",
    }
    assert "destination_fincome.cli" in imports(file)


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_nothing_that_stands_above_or_beside_it(package):
    wrong = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in files(package)
        for module in sorted(own_imports(file))
        if any(is_in(module, forbidden) for forbidden in FORBIDDEN[package])
    ]
    assert wrong == []


@pytest.mark.parametrize("package", APART)
def test_a_package_that_stands_apart_imports_nothing_of_the_connector(package):
    wrong = [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in files(package)
        for module in sorted(own_imports(file))
        if not is_in(module, package)
    ]
    assert wrong == []
