"""What was selected and can't be done, or brings nothing, is told."""

from __future__ import annotations

import pytest

from integration_tests.accounts import Account
from integration_tests.messages import CUSTOMERS, Message, catalog, customer, state
from integration_tests.orchestrator import Platform


def changed(**settings: object) -> Message:
    return catalog({**CUSTOMERS, **settings})


@pytest.mark.parametrize("mode", ["update", "soft_delete", "insert"])
def test_given_a_sync_mode_that_means_something_else_when_synced_then_it_is_refused_and_named(
    platform: Platform, account: Account, mode: str
) -> None:
    seen = platform.sync(account.config(), changed(destination_sync_mode=mode), customer(f"mode-{mode}"))
    kind, message = seen.failure
    assert kind == "config_error"
    assert f"Stream customers has the destination sync mode '{mode}'" in message
    assert account.get("customers", f"mode-{mode}") is None


@pytest.mark.parametrize("mode", ["append", "append_dedup", "overwrite", None])
def test_given_a_sync_mode_of_upserts_when_synced_then_all_is_sent(
    platform: Platform, account: Account, mode: str | None
) -> None:
    seen = platform.sync(account.config(), changed(destination_sync_mode=mode), customer(f"mode-{mode}"))
    assert seen.outcomes("customers") == {"sent": 1}


@pytest.mark.parametrize(
    ("settings", "warns"),
    [
        ({"generation_id": 3, "minimum_generation_id": 3}, True),
        ({"destination_sync_mode": "overwrite"}, True),
        ({"generation_id": 3, "minimum_generation_id": 0}, False),
        ({"generation_id": 0, "minimum_generation_id": 0}, False),
        ({"generation_id": None, "minimum_generation_id": None}, False),
    ],
)
def test_given_what_was_there_is_to_go_when_synced_then_a_warning_says_that_nothing_is_removed(
    platform: Platform, account: Account, settings: dict[str, object], warns: bool
) -> None:
    seen = platform.sync(account.config(), changed(**settings), customer("kept"))
    assert seen.good
    told = [text for text in seen.warnings if "Nothing can be deleted in Fincome" in text]
    assert len(told) == warns
    assert all("the data of customers stays as it is" in text for text in told)


@pytest.mark.parametrize(
    ("settings", "warning", "note"),
    [
        ({"sync_mode": "full_refresh"}, "No record came from customers, though all were asked for", ""),
        ({"sync_mode": "incremental"}, "", "Nothing new came from customers."),
        ({"sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}, "", ""),
    ],
)
def test_given_a_stream_that_brought_nothing_when_synced_then_it_is_a_warning_only_where_all_was_asked_for(
    platform: Platform, account: Account, settings: dict[str, object], warning: str, note: str
) -> None:
    seen = platform.sync(account.config(), changed(**settings), state("customers"))
    assert seen.good
    loud = [text for text in seen.warnings if "customers" in text and "deleted" not in text]
    assert [warning in text for text in loud] == [True] * bool(warning)
    assert [text for text in seen.logs if "Nothing new came" in text] == [note] * bool(note)


def test_given_an_input_that_broke_off_when_a_stream_brought_nothing_then_nobody_says_that_it_is_empty(
    platform: Platform, account: Account
) -> None:
    seen = platform.sync(account.config(), changed(sync_mode="full_refresh"), b"no message")
    assert seen.failure[0] == "system_error"
    assert not [text for text in seen.logs if "No record came" in text]
