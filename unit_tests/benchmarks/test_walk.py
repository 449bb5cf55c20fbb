"""How much code one record runs through: it grows by itself with each feature, if nobody counts."""

from benchmarks import walk

# What `python -m benchmarks.walk` prints. Who needs more, says in the commit why; who needs less, lowers them.
MOST_FUNCTIONS = 122
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
