"""The objects of a sync: what may go, in which order, and how everything ends. Fincome's answers are scripted here."""

import itertools
from collections import Counter
from dataclasses import replace

import orjson
import pytest
from msgspec import structs

from destination_fincome.codes import Code
from destination_fincome.engine.arrivals import (
    COMPLETION,
    Arrival,
    Content,
    Fill,
    OtherIdArrival,
    Ref,
    StubArrival,
    Variant,
)
from destination_fincome.engine.objects import Objects, SyncScope
from destination_fincome.engine.settlements import TooManySettled, settlement
from destination_fincome.engine.spool import groups as groups_module
from destination_fincome.engine.spool import spool as spool_module
from destination_fincome.engine.spool import stubs as stubs_module
from destination_fincome.engine.spool.spool import Spool
from destination_fincome.fincome.answers import Kind, Verdict
from destination_fincome.fincome.contract import load_contract
from destination_fincome.outcomes import Outcome, Reason
from destination_fincome.reporting.facts import Factbook, LineFacts
from destination_fincome.retry_policy import DEFAULT

ENTITIES = list(load_contract().entities.values())
INDEX = {spec.name: index for index, spec in enumerate(ENTITIES)}
CUSTOMERS, INVOICES, LINES, PLANS, PRODUCTS, SUBSCRIPTIONS = (
    INDEX[name] for name in ("customers", "invoices", "invoice_lines", "plans", "products", "subscriptions")
)
ACCEPTED = Verdict(Kind.ACCEPTED)
MISSING = Verdict(Kind.MISSING)
REFUSED = Verdict(Kind.REFUSED, Code.REFUSED_BY_API, "name", "was refused")
LOST = Verdict(Kind.RETRY, overloaded=True, unanswered=True)
UNKNOWN = Verdict(Kind.UNKNOWN_REFERENCE, Code.MISSING_REFERENCE, "customer_id", "refers to nothing")


ROOT = (Fill("root_parent_id", "root_parent_id", "root_parent_id"),)


class Book:
    """Remembers what ended, and the warnings."""

    def __init__(self):
        self.ends = []
        self.notes = []
        self.kept = []

    def end(self, token, outcome, entity, identity, reason, version=None):
        self.ends.append((token[0], outcome, identity, reason))

    def left_out(self, token, entity, identity, reason, version):
        self.kept.append((token[0], identity, reason.field))

    def warn(self, code, text, example):
        self.notes.append((code, text, example))


class Desk:
    """The objects of a sync, with a clock and a record of all that ends."""

    def __init__(self, brought=frozenset(INDEX), recall=None, facts=None):
        self.now = 0.0
        self.book = Book()
        self.ends, self.notes = self.book.ends, self.book.notes
        self.spool = Spool()
        asked = {"invoices": ("currency",), "plans": ("custom_properties.kind",)}
        scope = SyncScope(brought, asked, recall=recall)
        self.objects = Objects(self.spool, ENTITIES, scope, self.book, facts, clock=lambda: self.now)

    def arrive(self, token, entity, identity, refs=(), version=None, first=False, body=None, **facts):
        values = {"id": identity, **{ref.field: ref.id for ref in refs if "." not in ref.field}, **(body or {})}
        policy, settles = facts.pop("policy", "upsert"), facts.pop("settles", False)
        sendable = "skip" not in facts and "fault" not in facts
        fills = ROOT if any(ref.field == "root_parent_id" for ref in refs) else ()
        content = Content(orjson.dumps(values), tuple(refs), True, policy, fills, settles=settles) if sendable else None
        facts.setdefault("digest", hash(content.body) if content else 1)
        arrival = Arrival(entity, identity, version=version, tie_first=first, content=content, **facts)
        self.objects.arrive(arrival, (token, 0))
        self.spool.trim()

    def stub(self, entity, identity, body, refs=()):
        self.spool.stubs.keep(StubArrival(entity, identity, Content(body, refs), len(body)))

    def go(self, limit=100):
        requests = self.objects.take(limit, self.now)
        self.spool.trim()
        return requests

    def answer(self, request, verdict=ACCEPTED, due=None):
        self.objects.answered(request, verdict, self.now + 1 if due is None else due)
        self.objects.free_children()
        self.spool.trim()

    def look_after_parents(self, since=float("inf")):
        self.objects.look_after_parents(since)
        self.objects.free_children()
        return self.go()

    def run(self, answer=lambda request: ACCEPTED, ended=0.0):
        """Run to the end as the sync does; returns all requests in order."""
        sent = []
        while True:
            for request in self.go():
                sent.append(request)
                self.answer(request, answer(request))
            if not self.objects.at_rest:
                if self.objects.next_due < float("inf"):
                    self.now = max(self.now, self.objects.next_due)
                continue
            going_on = self.objects.conclude(ended)
            self.objects.free_children()
            if not going_on:
                return sent

    def outcomes(self):
        return {token: outcome for token, outcome, _, _ in self.ends}


@pytest.fixture(params=["in memory", "in the file"])
def desk(request, monkeypatch):
    """Whether objects are in memory or in the file, all is the same."""
    if request.param == "in the file":
        monkeypatch.setattr(spool_module, "ROWS_KEPT", 0)
        monkeypatch.setattr(spool_module, "REFILL", 1)
        monkeypatch.setattr(groups_module, "GROUPS_KEPT", 0)
        monkeypatch.setattr(stubs_module, "STUBS_KEPT", 0)
    desk = Desk()
    yield desk
    desk.spool.close()


def test_given_that_all_has_ended_in_memory_when_concluding_then_nothing_is_written_to_find_that_out():
    desk = Desk()
    desk.arrive(1, CUSTOMERS, "c1")
    desk.arrive(2, INVOICES, "i1", (ref("customer_id", CUSTOMERS, "c1"),))
    assert len(desk.run()) == 2
    assert desk.spool._db.total_changes == 0
    desk.spool.close()


def ref(field, entity, identity, required=True):
    return Ref(field, entity, identity, required)


RETRY = Verdict(Kind.RETRY, problem="answered 503")


def names(requests):
    return [orjson.loads(request.body)["name"] for request in requests]


def test_given_a_write_without_an_answer_when_a_newer_one_is_accepted_then_that_goes_once_more_when_it_is_over(desk):
    desk.arrive(1, CUSTOMERS, "c1", body={"name": "v1"}, version=1)
    (older,) = desk.go()
    desk.arrive(2, CUSTOMERS, "c1", body={"name": "v2"}, version=2)
    desk.answer(older, LOST)
    assert names(desk.run()) == ["v2", "v2"]
    assert desk.now == DEFAULT.longest_lag
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.SENT, COMPLETION[0]: Outcome.SENT}


def test_given_a_write_without_an_answer_that_was_tried_again_when_a_newer_one_follows_then_it_counts_all_the_same(
    desk,
):
    desk.arrive(1, CUSTOMERS, "c1", body={"name": "v1"}, version=1)
    desk.answer(desk.go()[0], LOST, due=0.5)
    assert names(desk.run()) == ["v1"]
    assert desk.now == 0.5, "the same content may come twice"
    desk.arrive(2, CUSTOMERS, "c1", body={"name": "v2"}, version=2)
    assert names(desk.run()) == ["v2", "v2"]
    desk.arrive(3, CUSTOMERS, "c1", body={"name": "v3"}, version=3)
    assert names(desk.run()) == ["v3"], "it is over"


def test_given_what_goes_once_more_when_a_newer_one_comes_then_that_goes_at_once_and_once_more(desk):
    desk.arrive(1, CUSTOMERS, "c1", body={"name": "v1"}, version=1)
    (older,) = desk.go()
    desk.arrive(2, CUSTOMERS, "c1", body={"name": "v2"}, version=2)
    desk.answer(older, LOST)
    desk.answer(desk.go()[0])
    desk.arrive(3, CUSTOMERS, "c1", body={"name": "v3"}, version=3)
    assert names(desk.go()) == ["v3"]
    assert desk.now < DEFAULT.longest_lag


