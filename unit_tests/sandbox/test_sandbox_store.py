"""What only a look into the store can prove."""

from pathlib import Path

import pytest

from fincome_sandbox.contract import load_contract
from fincome_sandbox.exact_json import same, write
from fincome_sandbox.store import Store, StoreError

CONTRACT = load_contract()


@pytest.mark.parametrize(
    ("entity", "body", "orphans"),
    [
        ("invoices", {"customer_id": "c"}, 0),
        ("invoices", {"customer_id": "gone"}, 1),
        ("invoices", {"customer_id": "gone", "subscription_id": "gone"}, 2),
        ("customers", {"root_parent_id": "c"}, 0),
        ("customers", {"root_parent_id": "gone"}, 1),
        ("credit_notes", {"lines": [{"invoice_line_id": "l"}, {"id": "no reference"}]}, 0),
        ("credit_notes", {"lines": [{"invoice_line_id": "gone"}, {"invoice_line_id": "c"}]}, 2),
    ],
)
def test_a_reference_to_nothing_is_an_orphan(
    tmp_path: Path, entity: str, body: dict[str, object], orphans: int
) -> None:
    store = Store(tmp_path / "store", durable=False)
    store.put("customers", "c", '{"id": "c"}')
    store.put("invoice_lines", "l", '{"id": "l"}')
    store.put(entity, "x", write({"id": "x", **body}))
    assert store.orphans(CONTRACT) == orphans
    store.close()


def test_the_file_is_private(tmp_path: Path) -> None:
    Store(tmp_path / "store", durable=True).close()
    assert (tmp_path / "store").stat().st_mode & 0o777 == 0o600


def test_a_file_in_use_is_refused(tmp_path: Path) -> None:
    first = Store(tmp_path / "store", durable=True)
    with pytest.raises(StoreError):
        Store(tmp_path / "store", durable=True)
    first.close()


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, True, False),
        (0, False, False),
        ({"a": [1]}, {"a": [True]}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ([1], [1, 2], False),
        ("1", 1, False),
        (None, None, True),
    ],
)
def test_same(one: object, other: object, expected: bool) -> None:
    assert same(one, other) is expected
