"""What people read: progress while a sync runs, the summary at its end."""

import json
import logging
from itertools import product
from string import ascii_lowercase

import pytest

from destination_fincome.codes import Code
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.reporting.report import MOST_REASONS, Report


def report(**facts):
    made = Report(["customers", "invoices"], ["customers", "invoices"], **facts)
    made.received.update({0: 3, 1: 2})
    made.records.update({(0, Outcome.SENT): 1, (0, Outcome.REJECTED): 1, (1, Outcome.SKIPPED): 2})
    made.objects.update({(0, Outcome.SENT): 1, (0, Outcome.REJECTED): 1, (1, Outcome.SKIPPED): 2})
    return made


def test_given_a_sync_under_way_when_it_reports_then_each_stream_says_how_far_it_is():
    made = report(throttled=1)
    assert made.progress(12.4, 6) == (
        "Progress: customers: 3 received, 1 sent, 1 rejected, 1 held; "
        "invoices: 2 received, 0 sent, 0 rejected, 0 held. 12 requests/s, 6 at a time, 1 time throttled."
    )


def test_given_nothing_yet_when_it_reports_then_it_says_so():
    assert Report(["customers"], []).progress(0.0, 4).startswith("Progress: nothing received yet.")


def test_given_reasons_when_summed_up_then_each_has_its_count_an_example_and_the_next_step():
    made = report()
    text = "the customer it refers to is neither in this sync nor in Fincome"
    for number in (1, 2):
        missing = Reason(Code.MISSING_REFERENCE, text, "customer_id", f"customer c{number}")
        made.reason(Outcome.REJECTED, "invoices", missing, f"in_{number} of stream invoices")
    lines = list(made.summary(requests=9, seconds=1.25))
    assert (
        f"Rejected 2 (missing_reference): invoices.customer_id: {text}; for example in_1 of stream invoices, customer "
        "c1. Next step: sync the stream that brings the object it refers to, or check that its id is right.",
        logging.WARNING,
    ) in lines
    document = json.loads(lines[-1].text.removeprefix("Summary (JSON): "))
    assert document["requests"] == 9
    assert document["reasons"] == [
        {
            "outcome": "rejected",
            "code": "missing_reference",
            "where": "invoices",
            "field": "customer_id",
            "text": text,
            "count": 2,
            "example": "in_1 of stream invoices, customer c1",
        }
    ]


def test_given_a_circle_of_references_when_summed_up_then_its_next_step_is_told():
    made = report()
    circle = Reason(Code.CIRCULAR_REFERENCE, "it refers to itself through other objects", "customer_id")
    made.reason(Outcome.REJECTED, "customers", circle, "c1 of stream customers")
    (line,) = (line for line in made.summary(requests=1, seconds=1.0) if line.text.startswith("Rejected 1"))
    assert line.text.endswith("Next step: correct the ids in the source: objects must not refer to each other.")


def test_given_warnings_when_summed_up_then_those_with_something_to_do_say_what():
    made = report()
    made.warn(Code.CURRENCY_DIFFERS, "invoice lines are in another currency than their invoice", "invoice line il_1")
    made.warn(Code.REFERENCE_LEFT_OUT, "sent without it", "invoice in_1")
    assert [line for line in made.summary(requests=1, seconds=1.0) if line.level == logging.WARNING] == [
        (
            "Warning: invoice lines are in another currency than their invoice: 1 (for example invoice line il_1). "
            "Next step: correct the mapping, or the invoice.",
            logging.WARNING,
        ),
        ("Warning: sent without it: 1 (for example invoice in_1).", logging.WARNING),
    ]


def test_given_a_summary_when_it_is_read_then_the_first_lines_are_a_table_that_adds_up():
    lines = [line.text for line in report().summary(requests=1, seconds=1.0)]
    assert lines[0] == "Summary: 5 records, 1 request (0 to be sent again), 1.0 s."
    assert [line.split() for line in lines[1:4]] == [
        ["stream", "received", "sent", "unchanged", "settled", "skipped", "rejected"],
        ["customers", "3", "1", "0", "0", "0", "1"],
        ["invoices", "2", "0", "0", "0", "2", "0"],
    ]