def test_given_an_object_set_aside_then_it_is_tried_when_due_and_nothing_waits_for_that(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    for due in (50.0, 80.0):
        (request,) = desk.go()
        desk.objects.answered(request, RETRY, due, aside=True)
        desk.spool.trim()
        assert desk.objects.at_rest
        assert desk.go() == []
        desk.now = due
    (request,) = desk.go()
    desk.answer(request)
    assert desk.outcomes() == {1: Outcome.SENT}


def test_given_an_object_set_aside_when_the_input_ends_then_it_is_tried_at_once_and_by_its_newest_content(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=1)
    desk.arrive(2, CUSTOMERS, "cus_2")
    for request in desk.go():
        desk.objects.answered(request, RETRY, 500.0, aside=True)
    desk.arrive(3, CUSTOMERS, "cus_1", version=2, body={"name": "new"})
    (newer,) = desk.go()
    desk.objects.answered(newer, RETRY, 900.0, aside=True)
    desk.now = 499.0
    assert desk.go() == []
    assert sent(desk.run(ended=1.0)) == [("customers", "cus_1"), ("customers", "cus_2")]
    assert desk.now == 499.0
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.SENT, 3: Outcome.SENT}


def test_given_a_newer_content_that_is_set_aside_then_what_the_older_one_was_due_at_is_forgotten(desk):
    for token, due in ((1, 500.0), (2, 900.0)):
        desk.arrive(token, CUSTOMERS, "cus_1", version=token, body={"name": str(token)})
        (request,) = desk.go()
        desk.objects.answered(request, RETRY, due, aside=True)
        desk.spool.trim()
    desk.now = 600.0
    assert desk.go() == []
    desk.now = 900.0
    assert len(desk.go()) == 1


def sent(requests):
    return [(request.entity, request.id) for request in requests if not request.look_up]


CUSTOMER = ref("customer_id", CUSTOMERS, "cus_1")
INVOICE = ref("invoice_id", INVOICES, "in_1")
PARENT = ref("root_parent_id", CUSTOMERS, "cus_2", required=False)


def test_given_a_child_first_when_its_parent_comes_then_the_parent_goes_first(desk):
    desk.arrive(1, LINES, "il_1", [INVOICE])
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    assert desk.go() == []
    desk.arrive(3, CUSTOMERS, "cus_1")
    assert sent(desk.run()) == [("customers", "cus_1"), ("invoices", "in_1"), ("invoice_lines", "il_1")]
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT, 3: Outcome.SENT}


def test_given_a_parent_in_flight_when_its_child_comes_then_the_child_waits_for_the_answer(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    (parent,) = desk.go()
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    assert desk.go() == []
    desk.answer(parent)
    assert sent(desk.go()) == [("invoices", "in_1")]


def test_given_a_child_of_two_parents_when_one_is_there_then_it_waits_for_the_other(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER, ref("subscription_id", SUBSCRIPTIONS, "sub_1", required=False)])
    desk.arrive(2, CUSTOMERS, "cus_1")
    (customer,) = desk.go()
    desk.answer(customer)
    assert desk.go() == []
    desk.arrive(3, SUBSCRIPTIONS, "sub_1")
    assert sent(desk.run()) == [("subscriptions", "sub_1"), ("invoices", "in_1")]


def test_given_passing_trouble_on_a_look_up_when_it_passes_then_no_child_is_rejected(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    desk.arrive(2, INVOICES, "in_2", [CUSTOMER])
    answers = iter([RETRY, RETRY, ACCEPTED])
    sent_ = desk.run(lambda request: next(answers) if request.look_up else ACCEPTED)
    assert [request.look_up for request in sent_] == [True, True, True, False, False]
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}
    assert desk.now >= 2.0


