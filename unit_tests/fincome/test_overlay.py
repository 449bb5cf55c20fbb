"""The setting `contract`: what it says lands in the contract, and what is wrong with it is told with its place."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from destination_fincome.fincome.answers import Interpreter, Kind
from destination_fincome.fincome.contract import Contract, corrected_contract, load_contract
from destination_fincome.fincome.listing import Listing
from destination_fincome.fincome.overlay import OverlayError, read_overlay

ENTITIES = list(load_contract().entities)


def corrected(text: str) -> Contract:
    return corrected_contract(read_overlay("version: 1\n" + dedent(text)))


def mistakes(text: str) -> str:
    with pytest.raises(OverlayError) as error:
        read_overlay(text)
    return str(error.value)


def test_given_a_text_that_says_nothing_when_it_is_laid_over_then_the_contract_is_as_it_was() -> None:
    assert corrected("") == load_contract()
    assert all(spec.form is None for spec in load_contract().entities.values())


def test_given_verbs_and_paths_when_they_are_laid_over_then_requests_go_there() -> None:
    contract = corrected(
        """
        operations:
          update: {verb: put}
          retrieve: {path: "{path}/{id}/"}
        entities:
          customers: {path: /customers/}
          invoices:
            operations: {update: {verb: PATCH, path: "/documents/{id}"}}
        """
    )
    customers, invoices = contract.entities["customers"], contract.entities["invoices"]
    assert customers.create is not None
    assert customers.update is not None
    assert invoices.update is not None
    assert customers.create.path_of(customers, "") == "/customers/"
    assert (customers.update.verb, customers.update.path_of(customers, "c")) == ("PUT", "/customers/c")
    assert customers.retrieve.path_of(customers, "c") == "/customers/c/"
    assert (invoices.update.verb, invoices.update.path_of(invoices, "i")) == ("PATCH", "/documents/i")
    assert contract.entities["plans"].path == "/plans"


@pytest.mark.parametrize(
    ("said", "means", "updates"),
    [
        ("true", "updates", True),
        ("false", "refused", False),
        ("ignores", "ignored", False),
        ("doubles", "doubles", False),
        ("{value: no, tag: D}", "refused", False),
    ],
)
def test_given_what_a_repeated_post_does_when_it_is_laid_over_then_it_is_known(
    said: str, means: str, updates: bool
) -> None:
    plans = corrected(f"entities: {{plans: {{post_updates: {said}}}}}").entities["plans"]
    assert (plans.repeated_post, plans.post_updates) == (means, updates)


def test_given_facts_of_an_entity_when_they_are_laid_over_then_they_are_its() -> None:
    contract = corrected(
        """
        access: {api_key_header: Authorization, api_key_prefix: Bearer}
        nulls: false
        answers:
          already_exists: {words: [Identifier is NOT available]}
          unknown_reference: {statuses: 404, detail_matches: "orphan"}
        entities:
          customers:
            retrievable: off
            operations: {create: {absent: true}}
            fields:
              name: {required: false}
              vat_number: {type: text, required: true}
          invoices:
            operations: {update: {absent: true}}
          credit_notes:
            absent: true
            fields: {amount: {minimum: none}}
        """
    )
    customers = contract.entities["customers"]
    assert (contract.api_key_header, contract.api_key_prefix) == ("Authorization", "Bearer ")
    assert not contract.nulls_clear
    exists, unknown = contract.answers["already_exists"], contract.answers["unknown_reference"]
    assert exists.fits(422, "The identifier is not available.")
    assert exists.fits(409, "already exists")
    assert (unknown.fits(404, "an Orphan"), unknown.fits(422, "an orphan"), unknown.fits(404, "not found")) == (
        True,
        False,
        False,
    )
    assert (customers.retrievable, customers.create, customers.required) == (False, None, {"id", "vat_number"})
    assert contract.entities["invoices"].update is None
    notes = contract.entities["credit_notes"]
    assert notes.absent
    assert next(field.minimum for field in notes.fields if field.name == "amount") is None


def test_given_another_form_of_errors_when_it_is_laid_over_then_they_are_read_so() -> None:
    contract = corrected(
        """
        errors: {key: message, inside: {keys: [fault], flags: []}}
        entities: {customers: {called: [debtor]}}
        """
    )
    interpreter = Interpreter(contract)
    invoices = contract.entities["invoices"]

    def read(status: int, content: bytes) -> Kind:
        return interpreter.read(contract.create, invoices, status, {}, content).kind

    assert read(422, b'{"message":"Debtor not found"}') is Kind.UNKNOWN_REFERENCE
    assert read(422, b'{"detail":"Debtor not found"}') is Kind.RETRY
    assert read(200, b'{"detail":"done","success":false}') is Kind.ACCEPTED
    assert read(200, b'{"fault":"no"}') is Kind.RETRY


def test_given_an_entity_that_does_not_exist_when_others_refer_to_it_then_nobody_waits_for_it() -> None:
    entities = corrected("entities: {plans: {absent: true}, invoices: {absent: yes}}").entities
    assert "plans" not in {one.entity for one in entities["subscriptions"].references}
    assert {one.entity for one in entities["invoice_lines"].references} == {"subscriptions"}
    # They are fields still: that they can't be sent is another fact.
    assert "invoice_id" in {field.name for field in entities["invoice_lines"].fields}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1, column 1: must be a mapping"),
        ("- version: 1", "line 1, column 1: must be a mapping"),
        ("entities: {}", "line 1, column 1: `version: 1` is missing"),
        ("version: 2", "line 1, column 10: `version` must be one of 1"),
        ("version: 1\n a: b: c", "line 2, column 3: isn't YAML"),
        ("version: 1\nentitties: {}", "line 2, column 1: `entitties` isn't known; did you mean `entities`?"),
        (
            "version: 1\nentities:\n  clients: {}",
            "line 3, column 3: `entities.clients` isn't known; there are `products`",
        ),
        (
            "version: 1\nentities: {customers: {fields: {zip: {name: x}}}}",
            "line 2, column 33: `entities.customers.fields.zip` isn't known; there are",
        ),
        (
            "version: 1\nentities: {customers: {fields: {x.y: {type: text}}}}",
            "line 2, column 33: `entities.customers.fields.x.y` must be the name of a field",
        ),
        (
            "version: 1\nbase_url: https://x",
            "line 2, column 1: `base_url` can't be set here: use the setting `base_url`",
        ),
        ("version: 1\naccess: {api_key: k}", "line 2, column 10: `access.api_key` can't be set here"),
        ("version: 1\namounts: pence", "line 2, column 10: `amounts` must be one of major, cents, hundredths"),
        ("version: 1\namounts: cents\namounts: major", "line 3, column 1: `amounts` is there twice"),
        ("version: 1\nnulls: maybe", "line 2, column 8: `nulls` must be true or false"),
        ("version: 1\noperations: {update: {path: '{path}'}}", "`operations.update.path` must be a path such as"),
        ("version: 1\noperations: {update: {verb: SEND}}", "`operations.update.verb` must be one of POST, PUT"),
        ("version: 1\noperations: PUT", "line 2, column 13: `operations` must be a mapping with `create`"),
        ("version: 1\nentities: {plans: {path: plans}}", "`entities.plans.path` must be a path such as /customers"),
        ("version: 1\nentities: {plans: {retrievable: {is: no}}}", "`entities.plans.retrievable.is` isn't known"),
        ("version: 1\nentities: {plans: {retrievable: [no]}}", "`entities.plans.retrievable` must be one value"),
        (
            "version: 1\nentities: {invoices: {fields: {status: {enum: {opened: o}}}}}",
            "has opened; on the left are the connector's words: open, paid, unpaid",
        ),
        ("version: 1\nanswers: {invalid: {detail_matches: '('}}", "must be a regular expression"),
        ("version: 1\nanswers: {invalid: {statuses: [ok]}}", "must be a whole number"),
        (
            "version: 1\nentities: {plans: {fields: {name: {unit: cents}}}}",
            "`entities.plans.fields.name.unit` isn't known",
        ),
    ],
)
def test_given_a_mistake_when_the_text_is_read_then_its_line_and_column_are_told(text: str, words: str) -> None:
    assert words in mistakes(text)


def test_given_several_mistakes_when_the_text_is_read_then_all_are_told_at_once_as_far_as_they_fit() -> None:
    told = mistakes("version: 1\n" + "\n".join(f"x{number}: 1" for number in range(8)))
    assert told.count("isn't known") == 5
    assert told.endswith("; and 3 more")


WORDS = st.sampled_from(["no", "on", "off", "yes", "true", "null", "~", "1", "1.0", "2026-01-01", "NO"])


@given(WORDS)
def test_given_a_word_that_yaml_takes_for_something_else_when_it_is_read_then_it_stays_a_word(word: str) -> None:
    text = f"version: 1\nentities: {{invoices: {{fields: {{status: {{enum: {{open: {word}}}}}}}}}}}"
    assert read_overlay(text) == {("entities", "invoices", "fields", "status", "words"): {"open": word}}


@given(st.text(max_size=200))
@example("{{}}")
@example("? [version]\n: 1")
@example("version: 1\n? {entities: 1}\n: 2")
def test_given_any_text_at_all_when_it_is_read_then_it_is_refused_in_words(text: str) -> None:
    # Nothing that hypothesis writes begins with `version: 1`.
    assert mistakes(text)


def test_given_lists_when_they_are_laid_over_then_an_entity_s_own_words_go_before_those_of_all() -> None:
    contract = corrected(
        """
        operations:
          list: {pages: number, size_parameter: per_page, size: 50}
        entities:
          customers: {operations: {list: {pages: cursor, items: data, next: {value: meta.next, tag: A}}}}
          plans: {operations: {list: {pages: none}}}
        """
    )
    customers, products = contract.entities["customers"].listing, contract.entities["products"].listing
    assert contract.entities["plans"].listing is None
    assert products == Listing("number", parameter="page", size=50, size_parameter="per_page")
    assert customers == replace(products, pages="cursor", parameter="cursor", items="data", next="meta.next")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("pages: sideways", "must be one of number, offset, cursor, last_id, link, none"),
        ("size: 0", "must be a number of objects from 1 to 1000"),
        ("size: many", "must be a whole number"),
        ("first: 2", "must be 0 or 1"),
        ("path: '{path}/{id}'", "must be the path of a list, without {id}"),
        ("path: 'clients?all=1'", "must be a path"),
        ("parameter: 'page='", "must be the name of a query parameter"),
        ("items: data..x", "must be a place in the answer"),
        ("query: 'a=1&b'", "must be query parameters such as"),
        ("page_size: 10", "isn't known; did you mean"),
    ],
)
def test_given_a_list_that_can_t_be_when_it_is_laid_over_then_that_is_told(said, problem) -> None:
    told = mistakes(f"version: 1\noperations:\n  list:\n    {said}\n")
    assert told.startswith("line 4, column ")
    assert "`operations.list." in told
    assert problem in told
