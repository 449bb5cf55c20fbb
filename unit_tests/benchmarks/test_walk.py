"""How much code one record runs through: it grows by itself with each feature, if nobody counts."""

from typing import Any

from benchmarks import walk

# What `python -m benchmarks.walk` prints. Who needs more, says in the commit why; who needs less, lowers them.
MOST_FUNCTIONS = 121
MOST_FILES = 27


def test_an_invoice_runs_through_no_more_functions_and_files_than_it_did():
    found = walk.walk()
    assert ("engine/lifecycle.py", "step") in found.functions
    assert ("fincome/transport.py", "Transport.send") in found.functions
    assert ("engine/states.py", "Ledger.release") in found.functions
    assert (len(found.functions) <= MOST_FUNCTIONS, len(found.files) <= MOST_FILES) == (True, True), "\n".join(
        walk.told(found)
    )


def test_what_is_counted_are_the_connectors_named_functions():
    found = walk.Walk(looks=True)
    with found.watching():
        from destination_fincome.wording import counted

        counted(2, "record")
        counted(*next((number, "record") for number in (1,)))
        walk.invoice(1)
    assert found.functions == [("wording.py", "counted")]


DECIDES = """def decides(value):
    if value > 1:
        for _ in range(value):
            pass
    elif value > 0:
        return "one"
    try:
        return int("x")
    except ValueError:
        return [number for number in range(3) if number]
"""


def test_a_function_is_measured_by_its_lines_its_decisions_and_those_that_are_met(tmp_path):
    file = tmp_path / walk.PACKAGE / "decides.py"
    file.parent.mkdir()
    file.write_text(DECIDES)
    names: dict[str, Any] = {}
    exec(compile(DECIDES, file, "exec"), names)
    found = walk.Walk(looks=True)
    with found.watching():
        names["decides"](2)
    assert found.measures == [walk.Measure(lines=10, complexity=5, met=3)]