def test_given_a_look_up_to_be_asked_again_when_it_is_not_due_then_nobody_asks_and_the_end_waits_for_it(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    (request,) = desk.look_after_parents()
    desk.answer(request, RETRY, 7.0)
    assert not desk.objects.at_rest
    assert desk.objects.next_due == 7.0
    desk.now = 6.9
    assert desk.look_after_parents() == []
    desk.now = 7.0
    (again,) = desk.go()
    assert again.look_up


def test_given_a_parent_that_never_comes_when_fincome_has_it_then_one_look_up_frees_all_children(desk):
    for i in range(3):
        desk.arrive(i, INVOICES, f"in_{i}", [CUSTOMER])
    sent_ = desk.run()
    assert [request.id for request in sent_ if request.look_up] == ["cus_1"]
    assert set(desk.outcomes().values()) == {Outcome.SENT}


def test_given_a_parent_that_exists_nowhere_when_the_input_ends_then_its_children_are_rejected_and_name_it(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    desk.arrive(2, LINES, "il_1", [INVOICE])
    sent_ = desk.run(lambda request: MISSING if request.look_up else ACCEPTED)
    assert sent(sent_) == []
    reasons = {identity: reason for _, _, identity, reason in desk.ends}
    nowhere = "the customer it refers to is neither in this sync nor in Fincome"
    assert reasons["in_1"] == Reason(Code.MISSING_REFERENCE, nowhere, "customer_id", "customer cus_1")
    rejected = "the invoice it refers to was itself rejected"
    assert reasons["il_1"] == Reason(Code.PARENT_REJECTED, rejected, "invoice_id", "invoice in_1")


def test_given_a_missing_parent_looked_up_early_when_the_input_ends_then_it_is_looked_up_once_more(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    desk.now = 10.0
    (early,) = desk.look_after_parents(10.0)
    desk.answer(early, MISSING)
    sent_ = desk.run(ended=20.0)
    assert [request.look_up for request in sent_] == [True, False]
    assert desk.outcomes() == {1: Outcome.SENT}


def test_given_a_rejected_parent_when_fincome_has_it_from_before_then_its_children_go(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    desk.run(lambda request: REFUSED if request.entity == "customers" and not request.look_up else ACCEPTED)
    assert desk.outcomes() == {1: Outcome.REJECTED, 2: Outcome.SENT}


def test_given_a_faulty_parent_when_fincome_lacks_it_then_its_children_say_that_it_was_rejected(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", fault=Reason(Code.INVALID_FIELD, "must be text", "name"))
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    desk.run(lambda request: MISSING if request.look_up else ACCEPTED)
    assert desk.outcomes() == {1: Outcome.REJECTED, 2: Outcome.REJECTED}
    assert desk.ends[-1][3].code == "parent_rejected"


# --- skipped parents


def test_given_a_skipped_parent_when_it_is_required_then_the_child_is_skipped_with_it(desk):
    desk.arrive(1, INVOICES, "in_1", skip=Reason(Code.DRAFT, "a draft"))
    desk.arrive(2, LINES, "il_1", [INVOICE])
    assert sent(desk.run()) == []
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.SKIPPED}
    assert desk.ends[-1][3].code == "parent_skipped"


def test_given_a_skipped_parent_when_it_is_optional_then_the_child_goes_without_it_and_a_note_says_so(desk):
    desk.arrive(1, SUBSCRIPTIONS, "sub_1", skip=Reason(Code.INCOMPLETE, "never began"))
    desk.arrive(2, INVOICES, "in_1", [ref("subscription_id", SUBSCRIPTIONS, "sub_1", required=False)])
    (request,) = desk.run()
    assert orjson.loads(request.body) == {"id": "in_1"}
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.SENT}
    assert desk.notes[0][0] == "reference_left_out"


SUBSCRIPTION = ref("subscription_id", SUBSCRIPTIONS, "sub_1", required=False)


@pytest.mark.parametrize("facts", [{"fault": Reason(Code.INVALID_FIELD, "must be text", "name")}, None])
def test_given_an_optional_parent_that_is_nowhere_when_the_input_ends_then_the_child_goes_without_it(desk, facts):
    if facts:
        desk.arrive(1, SUBSCRIPTIONS, "sub_1", **facts)
    desk.arrive(2, INVOICES, "in_1", [SUBSCRIPTION])
    requests = desk.run(lambda request: MISSING if request.look_up else ACCEPTED)
    assert orjson.loads(requests[-1].body) == {"id": "in_1"}
    assert [request.look_up for request in requests] == [True, False]
    assert desk.outcomes()[2] == Outcome.SENT
    assert desk.notes[0][0] == "reference_left_out"


def test_given_a_child_sent_without_a_parent_when_the_parent_comes_after_all_then_it_is_completed_once(desk):
    desk.arrive(1, SUBSCRIPTIONS, "sub_1", version=1, skip=Reason(Code.DRAFT, "a draft"), digest=7)
    desk.arrive(2, INVOICES, "in_1", [SUBSCRIPTION])
    (without,) = desk.look_after_parents()
    desk.answer(without)
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.SENT}
    desk.arrive(3, SUBSCRIPTIONS, "sub_1", version=2)
    requests = desk.run()
    assert sent(requests) == [("subscriptions", "sub_1"), ("invoices", "in_1")]
    assert orjson.loads(requests[-1].body) == {"id": "in_1", "subscription_id": "sub_1"}
    assert requests[-1].update_first
    assert [token for token, _, _, _ in desk.ends] == [1, 2, 3, 0], "the records of the invoice ended before"


def test_given_lines_of_a_credit_when_one_names_what_is_nowhere_then_only_its_reference_is_left_out(desk):
    lines = [{"id": "a", "invoice_line_id": "il_1"}, {"id": "b", "invoice_line_id": "il_2"}]
    refs = [ref("lines.invoice_line_id", LINES, identity, required=False) for identity in ("il_1", "il_2")]
    desk.arrive(1, INDEX["credit_notes"], "cn_1", refs, body={"lines": lines})
    requests = desk.run(lambda request: MISSING if request.id == "il_2" else ACCEPTED)
    body = orjson.loads(requests[-1].body)
    assert body["lines"] == [{"id": "a", "invoice_line_id": "il_1"}, {"id": "b"}]


def test_given_a_draft_when_its_final_version_comes_later_then_it_and_its_children_go(desk):
    desk.arrive(1, INVOICES, "in_1", version=1, skip=Reason(Code.DRAFT, "a draft"), digest=7)
    desk.arrive(2, LINES, "il_1", [INVOICE])
    desk.arrive(3, INVOICES, "in_1", version=2)
    assert sent(desk.run()) == [("invoices", "in_1"), ("invoice_lines", "il_1")]


def test_given_a_deleted_parent_when_fincome_lacks_it_then_its_last_state_is_created_for_its_children(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", skip=Reason(Code.DELETED, "gone"), children="lookup")
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    sent_ = desk.run(lambda request: MISSING if request.look_up else ACCEPTED)
    assert sent(sent_) == [("customers", "cus_1"), ("invoices", "in_1")]
    assert desk.outcomes()[2] == Outcome.SENT


def test_given_a_deleted_parent_when_nobody_needs_it_then_it_is_not_created(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", skip=Reason(Code.DELETED, "gone"), children="lookup")
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    assert desk.run() == []


def test_given_stubs_of_two_levels_when_both_are_missing_then_both_are_created_in_order(desk):
    product = ref("product_id", PRODUCTS, "prod_1")
    desk.stub(PLANS, "plan_1", b'{"id":"plan_1"}', (product,))
    desk.stub(PRODUCTS, "prod_1", b'{"id":"prod_1"}')
    desk.arrive(1, LINES, "il_1", [ref("price_id", PLANS, "plan_1", required=False)])
    sent_ = desk.run(lambda request: MISSING if request.look_up else ACCEPTED)
    assert sent(sent_) == [("products", "prod_1"), ("plans", "plan_1"), ("invoice_lines", "il_1")]


# --- versions

OLD, NEW = {"name": "old"}, {"name": "new"}


@pytest.mark.parametrize(
    ("case", "first", "second", "tie_first", "expected"),
    [
        ("newer after older", (1, OLD), (2, NEW), False, NEW),
        ("older after newer", (2, NEW), (1, OLD), False, NEW),
        ("tie, last counts", (1, OLD), (1, NEW), False, NEW),
        ("tie, first counts", (1, NEW), (1, OLD), True, NEW),
        ("no versions, last counts", (None, OLD), (None, NEW), False, NEW),
        ("no versions, first counts", (None, NEW), (None, OLD), True, NEW),
        ("unknown after known", (1, NEW), (None, OLD), False, NEW),
        ("known after unknown", (None, OLD), (1, NEW), True, NEW),
    ],
)
@pytest.mark.parametrize("moment", ["pending", "in request", "delivered", "waiting"])
def test_only_the_newest_version_ends_in_fincome(desk, case, first, second, tie_first, expected, moment):
    refs = [PARENT] if moment == "waiting" else []
    desk.arrive(1, CUSTOMERS, "cus_1", refs, first[0], tie_first, first[1])
    requests = [] if moment in ("pending", "waiting") else desk.go()
    if moment == "delivered":
        desk.answer(requests[0])
    desk.arrive(2, CUSTOMERS, "cus_1", refs, second[0], tie_first, second[1])
    if moment == "in request":
        assert desk.go() == [], "two payloads of one id are never in request together"
        desk.answer(requests[0])
    if moment == "waiting":
        desk.arrive(3, CUSTOMERS, "cus_2")
    sent_ = requests + desk.run()
    last = [f for f in sent_ if f.id == "cus_1"][-1]
    assert orjson.loads(last.body)["name"] == expected["name"], case
    assert len(desk.ends) == (3 if moment == "waiting" else 2)
    if moment in ("pending", "waiting"):
        assert Counter(o for t, o, _, _ in desk.ends if t != 3) == {Outcome.SENT: 1, Outcome.SKIPPED: 1}


def test_given_the_same_object_again_when_it_is_pending_then_both_end_with_its_answer(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    desk.arrive(2, CUSTOMERS, "cus_1")
    (request,) = desk.go()
    assert desk.ends == []
    desk.answer(request, REFUSED)
    assert desk.outcomes() == {1: Outcome.REJECTED, 2: Outcome.REJECTED}


def test_given_the_same_object_again_when_it_was_delivered_then_it_is_unchanged_and_not_sent(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    desk.run()
    desk.arrive(2, CUSTOMERS, "cus_1", version=9)
    assert desk.run() == []
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.UNCHANGED}


def test_given_a_delivered_object_when_a_newer_version_goes_then_it_is_an_update(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", body=OLD)
    (first,) = desk.go()
    desk.answer(first)
    desk.arrive(2, CUSTOMERS, "cus_1", body=NEW)
    (second,) = desk.go()
    assert (first.update_first, second.update_first) == (False, True)


def test_given_three_versions_when_the_first_is_in_flight_then_each_ends_once(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=1, body={"name": "a"})
    (request,) = desk.go()
    desk.arrive(2, CUSTOMERS, "cus_1", version=2, body={"name": "b"})
    desk.arrive(3, CUSTOMERS, "cus_1", version=3, body={"name": "c"})
    desk.answer(request)
    desk.run()
    assert sorted((t, o) for t, o, _, _ in desk.ends) == [
        (1, Outcome.SENT),
        (2, Outcome.SKIPPED),
        (3, Outcome.SENT),
    ]


def test_given_the_same_content_at_a_later_version_when_a_version_in_between_comes_then_it_is_older(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=1, body=NEW)
    desk.arrive(2, CUSTOMERS, "cus_1", version=3, body=NEW)
    desk.arrive(3, CUSTOMERS, "cus_1", version=2, body=OLD)
    (request,) = desk.run()
    assert orjson.loads(request.body)["name"] == "new"
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.UNCHANGED, 3: Outcome.SKIPPED}


# --- cycles and answers


def test_given_a_cycle_when_the_input_ends_then_one_goes_without_the_reference_and_is_completed(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", [ref("root_parent_id", CUSTOMERS, "cus_2", required=False)])
    desk.arrive(2, CUSTOMERS, "cus_2", [ref("root_parent_id", CUSTOMERS, "cus_1", required=False)])
    sent_ = desk.run()
    bodies = [(f.id, orjson.loads(f.body).get("root_parent_id")) for f in sent_]
    assert bodies == [("cus_1", None), ("cus_2", "cus_1"), ("cus_1", "cus_2")]
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}


def test_given_children_of_a_cycle_when_it_is_broken_then_they_go_too(desk):
    desk.arrive(3, INVOICES, "in_1", [CUSTOMER])
    desk.arrive(1, CUSTOMERS, "cus_1", [ref("root_parent_id", CUSTOMERS, "cus_2", required=False)])
    desk.arrive(2, CUSTOMERS, "cus_2", [ref("root_parent_id", CUSTOMERS, "cus_1", required=False)])
    desk.run()
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT, 3: Outcome.SENT}


def test_given_an_unknown_parent_by_the_api_when_it_is_visible_later_then_the_child_is_sent(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    desk.arrive(2, CUSTOMERS, "cus_1")
    answers = iter([ACCEPTED, UNKNOWN, UNKNOWN, ACCEPTED])
    assert len(desk.run(lambda _: next(answers))) == 4
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}


def test_given_an_unknown_parent_for_ever_when_tried_often_enough_then_it_is_tried_last_at_the_end_and_rejected(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    desk.arrive(2, CUSTOMERS, "cus_1")
    sent_ = desk.run(lambda request: UNKNOWN if request.entity == "invoices" else ACCEPTED)
    assert len(sent(sent_)) == 1 + DEFAULT.reference_tries + 2
    text = "refers to nothing, although Fincome has accepted or shown what it refers to"
    assert desk.ends[-1][3] == Reason(Code.MISSING_REFERENCE, text, "customer_id", "customer cus_1")


UNWATCHED = Ref("customer_id", CUSTOMERS, "cus_1", required=True, watched=False)


@pytest.fixture
def without_customers(desk):
    """A sync that brings no customers."""
    return Desk(frozenset(INDEX) - {"customers"})


def test_given_a_parent_that_no_stream_brings_when_fincome_lacks_it_then_it_is_created_from_its_child(
    without_customers,
):
    desk = without_customers
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    desk.arrive(1, INVOICES, "in_1", [UNWATCHED])
    created = set()

    def answer(request):
        if request.look_up:
            return MISSING
        created.add(request.id)
        return ACCEPTED if request.entity == "customers" or "cus_1" in created else UNKNOWN

    requests = desk.run(answer)
    assert sent(requests)[-2:] == [("customers", "cus_1"), ("invoices", "in_1")]
    assert [request.id for request in requests if request.look_up] == ["cus_1"], "asked before it is created"
    assert desk.outcomes()[1] == Outcome.SENT


def test_given_a_parent_that_no_stream_brings_when_its_look_up_ends_then_nobody_waits_for_the_end(without_customers):
    desk = without_customers
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    desk.arrive(1, INVOICES, "in_1", [UNWATCHED])
    for verdict in [UNKNOWN] * (DEFAULT.reference_tries + 1) + [MISSING]:
        (request,) = desk.go()
        desk.answer(request, verdict, due=desk.now)
    assert sent(desk.go()) == [("customers", "cus_1")]


def test_given_a_parent_that_no_stream_brings_when_nothing_is_known_of_it_then_the_reason_names_it(without_customers):
    desk = without_customers
    desk.arrive(1, INVOICES, "in_1", [UNWATCHED])
    desk.run(lambda request: MISSING if request.look_up else UNKNOWN)
    reason = desk.ends[-1][3]
    assert reason.in_full == "the customer it refers to is neither in this sync nor in Fincome: customer cus_1"


def test_given_a_parent_that_fincome_has_when_it_keeps_refusing_the_child_then_the_reason_names_it(without_customers):
    desk = without_customers
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    desk.arrive(1, INVOICES, "in_1", [UNWATCHED])
    requests = desk.run(lambda request: ACCEPTED if request.look_up else UNKNOWN)
    assert (
        desk.ends[-1][3].in_full
        == "refers to nothing, although Fincome has accepted or shown what it refers to: customer cus_1"
    )
    assert set(sent(requests)) == {("invoices", "in_1")}, "what exists is never changed by what its children know"


def test_given_a_stub_on_its_way_when_another_child_asks_for_it_then_that_one_waits_for_it_too():
    desk = Desk(frozenset(INDEX) - {"plans", "products"})
    price = Ref("price_id", PLANS, "plan_1", required=False, watched=False)
    product = Ref("product_id", PRODUCTS, "prod_1", required=True, watched=False)
    desk.stub(PLANS, "plan_1", b'{"id":"plan_1"}', (product,))
    desk.stub(PRODUCTS, "prod_1", b'{"id":"prod_1"}')
    unknown_price, unknown_product = (structs.replace(UNKNOWN, field=name) for name in ("price_id", "product_id"))
    desk.arrive(1, LINES, "il_1", [price])
    for verdict in [unknown_price] * (DEFAULT.reference_tries + 1) + [MISSING]:
        (request,) = desk.go()
        desk.answer(request, verdict, due=desk.now)
    (plan,) = desk.go()
    desk.answer(plan, unknown_product, due=desk.now + 60)
    desk.arrive(2, LINES, "il_2", [price])
    for _ in range(DEFAULT.reference_tries + 1):
        (request,) = desk.go()
        desk.answer(request, unknown_price, due=desk.now)
    there = set()

    def answer(request):
        if request.look_up:
            return MISSING
        if request.entity == "plans" and "prod_1" not in there:
            return unknown_product
        there.add(request.id)
        return ACCEPTED

    desk.run(answer)
    assert there == {"prod_1", "plan_1", "il_1", "il_2"}
    assert {desk.outcomes()[1], desk.outcomes()[2]} == {Outcome.SENT}


def test_given_two_stubs_of_one_object_when_it_is_created_then_the_one_that_says_more_is_used(desk):
    for body in (b'{"id":"cus_1","name":"cus_1"}', b'{"id":"cus_1","name":"Shop","email":"a@b.c"}', b'{"id":"cus_1"}'):
        desk.stub(CUSTOMERS, "cus_1", body)
    assert desk.spool.stubs.find(CUSTOMERS, "cus_1").content.body == b'{"id":"cus_1","name":"Shop","email":"a@b.c"}'


# --- void documents

VOID = Reason(Code.VOID, "void")


def void(desk, token, identity="in_1", **facts):
    content = settlement(ENTITIES[INVOICES], identity, ())
    desk.objects.arrive(Arrival(INVOICES, identity, digest=1, content=content, skip=VOID, **facts), (token, 0))
    desk.spool.trim()


def bodies(requests):
    return {request.id: orjson.loads(request.body) for request in requests if not request.look_up}


NET_OF_NOTHING = {"amount_excluding_tax_after_discount": 0, "tax_amount": 0, "discount_amount": 0}


@pytest.mark.parametrize("first", [True, False])
def test_given_a_void_invoice_with_lines_when_all_else_has_gone_then_all_of_it_is_settled(desk, first):
    if first:
        void(desk, 1)
    desk.arrive(2, LINES, "il_1", [INVOICE], body={"amount_excluding_tax_after_discount": 9})
    if not first:
        void(desk, 1)
    desk.arrive(3, CUSTOMERS, "cus_1")
    requests = desk.run()
    assert sent(requests) == [("customers", "cus_1"), ("invoices", "in_1"), ("invoice_lines", "il_1")]
    assert {request.policy for request in requests[1:]} == {"update_only"}
    assert bodies(requests)["in_1"] == {"id": "in_1", "amount": 0}
    assert bodies(requests)["il_1"] == {"id": "il_1", **NET_OF_NOTHING}
    assert desk.outcomes() == {1: Outcome.SETTLED, 2: Outcome.SETTLED, 3: Outcome.SENT}


def test_given_a_void_invoice_that_fincome_never_had_then_it_is_skipped_and_its_lines_cost_no_request(desk):
    void(desk, 1)
    desk.arrive(2, LINES, "il_1", [INVOICE])
    (request,) = desk.run(lambda _: MISSING)
    assert (request.id, request.policy) == ("in_1", "update_only")
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.SKIPPED}
    assert desk.ends[0][3] == VOID


@pytest.mark.parametrize("moment", ["sent", "under way"])
def test_given_an_invoice_that_was_sent_in_this_sync_when_it_becomes_void_then_its_lines_are_settled_too(moment):
    desk = Desk()
    book = Factbook([spec.name for spec in ENTITIES])
    desk.objects = Objects(desk.spool, ENTITIES, SyncScope(frozenset(INDEX)), desk.book, book, lambda: desk.now)
    desk.arrive(1, INVOICES, "in_1", version=1)
    for request in desk.go():
        desk.answer(request)
    facts = LineFacts(1, "EUR", None, None, False, "in_1", None, None)
    desk.arrive(2, LINES, "il_1", [INVOICE], facts=facts)
    requests = desk.go()
    if moment == "sent":
        desk.answer(requests[0])
    void(desk, 3, version=2)
    if moment == "under way":
        desk.answer(requests[0])
    assert bodies(desk.run()) == {"in_1": {"id": "in_1", "amount": 0}, "il_1": {"id": "il_1", **NET_OF_NOTHING}}
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT, 3: Outcome.SETTLED, 0: Outcome.SETTLED}
    book.close()


def edited(desk, token, version, *lines, moment="sent"):
    """Let a version of an invoice come with its lines; what can go is under way then, or sent."""
    desk.arrive(token, INVOICES, "in_1", version=version, parts=lines, body={"amount": 5 * len(lines)})
    for line in lines:
        desk.arrive(token, LINES, line, [INVOICE], version=version, body={"amount_excluding_tax_after_discount": 5})
    if moment == "held":
        return []
    documents = desk.go()
    for request in documents:
        desk.answer(request)
    requests = desk.go()
    if moment == "sent":
        for request in requests:
            desk.answer(request)
    return [*documents, *requests]


@pytest.mark.parametrize("moment", ["held", "under way", "sent"])
@pytest.mark.parametrize("order", [1, -1])
def test_given_two_versions_of_an_invoice_when_the_newer_has_less_lines_then_the_others_do_not_count(
    desk, moment, order
):
    account = {}
    first, second = [(1, ("il_1", "il_2")), (2, ("il_2",))][::order]
    requests = edited(desk, first[0], first[0], *first[1], moment=moment)
    edited(desk, second[0], second[0], *second[1], moment="held")
    if moment == "under way":
        for request in requests[1:]:
            desk.answer(request)
    for identity, body in bodies([*requests, *desk.run()]).items():
        account[identity] = {**account.get(identity, {}), **body}
    assert account["in_1"]["amount"] == 5
    assert account["il_2"]["amount_excluding_tax_after_discount"] == 5
    assert account.get("il_1", NET_OF_NOTHING)["amount_excluding_tax_after_discount"] == 0
    assert order == 1 or "il_1" not in account, "what is known to be gone never goes"


@pytest.mark.parametrize("version", [1, 3])
def test_given_a_line_that_an_invoice_no_longer_had_when_it_comes_again_then_the_newest_version_tells(desk, version):
    edited(desk, 1, 1, "il_1", "il_2")
    edited(desk, 2, 2, "il_2")
    edited(desk, 3, version, "il_1", "il_2", moment="held")
    (amount,) = [
        body["amount_excluding_tax_after_discount"] for name, body in bodies(desk.run()).items() if name == "il_1"
    ]
    assert amount == (5 if version == 3 else 0)


@pytest.mark.parametrize(("found", "outcome"), [(None, Outcome.SKIPPED), ({"amount": 9}, Outcome.SKIPPED)])
def test_given_a_void_invoice_without_lines_when_fincome_has_it_then_nothing_is_zeroed_and_it_is_told(
    desk, found, outcome
):
    void(desk, 1)
    (request,) = desk.run(lambda _: Verdict(Kind.ACCEPTED, found=found) if found else MISSING)
    assert request.look_up
    assert desk.outcomes() == {1: outcome}
    assert desk.ends[0][3].code == (Code.LINES_UNKNOWN if found else Code.VOID)
    assert [code for code, _, _ in desk.notes] == ([Code.LINES_UNKNOWN] if found else [])


def test_given_a_valid_version_after_a_void_one_then_it_is_sent_as_ever(desk):
    void(desk, 1, version=1)
    desk.arrive(2, INVOICES, "in_1", version=2, body={"amount": 5})
    assert bodies(desk.run())["in_1"]["amount"] == 5
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.SENT}


def many_voids(desk, number):
    for n in range(number):
        void(desk, n + 1, f"in_{n}")
        desk.arrive(1000 + n, LINES, f"il_{n}", [ref("invoice_id", INVOICES, f"in_{n}")])


def test_given_few_void_invoices_when_they_are_all_that_comes_then_none_is_looked_at_first(desk):
    many_voids(desk, 20)
    assert not any(request.look_up for request in desk.run())


def test_given_very_many_void_invoices_when_fincome_still_counts_them_then_none_is_changed_and_the_sync_fails(desk):
    many_voids(desk, 21)
    with pytest.raises(TooManySettled, match=r"21 of 21 invoices .* in_0, in_1, .*`max_settled_percent`"):
        desk.run(lambda _: Verdict(Kind.ACCEPTED, found={"amount": 9}))
    assert desk.ends == []


@pytest.mark.parametrize("amount", ["a lot", [1], "9.00"])
def test_given_very_many_void_invoices_when_fincome_shows_strange_amounts_then_they_are_not_taken_for_settled(
    desk, amount
):
    many_voids(desk, 21)
    with pytest.raises(TooManySettled):
        desk.run(lambda _: Verdict(Kind.ACCEPTED, found={"amount": amount}))


@pytest.mark.parametrize("amount", ["0", "0.00", 0, None])
def test_given_very_many_void_invoices_when_all_are_settled_already_then_they_are_unchanged(desk, amount):
    many_voids(desk, 21)
    desk.run(lambda _: Verdict(Kind.ACCEPTED, found={"amount": amount}))
    assert {outcome for token, outcome, _, _ in desk.ends if token < 1000} == {Outcome.UNCHANGED}


def test_given_very_many_void_invoices_when_fincome_cannot_be_asked_for_them_then_none_is_changed():
    entities = [replace(spec, retrievable=spec.name != "invoices") for spec in ENTITIES]
    desk = Desk()
    desk.objects = Objects(desk.spool, entities, SyncScope(frozenset(INDEX)), desk.book, clock=lambda: desk.now)
    many_voids(desk, 21)
    with pytest.raises(TooManySettled):
        desk.run()
    assert desk.ends == []


def test_given_very_many_void_invoices_when_most_are_settled_or_never_came_then_the_others_go(desk):
    many_voids(desk, 30)

    def answer(request):
        number = int(request.id.partition("_")[2])
        if number < 10:
            return MISSING
        return Verdict(Kind.ACCEPTED, found={"amount": 0 if number < 20 else 9}) if request.look_up else ACCEPTED

    requests = desk.run(answer)
    assert [r.id for r in requests if not r.look_up and r.entity == "invoices"] == [f"in_{n}" for n in range(20, 30)]
    assert Counter(outcome for token, outcome, _, _ in desk.ends if token < 1000) == {
        Outcome.SKIPPED: 10,
        Outcome.UNCHANGED: 10,
        Outcome.SETTLED: 10,
    }


# --- operations

CREATE_ONLY = {"policy": "create_only"}
EXISTS = Verdict(Kind.EXISTS)


def test_given_create_only_when_fincome_has_it_then_it_is_skipped_and_its_children_go(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    desk.arrive(2, CUSTOMERS, "cus_1", **CREATE_ONLY)
    sent_ = desk.run(lambda request: EXISTS if request.policy == "create_only" else ACCEPTED)
    assert sent(sent_) == [("customers", "cus_1"), ("invoices", "in_1")]
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SKIPPED}
    assert [reason.code for _, _, _, reason in desk.ends if reason] == ["already_exists"]


@pytest.mark.parametrize("mine", [True, False])
def test_given_create_only_when_a_newer_version_comes_then_only_what_this_sync_created_is_changed(desk, mine):
    desk.arrive(1, CUSTOMERS, "cus_1", body=OLD, **CREATE_ONLY)
    desk.run(lambda _: ACCEPTED if mine else EXISTS)
    desk.arrive(2, CUSTOMERS, "cus_1", body=NEW, **CREATE_ONLY)
    again = [request.policy for request in desk.run()]
    assert again == (["upsert"] if mine else [])
    assert desk.outcomes()[2] == (Outcome.SENT if mine else Outcome.SKIPPED)


def test_given_create_only_when_it_overtakes_another_write_then_what_exists_is_not_changed(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=1, body=OLD)
    (request,) = desk.go()
    desk.arrive(2, CUSTOMERS, "cus_1", version=2, body=NEW, **CREATE_ONLY)
    desk.answer(request)
    assert desk.run() == []
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SKIPPED}


def test_given_create_only_when_another_write_overtakes_it_then_this_sync_has_created_it(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=1, body=OLD, **CREATE_ONLY)
    (request,) = desk.go()
    desk.arrive(2, CUSTOMERS, "cus_1", version=2, body=NEW)
    desk.answer(request)
    desk.arrive(3, CUSTOMERS, "cus_1", version=3, body={"name": "newest"}, **CREATE_ONLY)
    assert [request.policy for request in desk.run()][-1:] == ["upsert"]
    assert desk.outcomes()[3] == Outcome.SENT


def test_given_create_only_in_a_cycle_when_it_is_broken_then_what_was_left_out_follows(desk):
    for token, one, other in [(1, "cus_1", "cus_2"), (2, "cus_2", "cus_1")]:
        desk.arrive(token, CUSTOMERS, one, [ref("root_parent_id", CUSTOMERS, other, required=False)], **CREATE_ONLY)
    sent_ = desk.run()
    assert [request.policy for request in sent_] == ["create_only", "create_only", "upsert"]
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}


