"""`object_storage_config`: Airbyte's common form of where rejected records go, up to the files in the bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from destination_fincome.codes import Code
from destination_fincome.connection.config import parse_config, secret_values
from destination_fincome.failure import ConfigFailure
from destination_fincome.reporting import storage
from destination_fincome.reporting.rejected_records import RejectedRecords, Rejection
from unit_tests.reporting.s3_servers import KEY_ID, REGION, SECRET, S3Server, running_s3

KEY = {"api_key": "the-api-key-of-the-tests"}
BUCKET = {"storage_type": "S3", "s3_bucket_name": "rejected", "s3_bucket_region": REGION, "bucket_path": "/a//b/"}


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


@pytest.fixture(autouse=True)
def no_credentials_of_the_machine(monkeypatch: pytest.MonkeyPatch, s3: S3Server) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3.url)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def config_of(**settings: Any) -> dict[str, Any]:
    return {**KEY, "object_storage_config": {**BUCKET, **settings}}


def written(document: dict[str, Any], sync_id: int | None) -> RejectedRecords:
    """Store one rejected record where a config says."""
    place = parse_config(document).rejected_place(sync_id)
    assert place
    records = RejectedRecords.open(*place)
    records.add(Rejection("invoices", "in_1", "invoices", Code.INVALID_FIELD, "date", "is no date", b'{"id":"in_1"}'))
    records.flush()
    return records


def keys(s3: S3Server) -> dict[str, str]:
    return {"access_key_id": KEY_ID, "secret_access_key": SECRET, "s3_endpoint": s3.url}


@pytest.mark.parametrize(("sync_id", "folder"), [(4711, "a/b/4711/"), (None, "a/b/")])
def test_the_files_of_a_sync_are_in_a_folder_with_its_number_where_the_platform_looks(
    s3: S3Server, sync_id: int | None, folder: str
) -> None:
    before = set(s3.objects())
    records = written(config_of(**keys(s3)), sync_id)
    (name,) = set(s3.objects()) - before
    assert name.startswith(f"{folder}rejected-")
    assert records.location == f"s3://rejected/{folder}".rstrip("/")
    assert json.loads(s3.objects()[name])["record"] == {"id": "in_1"}


def test_a_role_is_taken_on_and_its_keys_are_used(s3: S3Server) -> None:
    key_id, secret = s3.allowed("sts:AssumeRole")
    role = s3.role("s3:PutObject")
    own = {"access_key_id": key_id, "secret_access_key": secret, "s3_endpoint": s3.url, "bucket_path": "role"}
    with s3.checking_rights():
        written(config_of(**own, role_arn=role), 1)
        with pytest.raises(ConfigFailure, match="access is denied"):
            written(config_of(**own), 1)
    assert len(s3.objects("role/1/")) == 1


def test_a_role_that_may_not_be_taken_on_is_told_by_its_setting(s3: S3Server) -> None:
    key_id, secret = s3.allowed()
    own = {"access_key_id": key_id, "secret_access_key": secret, "s3_endpoint": s3.url}
    role = s3.role("s3:PutObject")
    with s3.checking_rights(), pytest.raises(ConfigFailure, match=r"Check `object_storage_config.role_arn`") as caught:
        written(config_of(**own, role_arn=role), 1)
    assert secret not in caught.value.message + str(caught.value.detail)


def test_the_keys_of_a_role_are_renewed_before_they_expire(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "ROLE_MARGIN_SECONDS", storage.ROLE_SECONDS + 1)
    taken_on = []
    assume = storage._assume_role
    monkeypatch.setattr(storage, "_assume_role", lambda one: taken_on.append(one) or assume(one))
    written(config_of(**keys(s3), role_arn=s3.role("s3:PutObject")), 2)
    assert len(taken_on) == 2


def test_failures_name_the_settings_of_this_form(s3: S3Server) -> None:
    with pytest.raises(ConfigFailure, match=r"^`object_storage_config`: s3://nowhere/a/b/1 .*the bucket doesn't exist"):
        written(config_of(**keys(s3), s3_bucket_name="nowhere"), 1)
    unknown = config_of(**{**keys(s3), "access_key_id": "AKIAUNKNOWNKEY000000"})
    with s3.checking_rights(), pytest.raises(ConfigFailure, match=r"Check `object_storage_config.access_key_id`"):
        written(unknown, 1)


@pytest.mark.parametrize("empty", [{}, {"object_storage_config": None}, {"object_storage_config": {}},
                                   {"object_storage_config": {"storage_type": "None"}}])  # fmt: skip
def test_without_a_bucket_nothing_is_stored(empty: dict[str, Any]) -> None:
    assert parse_config({**KEY, **empty}).rejected_place() is None


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (config_of(s3_bucket_name=None), "`object_storage_config` has no `s3_bucket_name`"),
        (config_of(s3_bucket_name="a/b@HIDDEN"), "`s3_bucket_name` and `bucket_path` name no folder in S3"),
        (config_of(bucket_path="HIDDEN?x"), "`s3_bucket_name` and `bucket_path` name no folder in S3"),
        (config_of(access_key_id=KEY_ID), "`object_storage_config` `access_key_id` and `secret_access_key` belong"),
        (config_of(secret_access_key="HIDDEN"), "`object_storage_config.secret_access_key` is shorter"),
        (config_of(role_arn="HIDDEN HIDDEN"), "`object_storage_config.role_arn` contains characters"),
        (config_of(s3_endpoint="http://HIDDEN.example.com"), "`object_storage_config.s3_endpoint` must start with h"),
        (config_of(storage_type="GCS"), "`object_storage_config.storage_type` should be 'None' or 'S3'"),
        ({**config_of(), "rejected_records_url": "/x"}, "`rejected_records_url` and `object_storage_config` both say"),
    ],
)
def test_a_wrong_setting_is_named_without_its_value(document: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigFailure, match=words) as caught:
        parse_config(document)
    assert "HIDDEN" not in caught.value.message


def test_its_secrets_are_known_so_that_they_are_masked() -> None:
    assert SECRET in secret_values(config_of(access_key_id=KEY_ID, secret_access_key=SECRET))
