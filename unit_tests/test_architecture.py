"""Dependencies point one way (docs/architecture.md has the picture): the imports themselves are the proof."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONNECTOR, SANDBOX, TOOLS = "destination_fincome", "fincome_sandbox", "fincome_tools"
OURS = (CONNECTOR, SANDBOX, TOOLS)

# What stands above all packages of the connector: how a connection is put together, and the commands.
TOP = ("connection", "destination", "run")
# What the modules of a package must not import of the connector; everything below a forbidden name is forbidden too.
FORBIDDEN = {
    "protocol": {"mapping", "fincome", "engine", "reporting", *TOP},
    "mapping": {
        "engine",
        "reporting",
        "protocol",
        *(f"fincome.{name}" for name in ("client", "delivery", "looks", "answers")),
        *TOP,
    },
    # The language knows nothing of what is written in it.
    "mapping/language": {
        f"mapping.{name}"
        for name in ("preset", "compiled", "stream_compiler", "mapper", "own", "recognition", "results")
    },
    "fincome": {"mapping", "engine", "reporting", "protocol", *TOP},
    "reporting": {"engine", "mapping", "fincome", "protocol", *TOP},
    "engine": set(TOP),
    "connection": {"destination", "run"},
}
# The people's commands: what each must not import.
TOOLS_FORBIDDEN = {
    "contract": {
        SANDBOX,
        *(f"{CONNECTOR}.{name}" for name in ("mapping", "engine", "reporting", "destination", "run")),
    },
    **{
        name: {SANDBOX, *(f"{CONNECTOR}.{wrong}" for wrong in ("destination", "run"))}
        for name in ("preview", "reconcile", "resend")
    },
    # Files are read without a word of what is done with them.
    "files": {SANDBOX, *(f"{CONNECTOR}.{name}" for name in ("mapping", "engine", "reporting", "destination", "run"))},
    "draft": {
        SANDBOX,
        *(f"{CONNECTOR}.{name}" for name in ("engine", "reporting", "connection", "destination", "run")),
    },
    # The studio knows the sandbox from outside, as a person does.
    "studio": {SANDBOX, *(f"{CONNECTOR}.{name}" for name in ("engine", "destination", "run"))},
    "load": {SANDBOX, *(f"{CONNECTOR}.{name}" for name in ("destination", "run"))},
    # The demo knows connector and sandbox from outside only: it runs their commands.
    "demo": {CONNECTOR, SANDBOX},
}
# The folders of the draft, each above those before it; what makes the draft of them stands above them all.
DRAFT_FLOORS = ("columns", "decisions", "arithmetic", "texts", "tables", "fields", "recognition")
DRAFT_TOP = {f"{TOOLS}.draft.{name}" for name in ("objects", "report", "text")}


@cache
def nodes(file: Path) -> tuple[ast.stmt, ...]:
    """Return what is looked at here of a file's syntax: all its imports and functions, wherever they are in it."""
    looked_at = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef
    return tuple(node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, looked_at))


def imports(file: Path) -> Iterator[str]:
    """Yield all modules that a file imports, wherever in it; for `from a import b`, both a and a.b."""
    package = file.relative_to(ROOT).parts[:-1]
    for node in nodes(file):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join(base + ([node.module] if node.module else []))
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def own_imports(file: Path) -> set[str]:
    """Return what a file imports of this project."""
    return {name for name in imports(file) if name.split(".")[0] in OURS}


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def crossings(folder: str, forbidden: set[str]) -> list[str]:
    """Name each import that leads from a folder to where it must not."""
    return [
        f"{file.relative_to(ROOT)} imports {module}"
        for file in files(folder)
        for module in sorted(own_imports(file))
        if any(is_in(module, wrong) for wrong in forbidden)
    ]


WALLS = {
    **{f"{CONNECTOR}/{name}": {f"{CONNECTOR}.{wrong}" for wrong in wrongs} for name, wrongs in FORBIDDEN.items()},
    **{f"{TOOLS}/{name}": wrongs for name, wrongs in TOOLS_FORBIDDEN.items()},
    **{
        f"{TOOLS}/draft/{name}": DRAFT_TOP | {f"{TOOLS}.draft.{above}" for above in DRAFT_FLOORS[floor + 1 :]}
        for floor, name in enumerate(DRAFT_FLOORS)
    },
    # The connector is whole without what stands beside it.
    CONNECTOR: {SANDBOX, TOOLS},
    # Shares no code with the connector: tests against it would only prove that the connector agrees with itself.
    SANDBOX: {CONNECTOR, TOOLS},
}


@pytest.mark.parametrize("folder", WALLS)
def test_every_package_has_modules_to_look_at(folder):
    assert len(files(folder)) > 2


def test_imports_are_found_in_every_form(tmp_path, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    file = tmp_path / CONNECTOR / "engine" / "sync.py"
    file.parent.mkdir(parents=True)
    file.write_text("import fincome_tools.cli\nfrom ..mapping import results\ndef f():\n    from . import spool\n")
    assert own_imports(file) >= {
        "fincome_tools.cli",
        "destination_fincome.mapping.results",
        "destination_fincome.engine.spool",
    }


@pytest.mark.parametrize("folder", WALLS)
def test_a_package_imports_nothing_that_stands_above_or_beside_it(folder):
    assert crossings(folder, WALLS[folder]) == []


def test_every_package_has_its_walls():
    packages = {f"{CONNECTOR}/{path.name}" for path in (ROOT / CONNECTOR).iterdir() if (path / "__init__.py").exists()}
    assert packages <= set(WALLS)
    rooms = {path.name for path in (ROOT / TOOLS / "draft").iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(DRAFT_FLOORS)


# A function fits on a screen, its signature and docstring among the lines.
LONGEST = 40


def lengths(file: Path) -> Iterator[tuple[str, int]]:
    """Yield the name of each function of a file, methods and inner ones too, and how many lines it has."""
    for node in nodes(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def test_no_function_of_the_connector_is_longer_than_a_screen():
    found = {
        (file.relative_to(ROOT / CONNECTOR).as_posix(), name)
        for file in files(CONNECTOR)
        for name, lines in lengths(file)
        if lines > LONGEST
    }
    assert found == set()


def test_the_length_of_a_function_is_counted_from_its_signature_to_its_last_line(tmp_path):
    file = tmp_path / "one.py"
    file.write_text('class A:\n    def b(\n        self,\n    ):\n        """Say."""\n\n        return 1\n\n\nC = 1\n')
    assert list(lengths(file)) == [("b", 6)]