def test_given_an_answer_that_it_exists_when_a_newer_version_waits_then_both_end_once(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=1, body=OLD, **CREATE_ONLY)
    (request,) = desk.go()
    desk.arrive(2, CUSTOMERS, "cus_1", version=2, body=NEW, **CREATE_ONLY)
    desk.answer(request, EXISTS)
    assert desk.run() == []
    assert [(token, outcome, reason.code) for token, outcome, _, reason in desk.ends] == [
        (1, Outcome.SKIPPED, "superseded"),
        (2, Outcome.SKIPPED, "already_exists"),
    ]


def enrich(desk, token, identity="cus_1", facet=7, watched=True, **facts):
    refs = [Ref("id", CUSTOMERS, identity, required=True, watched=watched)]
    desk.arrive(token, CUSTOMERS, identity, refs, policy="update_only", facet=facet, **facts)


def test_given_an_enrichment_first_when_the_object_comes_then_it_follows_and_neither_supersedes_the_other(desk):
    enrich(desk, 1, version=9, body={"segment": "smb"})
    assert desk.go() == []
    desk.arrive(2, CUSTOMERS, "cus_1", version=1, body=NEW)
    sent_ = desk.run()
    assert [request.policy for request in sent_] == ["upsert", "update_only"]
    assert orjson.loads(sent_[1].body) == {"id": "cus_1", "segment": "smb"}
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}