def test_given_very_many_reasons_when_counted_then_those_beyond_the_limit_are_counted_together():
    made = report()
    letters = ["".join(pair) for pair in product(ascii_lowercase, repeat=2)]
    for number, word in enumerate(letters[: MOST_REASONS + 50]):
        made.reason(Outcome.REJECTED, "invoices", Reason(Code.REFUSED_BY_API, f"was refused: {word}"), f"in_{number}")
    lines = [line.text for line in made.summary(1, 1.0) if line.text.startswith("Rejected")]
    assert len(lines) == MOST_REASONS + 1
    assert "Rejected 50 (refused_by_api): invoices: for other reasons; for example in_200" in lines[0]


@pytest.mark.parametrize(
    ("reasons", "field", "text"),
    [
        # What tells two objects apart is no part of the reason: ids in Fincome's words, places in lists.
        ([("", "(422: plan pl_17 is gone)"), ("", "(422: plan pl_18 is gone)")], "", "(422: plan … is gone)"),
        ([("", "(422: at most 255 letters)")] * 2, "", "(422: at most 255 letters)"),
        ([("lines.0.amount", "is missing"), ("lines.12.amount", "is missing")], "lines.amount", "is missing"),
    ],
)
def test_given_one_reason_with_ids_when_counted_then_it_is_one_line(reasons, field, text):
    made = report()
    for name, words in reasons:
        made.reason(Outcome.REJECTED, "invoices", Reason(Code.REFUSED_BY_API, words, name or None), "in_1")
    (found,) = made.document(1, 1.0)["reasons"]
    assert (found["field"], found["text"], found["count"]) == (field, text, 2)


@pytest.mark.parametrize(
    "other", [Reason(Code.REFUSED_BY_API, "was told off", "a"), Reason(Code.REFUSED_BY_API, "no", "b")]
)
def test_given_two_reasons_when_counted_then_they_are_two_lines(other):
    made = report()
    for reason in (Reason(Code.REFUSED_BY_API, "no", "a"), other):
        made.reason(Outcome.REJECTED, "invoices", reason, "in_1")
    assert len(made.document(1, 1.0)["reasons"]) == 2


def test_given_what_is_left_out_on_purpose_when_summed_up_then_it_is_no_warning():
    made = report()
    made.reason(Outcome.SKIPPED, "invoices", Reason(Code.DRAFT, "a draft"), "in_1 of stream invoices")
    assert {line.level for line in made.summary(1, 1.0)} == {logging.INFO}


def test_given_a_dry_run_when_summed_up_then_the_words_say_that_nothing_was_written():
    assert any("dry run: nothing was written" in line.text for line in report(dry_run=True).summary(0, 1.0))


def test_given_warnings_and_stubs_when_summed_up_then_both_are_told():
    made = report()
    made.warn(Code.INCOMPLETE_LINES, "the invoice has more lines than its record carries", "in_1")
    made.stubs[0] = 2
    text = "\n".join(line.text for line in made.summary(1, 1.0))
    assert "Warning: the invoice has more lines than its record carries: 1 (for example in_1)." in text
    assert "Created from what their children say, as they exist nowhere else: 2 customers." in text


def test_the_progress_line_says_what_states_wait_for():
    report = Report(["invoices"], ["invoices"])
    assert report.progress(3.0, 4).endswith("0 times throttled.")
    told = report.progress(3.0, 4, ["most are rejected"], ["one keeps failing", "one is asked for"])
    assert told.endswith(
        "throttled. States that cover rejections wait: most are rejected. "
        "States wait: one keeps failing; one is asked for."
    )


@pytest.mark.parametrize(("code", "where"), [(Code.NO_KEY, "companies"), (Code.NOT_IN_FINCOME, "customers")])
@pytest.mark.parametrize(("skipped", "sent", "level"), [(20, 0, logging.WARNING), (20, 1, logging.INFO),
                                                        (19, 0, logging.INFO)])  # fmt: skip
def test_given_attributes_when_none_of_many_finds_its_object_then_it_is_a_warning(code, where, skipped, sent, level):
    made = Report(["contacts", "companies"], ["plans", "customers"])
    ended = {(1, Outcome.SKIPPED): skipped, (1, Outcome.SENT): sent, (0, Outcome.SENT): 3}
    made.records.update(ended)
    made.objects.update(ended)
    for number in range(skipped):
        made.reason(Outcome.SKIPPED, where, Reason(code, "it has none"), f"c{number}")
    (line,) = [line for line in made.summary(1, 1.0) if line.text.startswith(f"Skipped {skipped} ({code})")]
    assert line.level == level
