"""Stored files are listed, read and claimed: in a local folder, and on a real S3 server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from destination_fincome.failure import ConfigFailure, TransientFailure
from destination_fincome.reporting.storage import StorageCredentials, Store, open_store, parse_place
from unit_tests.reporting.s3_servers import S3Server, running_s3


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        return open_store(parse_place(str(tmp_path)), StorageCredentials())
    server: S3Server = request.getfixturevalue("s3")
    return open_store(parse_place(f"s3://rejected/{tmp_path.name}"), server.credentials())


def test_given_files_when_listed_then_all_are_named_from_the_place_on(store: Store, tmp_path: Path) -> None:
    assert store.names() == []
    store.put("b.jsonl", b"2")
    store.put("a.jsonl", b"1")
    if (tmp_path / "a.jsonl").exists():
        (tmp_path / "7").mkdir()
        (tmp_path / ".a.jsonl.unfinished").write_bytes(b"not yet")
    store.put("7/c.jsonl", b"3")
    assert store.names() == ["7/c.jsonl", "a.jsonl", "b.jsonl"]
    assert [store.get(name) for name in store.names()] == [b"3", b"1", b"2"]


def test_given_several_at_once_when_a_file_is_claimed_then_one_gets_it(store: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        claims = list(threads.map(lambda number: store.create("claim", b"%d" % number), range(4)))
    assert sorted(claims) == [False, False, False, True]
    assert store.get("claim") == b"%d" % claims.index(True)


def test_given_a_file_that_is_not_there_when_read_then_the_user_is_told(store: Store) -> None:
    with pytest.raises(ConfigFailure, match="can't be read: "):
        store.get("missing.jsonl")


def test_given_credentials_that_may_only_write_when_listed_or_read_then_the_rights_are_named(s3: S3Server) -> None:
    key_id, secret = s3.allowed("s3:PutObject")
    store = open_store(parse_place("s3://rejected/rights"), s3.credentials(key_id, secret))
    store.put("a.jsonl", b"1")
    with s3.checking_rights():
        for act in (store.names, lambda: store.get("a.jsonl")):
            with pytest.raises(ConfigFailure, match=r"can't be read: access is denied.*s3:ListBucket, s3:GetObject"):
                act()


def test_given_nobody_there_when_listed_then_it_is_passing_trouble(s3: S3Server) -> None:
    store = open_store(parse_place("s3://rejected/x"), s3.credentials(url="http://127.0.0.1:9"))
    with pytest.raises(TransientFailure, match="can't be read"):
        store.names()


def test_given_a_file_when_asked_for_its_time_then_it_is_that_of_its_last_writing(store: Store) -> None:
    begun = time.time()
    store.put("memory", b"1")
    # Stores count whole seconds.
    assert begun - 1.5 < store.changed_at("memory") < time.time() + 1.5
    with pytest.raises(ConfigFailure, match="can't be read"):
        store.changed_at("missing")