def test_given_a_newer_content_of_an_object_that_is_tried_later_when_its_enrichment_may_go_then_it_goes_after_it(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=1)
    desk.run()
    desk.arrive(2, CUSTOMERS, "cus_1", version=2, body=NEW)
    (newer,) = desk.go()
    desk.answer(newer, Verdict(Kind.RETRY), due=5.0)
    enrich(desk, 3, body={"name": "Mine"})
    assert desk.go() == []
    desk.now = 5.0
    (again,) = desk.go()
    assert desk.go() == []
    desk.answer(again)
    assert [orjson.loads(request.body)["name"] for request in desk.run()] == ["Mine"]
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT, 3: Outcome.SENT}


def test_given_an_enrichment_when_the_object_is_not_in_this_sync_but_in_fincome_then_it_goes(desk):
    enrich(desk, 1)
    assert [request.look_up for request in desk.run()] == [True, False]
    assert desk.outcomes() == {1: Outcome.SENT}


def test_given_an_enrichment_when_the_object_is_nowhere_then_it_is_skipped_and_no_stub_is_created_for_it(desk):
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    enrich(desk, 1)
    assert sent(desk.run(lambda _: MISSING)) == []
    ((_, outcome, _, reason),) = desk.ends
    assert (outcome, reason.code) == (Outcome.SKIPPED, "not_in_fincome")


