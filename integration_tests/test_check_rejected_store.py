"""`check` through the command line, with a place for rejected records: it is proved, and left as it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.accounts import Account
from integration_tests.orchestrator import Platform, Seen
from unit_tests.reporting.s3_servers import KEY_ID, REGION, SECRET, S3Server, running_s3


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


def check(platform: Platform, account: Account, url: str, **settings: object) -> Seen:
    seen = platform.check(account.config(rejected_records_url=url, **settings))
    assert (seen.exit_code, seen.errors, seen.noise, seen.stderr) == (0, [], [], "")
    said = "".join(seen.spoken)
    assert [secret for secret in (SECRET, KEY_ID, account.api_key) if secret in said] == []
    return seen


def in_s3(s3: S3Server, **settings: object) -> dict[str, object]:
    access = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET, "aws_region": REGION}
    return {**access, "s3_endpoint_url": s3.url, **settings}


def test_given_a_folder_when_checked_then_it_is_writable_and_as_before(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    seen = check(platform, account, str(tmp_path / "new" / "folder"))
    assert seen.statuses == [{"status": "SUCCEEDED"}]
    assert list(tmp_path.iterdir()) == []


def test_given_a_folder_that_cannot_be_when_checked_then_the_setting_is_named(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    (status,) = check(platform, account, str(tmp_path / "file" / "folder")).statuses
    assert status["status"] == "FAILED"
    assert re.search("`rejected_records_url`.*not a directory", status["message"])


def test_given_a_bucket_when_checked_then_it_is_writable_and_as_before(
    platform: Platform, account: Account, s3: S3Server
) -> None:
    assert check(platform, account, "s3://rejected/x", **in_s3(s3)).statuses == [{"status": "SUCCEEDED"}]
    assert s3.objects() == {}


def test_given_no_such_bucket_when_checked_then_the_setting_is_named(
    platform: Platform, account: Account, s3: S3Server
) -> None:
    (status,) = check(platform, account, "s3://nowhere/x", **in_s3(s3)).statuses
    assert status["status"] == "FAILED"
    assert re.search("`rejected_records_url`.*s3://nowhere/x.*the bucket doesn't exist", status["message"])


def test_given_a_wrong_secret_when_checked_then_it_is_not_shown(
    platform: Platform, account: Account, s3: S3Server
) -> None:
    key_id, _ = s3.allowed("s3:PutObject")
    with s3.checking_rights():
        seen = check(platform, account, "s3://rejected/x", **in_s3(s3, aws_access_key_id=key_id))
    (status,) = seen.statuses
    assert status["status"] == "FAILED"
    assert "`aws_secret_access_key`" in status["message"]
    assert key_id not in "".join(seen.spoken)


def test_given_an_api_that_refuses_the_key_when_checked_then_nothing_is_written(
    platform: Platform, account: Account, tmp_path: Path
) -> None:
    seen = check(platform, account, str(tmp_path / "file"), api_key="another-key-0123")
    assert "`rejected_records_url`" not in seen.statuses[0]["message"]
    assert list(tmp_path.iterdir()) == []
