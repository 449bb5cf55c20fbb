"""What SECURITY.md promises of the code: what it reads can't become something that runs."""

import ast
import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from destination_fincome.fincome.value_types import ValueFault
from destination_fincome.mapping.language import compiler
from destination_fincome.mapping.language.expressions import ExpressionError, Expressions
from destination_fincome.mapping.language.functions import EXPONENT_TABLES, bound
from destination_fincome.mapping.language.yaml_text import YamlError
from destination_fincome.mapping.preset import read_preset

ROOT = Path(__file__).parents[2]
PACKAGES = [ROOT / name for name in ("destination_fincome", "fincome_sandbox", "fincome_tools")]
SOURCES = sorted(path for package in PACKAGES for path in package.rglob("*.py"))

# --- YAML

OBJECTS = [
    "!!python/object/apply:os.getcwd []",
    "!!python/name:os.system ''",
    "!!python/module:os ''",
    "!!python/object/new:tuple [[1]]",
]


@pytest.mark.parametrize("text", OBJECTS)
def test_yaml_makes_no_objects_of_python(text: str) -> None:
    with pytest.raises(YamlError, match=r"the tag !!python/.+ means nothing here"):
        read_preset(f"name: {text}\n")


def name_of(node: ast.AST) -> str:
    """The name that is called: `open`, `yaml.load`; of what is called without one, its Python."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute():
            return f"{name_of(node.value)}.{node.attr}"
    return ast.unparse(node)


# Writes an expression as Python of its own making, for speed; what can be in it is tested below.
COMPILER = ROOT / "destination_fincome" / "mapping" / "language" / "compiler.py"
FORBIDDEN = {"eval", "exec", "compile", "__import__", "os.system", "os.popen"}
UNPICKLERS = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_that_is_read_is_run(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = list(ast.walk(tree))
    for call in nodes:
        if not isinstance(call, ast.Call):
            continue
        name = name_of(call.func)
        assert name not in FORBIDDEN or path == COMPILER
        assert not any(k.arg == "shell" for k in call.keywords), "no shell"
        if name in ("yaml.load", "yaml.load_all"):
            (loader,) = [ast.unparse(k.value) for k in call.keywords if k.arg == "Loader"]
            assert _is_safe(loader, tree), loader
        assert name not in ("yaml.unsafe_load", "yaml.full_load")
    imported = {alias.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert not imported & UNPICKLERS


def _is_safe(loader: str, tree: ast.AST) -> bool:
    """Whether a loader, or the variable that holds it, is one of the safe ones."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == loader:
            loader = ast.unparse(node.value)
    # BaseLoader makes texts, lists and mappings only.
    return loader.endswith("BaseLoader") or (
        "SafeLoader" in loader and "Unsafe" not in loader and "FullLoader" not in loader
    )


# --- expressions


def expressions() -> Expressions:
    return Expressions(bound(EXPONENT_TABLES["iso4217"], frozenset()))


CALLS = ["eval('1')", "exec('1')", "open('/etc/passwd')", "__import__('os')", "getattr(@, 'x')", "system('true')"]


@pytest.mark.parametrize("text", CALLS)
def test_an_expression_calls_nothing_but_the_languages_functions(text: str) -> None:
    with pytest.raises(ExpressionError, match="no function of the mapping language"):
        expressions().compile(text)


HOSTILE = [
    "__import__('os').system('true')",
    "') or __import__('os').system('true') or ('",
    '") + str(__import__) + ("',
    "\\'); __import__('os'); ('",
    "x\n__import__('os')\n",
    "{__import__('os')}",
    "k0",
    "_equal",
    "\ud800",
    "\x00",
]
SHAPES = [
    "NAME",
    "NAME.NAME[0]",
    "NAME == WORD",
    "NAME != WORD && !NAME",
    "[?NAME == WORD].NAME[]",
    "NAME || WORD",
    "map(&NAME, NAME)",
    "coalesce(NAME, WORD)",
    "[NAME, WORD] | [0]",
    "NAME < WORD",
]


def python_of(shape: str, text: str, method: str = "compile") -> ast.AST:
    """The Python that an expression of this shape becomes, with a text for its names and words."""
    word = json.dumps(text).replace("`", "\\`")
    sources: list[str] = []

    def spy(source: str, *rest: str) -> object:
        sources.append(source)
        return compile(source, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "_code", spy)
        written = shape.replace("NAME", json.dumps(text)).replace("WORD", f"`{word}`")
        compile_it = getattr(expressions(), method)
        compile_it(written if method == "compile" else {text: written, f"{text}2": written})
    (source,) = sources
    return ast.parse(source)


def structure(tree: ast.AST, nodes: Iterable[ast.AST], text: str) -> str:
    """A tree with its texts taken out: all of them must be what was given, or nothing."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert node.value in (text, f"{text}2", "")
            node.value = ""
    return ast.dump(tree)


@cache
def harmless_structure(shape: str, method: str) -> str:
    tree = python_of(shape, "x", method)
    return structure(tree, ast.walk(tree), "x")


@pytest.mark.parametrize("method", ["compile", "compile_object", "compile_extension"])
@pytest.mark.parametrize("shape", SHAPES)
@settings(deadline=None)
@given(text=st.sampled_from(HOSTILE) | st.text(min_size=1))
def test_whatever_an_expression_says_it_stays_a_text_in_the_python_that_it_becomes(
    shape: str, method: str, text: str
) -> None:
    tree = python_of(shape, text, method)
    nodes = list(ast.walk(tree))
    assert structure(tree, nodes, text) == harmless_structure(shape, method)
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    assert {name for name in names if not re.fullmatch(r"value|get|v\d+|k\d+|m\d+", name)} <= {
        "_equal",
        "dict",
        "len",
        "list",
        "type",
    }
    assert {node.attr for node in nodes if isinstance(node, ast.Attribute)} <= {"get"}


RECORD = {"id": "cus_1", "list": [1, 2], "object": {"name": "Ada"}, "number": 1}
INNARDS = ["__class__", "__dict__", "__init__", "__globals__", "__getitem__", "keys", "items", "format", "append"]


@pytest.mark.parametrize("name", INNARDS)
@pytest.mark.parametrize("of", ["", "id.", "list.", "object.", "number.", "list[0].", "object.name."])
def test_an_expression_sees_the_record_and_nothing_of_python(of: str, name: str) -> None:
    assert expressions().compile(f'{of}"{name}"')(RECORD) is None


@settings(deadline=None)
@given(
    st.sampled_from(sorted(bound(EXPONENT_TABLES["iso4217"], frozenset()))),
    st.lists(
        st.sampled_from(['"__class__"', "'{0.__class__}'", "'%(__class__)s'", "id", "object", "list", "@"]), max_size=4
    ),
)
def test_no_function_hands_out_a_part_of_python(name: str, arguments: list[str]) -> None:
    text = f"{name}({', '.join(arguments)})"
    try:
        found = expressions().compile(text)(RECORD)
    except (ExpressionError, ValueFault):
        return
    assert not callable(found)
    assert "<class" not in str(found)
    assert "built-in" not in str(found)