def test_given_an_enrichment_when_its_object_is_created_for_its_children_then_it_follows(desk):
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    enrich(desk, 1)
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    sent_ = desk.run(lambda request: MISSING if request.look_up else ACCEPTED)
    assert [request.policy for request in sent_ if not request.look_up] == ["upsert", "update_only", "upsert"]
    assert desk.outcomes() == {0: Outcome.SENT, 1: Outcome.SENT, 2: Outcome.SENT}


def test_given_an_enrichment_when_no_stream_brings_the_object_then_fincome_decides_at_once(desk):
    enrich(desk, 1, watched=False)
    enrich(desk, 2, "cus_2", watched=False)
    desk.run(lambda request: MISSING if request.id == "cus_2" else ACCEPTED)
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SKIPPED}


def test_given_an_enrichment_when_its_object_shows_late_then_it_is_tried_again(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    enrich(desk, 2)
    answers = iter([ACCEPTED, MISSING, MISSING, ACCEPTED])
    desk.run(lambda _: next(answers))
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}


def test_given_an_enrichment_when_its_object_never_shows_then_it_is_skipped_at_last(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    enrich(desk, 2)
    sent_ = desk.run(lambda request: MISSING if request.policy == "update_only" else ACCEPTED)
    assert len(sent_) == 1 + DEFAULT.reference_tries + 2
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SKIPPED}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"skip": Reason(Code.DRAFT, "a draft")}, "object_skipped"),
        ({"fault": Reason(Code.INVALID_FIELD, "must be text", "name")}, "object_rejected"),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_given_an_enrichment_when_its_object_does_not_come_through_then_the_reason_says_so(desk, facts, code, first):
    if first:
        enrich(desk, 2)
    desk.arrive(1, CUSTOMERS, "cus_1", **facts)
    if not first:
        enrich(desk, 2)
    desk.run(lambda _: MISSING)
    ((outcome, reason),) = [(outcome, reason) for token, outcome, _, reason in desk.ends if token == 2]
    assert (outcome, reason.code) == (Outcome.SKIPPED, code)


def test_given_an_enrichment_that_is_skipped_or_faulty_when_the_object_comes_then_the_object_is_not_touched_by_it(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", facet=7, skip=Reason(Code.LEFT_OUT, "not wanted"))
    desk.arrive(2, CUSTOMERS, "cus_1", facet=8, fault=Reason(Code.INVALID_FIELD, "must be text", "name"))
    desk.arrive(3, CUSTOMERS, "cus_1")
    assert sent(desk.run()) == [("customers", "cus_1")]
    assert desk.outcomes() == {1: Outcome.SKIPPED, 2: Outcome.REJECTED, 3: Outcome.SENT}


def test_given_two_enrichments_when_both_can_go_then_they_are_never_under_way_together(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    enrich(desk, 2, facet=7)
    enrich(desk, 3, facet=8, body={"segment": "smb"})
    (main,) = desk.go()
    desk.answer(main)
    (first,) = desk.go()
    assert desk.go() == []
    desk.answer(first)
    (second,) = desk.go()
    desk.answer(second)
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT, 3: Outcome.SENT}


def test_given_versions_of_an_enrichment_when_synced_then_the_newest_counts_and_the_same_again_is_unchanged(desk):
    desk.arrive(1, CUSTOMERS, "cus_1", version=5)
    enrich(desk, 2, version=2, body=NEW)
    enrich(desk, 3, version=1, body=OLD)
    desk.run()
    enrich(desk, 4, version=2, body=NEW)
    assert desk.run() == []
    expected = {1: Outcome.SENT, 2: Outcome.SENT, 3: Outcome.SKIPPED, 4: Outcome.UNCHANGED}
    assert desk.outcomes() == expected


# --- roots

LEVELS = {"top": None, "middle": "top", "low": "middle", "lowest": "low"}


@pytest.mark.parametrize("order", list(itertools.permutations(LEVELS)))
def test_whatever_the_order_each_customer_names_the_topmost_above_it(desk, order):
    for token, identity in enumerate(order, 1):
        above = LEVELS[identity]
        desk.arrive(token, CUSTOMERS, identity, [ref("root_parent_id", CUSTOMERS, above, False)] if above else [])
    sent_ = {f.id: orjson.loads(f.body).get("root_parent_id") for f in desk.run()}
    assert sent_ == {"top": None, "middle": "top", "low": "top", "lowest": "top"}


def test_given_a_parent_known_to_fincome_only_when_its_child_goes_then_it_names_the_parent(desk):
    desk.arrive(1, CUSTOMERS, "low", [ref("root_parent_id", CUSTOMERS, "middle", False)])
    assert orjson.loads(desk.run()[-1].body)["root_parent_id"] == "middle"


def test_given_a_cycle_of_three_when_synced_then_all_end_and_name_another_one(desk):
    for token, (one, above) in enumerate([("a", "b"), ("b", "c"), ("c", "a")], 1):
        desk.arrive(token, CUSTOMERS, one, [ref("root_parent_id", CUSTOMERS, above, False)])
    last = {f.id: orjson.loads(f.body).get("root_parent_id") for f in desk.run()}
    assert set(desk.outcomes().values()) == {Outcome.SENT}
    assert all(root and root != identity for identity, root in last.items())


# --- more than memory holds


def test_given_more_than_memory_holds_when_all_can_go_then_each_goes_once_and_older_ones_first(monkeypatch):
    for name, most in [("ROWS_KEPT", 10), ("REFILL", 3)]:
        monkeypatch.setattr(spool_module, name, most)
    desk = Desk()
    for number in range(40):
        desk.arrive(number, CUSTOMERS, f"cus_{number}")
    for number in range(40, 60):
        desk.arrive(number, INVOICES, f"in_{number}", [ref("customer_id", CUSTOMERS, f"cus_{number - 40}")])
    sent_ = []
    while requests := desk.go(limit=4):
        sent_ += sent(requests)
        for request in requests:
            desk.answer(request)
    assert Counter(sent_) == Counter([("customers", f"cus_{n}") for n in range(40)]) + Counter(
        [("invoices", f"in_{n}") for n in range(40, 60)]
    )
    assert sent_[:3] == [("customers", f"cus_{number}") for number in range(3)]
    assert set(desk.outcomes().values()) == {Outcome.SENT}
    assert len(desk.ends) == 60
    desk.spool.close()


# --- values of parents

CURRENCY = Fill("currency", "invoice_id", "currency", required=True)
ASKED = structs.replace(INVOICE, asked=True)
IN_EUR = (("currency", "EUR"),)
IN_USD = (("currency", "USD"),)


def line(desk, token=2, refs=(ASKED,), fills=(CURRENCY,), body=None, **facts):
    """A line that takes its invoice's currency arrives."""
    values = {"id": "il_1", "invoice_id": "in_1", **(body or {})}
    content = Content(orjson.dumps(values), refs, fills=fills, **facts)
    arrival = Arrival(LINES, "il_1", version=token, digest=hash(content.body) + token, content=content)
    desk.objects.arrive(arrival, (token, 0))
    desk.spool.trim()


def invoice(desk, token, gives, policy="upsert"):
    body = orjson.dumps({"id": "in_1", **dict(gives)})
    arrival = Arrival(INVOICES, "in_1", version=token, digest=token, content=Content(body, gives=gives, policy=policy))
    desk.objects.arrive(arrival, (token, 0))
    desk.spool.trim()


def bodies_sent(requests, identity="il_1"):
    return [orjson.loads(one.body) for one in requests if one.id == identity and not one.look_up]


def test_a_line_takes_the_currency_of_its_invoice_whichever_comes_first(desk):
    line(desk)
    invoice(desk, 1, IN_EUR)
    assert bodies_sent(desk.run()) == [{"id": "il_1", "invoice_id": "in_1", "currency": "EUR"}]
    assert set(desk.outcomes().values()) == {Outcome.SENT}


@pytest.mark.parametrize("watched", [True, False])
def test_given_an_invoice_of_an_earlier_sync_when_a_line_needs_its_currency_then_fincome_is_asked_for_it(desk, watched):
    line(desk, refs=(structs.replace(ASKED, watched=watched),))
    found = structs.replace(ACCEPTED, found={"id": "in_1", "currency": "USD", "amount": 3})
    sent_ = desk.run(lambda request: found if request.look_up else ACCEPTED)
    assert [request.look_up for request in sent_] == [True, False]
    assert bodies_sent(sent_)[0]["currency"] == "USD"


def test_given_no_currency_anywhere_when_a_line_needs_it_then_nothing_of_it_is_sent(desk):
    line(desk)
    invoice(desk, 1, ())
    assert bodies_sent(desk.run()) == []
    assert desk.ends[-1][1:] == (
        Outcome.REJECTED, "il_1",
        Reason(Code.INVALID_FIELD, "is missing, and the invoice that it refers to has none either", "currency"),
    )  # fmt: skip


def test_given_a_value_of_its_own_when_the_parent_has_none_then_it_counts(desk):
    line(desk, body={"currency": "CHF"})
    invoice(desk, 1, ())
    assert bodies_sent(desk.run())[0]["currency"] == "CHF"


def test_given_a_later_version_of_the_invoice_when_its_currency_changes_then_the_line_is_sent_again(desk):
    invoice(desk, 1, IN_EUR)
    line(desk)
    desk.run()
    invoice(desk, 3, IN_EUR)
    assert bodies_sent(desk.run()) == [], "nothing changed"
    invoice(desk, 4, IN_USD)
    (again,) = [one for one in desk.run() if one.id == "il_1"]
    assert (orjson.loads(again.body), again.complete) == (
        {"id": "il_1", "invoice_id": "in_1", "currency": "USD"}, False,
    )  # fmt: skip
    assert desk.ends[-1][0] == COMPLETION[0], "what is sent again ends for no record"


def test_given_a_line_under_way_when_its_invoices_currency_changes_then_it_goes_again_once_it_is_answered(desk):
    invoice(desk, 1, IN_EUR)
    (first,) = desk.go()
    desk.answer(first)
    line(desk)
    (under_way,) = desk.go()
    invoice(desk, 3, IN_USD)
    (second,) = desk.go()
    desk.answer(second)
    assert desk.go() == []
    desk.answer(under_way)
    assert [body["currency"] for body in bodies_sent([under_way, *desk.run()])] == ["EUR", "USD"]


def test_given_a_newer_line_when_its_invoices_currency_changes_then_only_the_newest_goes_again(desk):
    invoice(desk, 1, IN_EUR)
    line(desk)
    desk.run()
    line(desk, 3, fills=(), body={"currency": "CHF"})
    desk.run()
    invoice(desk, 4, IN_USD)
    assert bodies_sent(desk.run()) == []


PRICE = Ref("price_id", PLANS, "pl_1", required=False, asked=True)
ONCE = Variant("price_id", "custom_properties.kind", "once", b'{"id":"il_1","type":"one_off"}')


@pytest.mark.parametrize(
    ("kind", "expected"), [("once", "one_off"), ("monthly", "subscription"), (None, "subscription")]
)
def test_what_a_line_is_can_depend_on_its_price(desk, kind, expected):
    properties = {"custom_properties": {"kind": kind}} if kind else {}
    line(desk, refs=(PRICE,), fills=(), body={"type": "subscription"}, variants=(ONCE,))
    found = structs.replace(ACCEPTED, found={"id": "pl_1", **properties})
    assert bodies_sent(desk.run(lambda request: found if request.look_up else ACCEPTED))[0]["type"] == expected


def test_given_a_line_that_went_when_its_price_turns_out_to_be_another_kind_then_it_goes_again_whole(desk):
    line(desk, refs=(PRICE,), fills=(), body={"type": "subscription"}, variants=(ONCE,))
    desk.run()
    gives = (("custom_properties.kind", "once"),)
    desk.objects.arrive(Arrival(PLANS, "pl_1", digest=1, content=Content(b'{"id":"pl_1"}', gives=gives)), (3, 0))
    assert bodies_sent(desk.run()) == [{"id": "il_1", "type": "one_off"}]


def test_what_counts_of_a_line_is_what_it_was_sent_with():
    facts = Factbook([spec.name for spec in ENTITIES])
    desk = Desk()
    scope = SyncScope(frozenset(INDEX), {"invoices": ("currency",)})
    desk.objects = Objects(desk.spool, ENTITIES, scope, desk.book, facts)
    line(desk, body={"type": "one_off", "amount_excluding_tax_after_discount": 7})
    invoice(desk, 1, IN_EUR)
    desk.run()
    found = facts.ask().execute("SELECT amount, currency, outcome FROM all_invoice_lines").fetchall()
    assert found == [(7_000_000, "EUR", int(Outcome.SENT))]


# --- other ids

RENAMED = Fill("subscription_id", "subscription_id", "id")
VERSION = Ref("subscription_id", SUBSCRIPTIONS, "v1", required=False)


def version_of(desk, own="sub_1", identity="v1"):
    itself = Ref("id", SUBSCRIPTIONS, own, required=True, asked=True)
    content = Content(b"", (itself,), gives=(("id", own),), stands_for=True)
    desk.objects.name(OtherIdArrival(SUBSCRIPTIONS, identity, content))
    desk.spool.trim()


ORDERS = [["line", "version", "subscription"], ["subscription", "line", "version"], ["version", "subscription", "line"]]


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_who_names_a_version_goes_with_the_objects_own_id_after_the_object(desk, order):
    for one in order:
        if one == "line":
            line(desk, 1, refs=(VERSION,), fills=(RENAMED,), body={"subscription_id": "v1"})
        elif one == "version":
            version_of(desk)
        else:
            desk.arrive(2, SUBSCRIPTIONS, "sub_1")
    requests = desk.run()
    assert sent(requests) == [("subscriptions", "sub_1"), ("invoice_lines", "il_1")]
    assert bodies_sent(requests)[0]["subscription_id"] == "sub_1"
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}


def test_a_version_whose_object_comes_too_late_for_a_look_up_still_frees_who_names_it(desk):
    line(desk, 1, refs=(VERSION,), fills=(RENAMED,), body={"subscription_id": "v1"})
    (asked,) = desk.look_after_parents()
    desk.answer(asked, MISSING)
    version_of(desk)
    desk.arrive(2, SUBSCRIPTIONS, "sub_1")
    assert bodies_sent(desk.run())[0]["subscription_id"] == "sub_1"


def test_a_version_of_an_object_that_fincome_has_already_is_found_by_the_objects_own_id(desk):
    version_of(desk)
    line(desk, 1, refs=(VERSION,), fills=(RENAMED,), body={"subscription_id": "v1"})
    requests = desk.run()
    assert [(one.id, one.look_up) for one in requests] == [("sub_1", True), ("il_1", False)]
    assert bodies_sent(requests)[0]["subscription_id"] == "sub_1"


def test_a_version_of_nothing_is_left_out_of_who_names_it(desk):
    version_of(desk)
    line(desk, 1, refs=(VERSION,), fills=(RENAMED,), body={"subscription_id": "v1"})
    requests = desk.run(lambda request: MISSING if request.look_up else ACCEPTED)
    assert "subscription_id" not in bodies_sent(requests)[0]
    assert desk.outcomes()[1] is Outcome.SENT


# --- what Fincome can't tell, or not yet

UNTOLD = Verdict(Kind.UNTOLD)
NOT_YET = Verdict(Kind.UNTOLD, retry_after=10)
VAGUE = Verdict(Kind.REFUSED, Code.REFUSED_BY_API, None, "was refused by Fincome (400)", vague=True)


def test_given_a_parent_that_nobody_can_tell_of_when_the_input_ends_then_its_child_goes_and_fincome_decides(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    # Before the end it may still come.
    (look_up,) = desk.look_after_parents()
    desk.answer(look_up, UNTOLD)
    assert desk.go() == []
    sent_ = desk.run(lambda request: UNTOLD if request.look_up else ACCEPTED, ended=1.0)
    assert [(request.entity, request.look_up) for request in sent_] == [("customers", True), ("invoices", False)]
    assert desk.outcomes() == {1: Outcome.SENT}


def test_given_a_parent_that_nobody_can_tell_of_when_no_stream_brings_it_then_no_stub_is_made_of_it(without_customers):
    desk = without_customers
    desk.stub(CUSTOMERS, "cus_1", b'{"id":"cus_1","name":"x"}')
    desk.arrive(1, INVOICES, "in_1", [UNWATCHED])
    requests = desk.run(lambda request: UNTOLD if request.look_up else UNKNOWN)
    assert {request.entity for request in requests if not request.look_up} == {"invoices"}
    assert desk.ends[-1][3].in_full == "what it refers to is not known to Fincome: customer cus_1"


def test_given_a_parent_that_can_not_be_told_of_yet_when_it_can_then_it_is_asked_again(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    answers = iter([NOT_YET, NOT_YET, MISSING])
    requests = desk.run(lambda request: next(answers))
    assert [request.look_up for request in requests] == [True] * 3
    assert desk.outcomes() == {1: Outcome.REJECTED}


def test_given_a_parent_that_is_only_assumed_when_it_is_to_be_created_only_then_it_is_sent_all_the_same(desk):
    desk.arrive(1, INVOICES, "in_1", [CUSTOMER])
    (look_up,) = desk.look_after_parents()
    desk.objects.conclude(0.0)
    desk.answer(look_up, UNTOLD)
    desk.arrive(2, CUSTOMERS, "cus_1", policy="create_only")
    assert ("customers", "cus_1") in sent(desk.go())


def test_given_a_refusal_in_unknown_words_when_a_parent_was_just_accepted_then_the_child_is_tried_again(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    answers = iter([ACCEPTED, VAGUE, VAGUE, ACCEPTED])
    desk.run(lambda _: next(answers))
    assert desk.outcomes() == {1: Outcome.SENT, 2: Outcome.SENT}


def test_given_a_refusal_in_unknown_words_when_the_parent_must_be_visible_then_it_is_believed(desk):
    desk.arrive(1, CUSTOMERS, "cus_1")
    desk.arrive(2, INVOICES, "in_1", [CUSTOMER])
    requests = desk.run(lambda request: VAGUE if request.entity == "invoices" else ACCEPTED)
    assert desk.now >= DEFAULT.longest_lag
    assert len(sent(requests)) == 1 + DEFAULT.longest_lag + 1
    assert desk.ends[-1][3] == VAGUE.reason


def test_given_a_refusal_in_unknown_words_when_this_sync_brought_no_parent_then_it_is_believed_at_once(
    without_customers,
):
    desk = without_customers
    desk.arrive(1, INVOICES, "in_1", [UNWATCHED])
    assert len(desk.run(lambda _: VAGUE)) == 1
    assert desk.outcomes() == {1: Outcome.REJECTED}
