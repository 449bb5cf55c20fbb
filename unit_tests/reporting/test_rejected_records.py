"""Where rejected records go: local folders for real, S3 against a real server, GCS's answers scripted."""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import socket
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from destination_fincome.codes import Code
from destination_fincome.connection.config import Config, parse_config, secret_values
from destination_fincome.failure import ConfigFailure, ConnectorFailure, SystemFailure, TransientFailure
from destination_fincome.protocol.specification import spec_message
from destination_fincome.reporting import storage
from destination_fincome.reporting.rejected_records import (
    PART_BYTES,
    RejectedRecords,
    Rejection,
    StorageCredentials,
    parse_place,
)
from destination_fincome.reporting.storage import OWN_NAMES
from unit_tests.reporting.s3_servers import KEY_ID, REGION, SECRET, S3Server, running_s3

NAME = re.compile(r"rejected-\d{8}T\d{6}Z-[0-9a-f]{8}-\d{5}\.jsonl")
NO_CREDENTIALS = StorageCredentials()


def rejection(identity: str = "cus_1", record: bytes | None = b'{"amount":1.00}', message: str = "is no country"):
    return Rejection("src_customers", identity, "customers", Code.INVALID_FIELD, "country", message, record)


def lines(content: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in content.splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def at(folder: Path) -> RejectedRecords:
    return RejectedRecords.open(str(folder), NO_CREDENTIALS)


# --- a local folder


def test_given_rejections_when_flushed_then_each_is_a_line_with_its_reason_and_its_record(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    rejected = at(tmp_path)
    rejected.add(rejection())
    rejected.add(Rejection("lines", "(no id)", "invoice_lines", Code.REFUSED_BY_API, None, "is late", None))
    rejected.flush()
    ((name, content),) = files(tmp_path).items()
    first, second = lines(content)
    assert NAME.fullmatch(name)
    assert before <= datetime.fromisoformat(first.pop("time").replace("Z", "+00:00")) <= datetime.now(UTC)
    assert first == {
        "stream": "src_customers",
        "entity": "customers",
        "id": "cus_1",
        "code": "invalid_field",
        "field": "country",
        "message": "is no country",
        "version": None,
        "origin": None,
        "record": {"amount": 1.0},
    }
    assert (second["id"], second["field"], second["record"]) == ("(no id)", None, None)
    assert rejected.stored == 2


def test_given_numbers_that_no_float_holds_when_flushed_then_the_record_is_as_it_came(tmp_path: Path) -> None:
    record = b'{"amount":1.10,"big":123456789012345678901234567890,"small":0.1000000000000000000001,"e":"\\u00e9"}'
    rejected = at(tmp_path)
    rejected.add(rejection(record=record))
    rejected.flush()
    assert record in next(iter(files(tmp_path).values()))


@given(st.lists(st.tuples(st.text(), st.text(), st.dictionaries(st.text(), st.text())), min_size=1, max_size=5))
def test_given_any_texts_when_flushed_then_there_are_as_many_lines_as_rejections(
    tmp_path_factory: pytest.TempPathFactory, given_texts: list[tuple[str, str, dict[str, str]]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    rejected = at(folder)
    for identity, message, record in given_texts:
        rejected.add(rejection(identity, json.dumps(record, indent=1).encode(), message))
    rejected.flush()
    (content,) = files(folder).values()
    found = [json.loads(line) for line in content.decode().removesuffix("\n").split("\n")]
    assert [(one["id"], one["message"], one["record"]) for one in found] == given_texts


def test_given_several_flushes_when_looked_at_then_each_made_one_file_with_what_was_new(tmp_path: Path) -> None:
    rejected = at(tmp_path)
    for number in range(3):
        rejected.add(rejection(str(number)))
        rejected.flush()
        rejected.flush()
    found = files(tmp_path)
    assert [name[-11:] for name in found] == ["00001.jsonl", "00002.jsonl", "00003.jsonl"]
    assert [[line["id"] for line in lines(content)] for content in found.values()] == [["0"], ["1"], ["2"]]


def test_given_nothing_added_when_flushed_then_nothing_is_written(tmp_path: Path) -> None:
    rejected = at(tmp_path / "new")
    rejected.flush()
    assert files(tmp_path) == {}


def test_given_two_syncs_at_the_same_place_when_flushed_then_both_files_are_there(tmp_path: Path) -> None:
    for identity in "ab":
        rejected = at(tmp_path)
        rejected.add(rejection(identity))
        rejected.flush()
    assert {lines(content)[0]["id"] for content in files(tmp_path).values()} == {"a", "b"}


def test_given_a_folder_that_is_missing_when_flushed_then_folder_and_file_are_private(tmp_path: Path) -> None:
    rejected = RejectedRecords.open(f"file://{tmp_path}/outer%20one/inner/", NO_CREDENTIALS)
    rejected.add(rejection())
    rejected.flush()
    folder = tmp_path / "outer one" / "inner"
    (file,) = folder.iterdir()
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder.parent, folder, file)]
    assert modes == [0o700, 0o700, 0o600]
    assert rejected.location == str(folder)


def test_given_a_folder_of_the_users_when_flushed_then_its_mode_stays(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    rejected = at(tmp_path)
    rejected.add(rejection())
    rejected.flush()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_given_a_full_disk_when_flushed_then_no_half_file_is_left_and_the_next_flush_has_it_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rejected = at(tmp_path)
    rejected.add(rejection("before"))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(SystemFailure, match="no space left"):
            rejected.flush()
    assert files(tmp_path) == {}
    assert rejected.stored == 0
    rejected.add(rejection("after"))
    rejected.flush()
    ((name, content),) = files(tmp_path).items()
    assert name.endswith("-00001.jsonl")
    assert [line["id"] for line in lines(content)] == ["before", "after"]


def test_given_more_than_memory_should_hold_when_added_then_parts_are_written_meanwhile(tmp_path: Path) -> None:
    rejected = at(tmp_path)
    record = json.dumps({"note": "x" * 20_000}).encode()
    number = 4 * PART_BYTES // len(record)
    tracemalloc.start()
    try:
        for identity in range(number):
            rejected.add(rejection(str(identity), record))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(files(tmp_path)) >= 3
    assert peak < 3 * PART_BYTES
    rejected.flush()
    found = [line["id"] for content in files(tmp_path).values() for line in lines(content)]
    assert found == [str(identity) for identity in range(number)]


@pytest.mark.parametrize(
    ("place", "words"),
    [("a_file/inside", "not a directory"), ("a_file", "not a directory"), ("/proc/nothing/here", "no such file")],
)
def test_given_no_folder_that_can_be_written_when_flushed_or_proved_then_the_user_is_told(
    tmp_path: Path, place: str, words: str
) -> None:
    (tmp_path / "a_file").write_text("mine")
    rejected = at(tmp_path / place)
    rejected.add(rejection("SECRET-ID", b'{"a":"SECRET-VALUE"}'))
    for action in (rejected.flush, rejected.prove_writable):
        with pytest.raises(ConfigFailure, match=rf"^`rejected_records_url`: .*{words}.*Choose a folder") as caught:
            action()
        assert "SECRET" not in caught.value.message + (caught.value.detail or "")
    assert files(tmp_path) == {"a_file": b"mine"}


@contextmanager
def as_an_ordinary_user() -> Iterator[None]:
    """Root may write everywhere: be nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_given_a_folder_without_the_right_to_write_when_proved_then_the_user_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with as_an_ordinary_user(), pytest.raises(ConfigFailure, match="permission denied"):
        at(tmp_path).prove_writable()


@pytest.mark.parametrize("place", [".", "new", "new/and/deep"])
def test_given_a_local_place_when_proved_then_it_is_as_before(tmp_path: Path, place: str) -> None:
    (tmp_path / "mine.jsonl").write_text("mine")
    at(tmp_path / place).prove_writable()
    assert files(tmp_path) == {"mine.jsonl": b"mine"}


# --- the URL


GOOD_URLS = {
    "/data/rejected/": "/data/rejected",
    "//data//rejected": "/data/rejected",
    "file:///data/a%20b": "/data/a b",
    "s3://bucket": "s3://bucket",
    "s3://bucket//a//b/": "s3://bucket/a/b",
    "gs://my.bucket-1/a b": "gs://my.bucket-1/a b",
}
BAD_URLS = {
    "": "is no place for files",
    "data/rejected": "is no place for files",
    "ftp://host/x": "is no place for files",
    "https://bucket.s3.amazonaws.com/x": "is no place for files",
    "s3:bucket": "no usable name of a bucket",
    "s3://": "no usable name of a bucket",
    "s3:///x": "no usable name of a bucket",
    "s3://-x/y": "no usable name of a bucket",
    "s3://b[/x": "is no place for files",
    "s3://AKIA:HIDDEN@bucket/x": "must hold no key or password",
    "s3://bucket/x?HIDDEN=1": r"no \? and no #",
    "gs://bucket/x#HIDDEN": r"no \? and no #",
    "/data/\0": "is no place for files",
    "file://HIDDEN/share": "is no place for files",
}


@pytest.mark.parametrize(("url", "place"), GOOD_URLS.items())
def test_given_a_place_when_parsed_then_it_is_understood(url: str, place: str) -> None:
    assert str(parse_place(url)) == place


@pytest.mark.parametrize(("url", "words"), BAD_URLS.items())
def test_given_no_place_when_opened_then_the_user_is_told_what_to_write(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        RejectedRecords.open(url, NO_CREDENTIALS)
    assert "HIDDEN" not in str(caught.value)


# --- S3


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with running_s3() as server:
        yield server


@pytest.fixture(autouse=True)
def no_credentials_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_"))]:
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_given_s3_when_flushed_then_each_flush_is_an_object_below_the_folder(s3: S3Server) -> None:
    rejected = RejectedRecords.open("s3://rejected/flushed/deep/", s3.credentials())
    for identity in "ab":
        rejected.add(rejection(identity))
        rejected.flush()
        rejected.flush()
    found = s3.objects("flushed/")
    assert [[line["id"] for line in lines(content)] for content in found.values()] == [["a"], ["b"]]
    assert all(NAME.fullmatch(name.removeprefix("flushed/deep/")) for name in found)
    assert lines(found.popitem()[1])[0]["record"] == {"amount": 1.0}


def test_given_a_bucket_without_folder_when_flushed_then_the_object_is_at_its_top(s3: S3Server) -> None:
    rejected = RejectedRecords.open("s3://rejected", s3.credentials())
    rejected.add(rejection())
    rejected.flush()
    assert any(NAME.fullmatch(name) for name in s3.objects())


def test_given_s3_when_proved_then_nothing_is_left_behind(s3: S3Server) -> None:
    before = s3.objects()
    RejectedRecords.open("s3://rejected/proved", s3.credentials()).prove_writable()
    assert s3.objects() == before


def test_given_a_user_who_may_only_create_objects_when_used_then_that_is_enough(
    s3: S3Server, caplog: pytest.LogCaptureFixture
) -> None:
    credentials = s3.credentials(*s3.allowed("s3:PutObject"))
    rejected = RejectedRecords.open("s3://rejected/create_only", credentials)
    rejected.add(rejection())
    with s3.checking_rights(), caplog.at_level(logging.INFO, "airbyte"):
        rejected.flush()
        rejected.prove_writable()
    found = s3.objects("create_only/")
    (probe,) = [name for name, content in found.items() if not content]
    assert len(found) == 2
    assert probe.rpartition("/")[2] in caplog.text


def closed_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def answering(stack: ExitStack, status: int, text: str) -> str:
    server = stack.enter_context(HTTPServer("127.0.0.1"))
    server.expect_request(re.compile("/.*")).respond_with_data(text, status, content_type="text/html")
    return server.url_for("").rstrip("/")


def silent(stack: ExitStack) -> str:
    listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


Opened = Callable[[S3Server, ExitStack], tuple[str, StorageCredentials]]
S3_FAILURES: dict[str, tuple[Opened, type[ConnectorFailure], str]] = {
    "a bucket that doesn't exist": (
        lambda s3, _: ("s3://nowhere/x", s3.credentials()),
        ConfigFailure,
        "the bucket doesn't exist",
    ),
    "a key that nobody has": (
        lambda s3, _: ("s3://rejected/x", s3.credentials()),
        ConfigFailure,
        "doesn't know the access key. Check `aws_access_key_id`",
    ),
    "a wrong secret": (
        lambda s3, _: ("s3://rejected/x", s3.credentials(s3.allowed("s3:PutObject")[0])),
        ConfigFailure,
        "secret key doesn't belong to the access key. Check `aws_secret_access_key`",
    ),
    "a user without rights": (
        lambda s3, _: ("s3://rejected/x", s3.credentials(*s3.allowed())),
        ConfigFailure,
        "access is denied.*s3:PutObject",
    ),
    "no credentials": (
        lambda s3, _: ("s3://rejected/x", StorageCredentials(s3_endpoint_url=s3.url)),
        ConfigFailure,
        "no credentials.*`aws_access_key_id`",
    ),
    "no region": (
        lambda s3, _: ("s3://rejected/x", StorageCredentials(KEY_ID, SECRET, "nowhere/")),
        ConfigFailure,
        "Set `aws_region`",
    ),
    "a port that refuses": (
        lambda s3, _: ("s3://rejected/x", s3.credentials(url=closed_port())),
        TransientFailure,
        "can't be reached.*`s3_endpoint_url`",
    ),
    "a server without TLS": (
        lambda s3, stack: (
            "s3://rejected/x",
            s3.credentials(url=answering(stack, 200, "").replace("http:", "https:")),
        ),
        ConfigFailure,
        "no secure connection.*`s3_endpoint_url`",
    ),
    "a web page instead of S3": (
        lambda s3, stack: ("s3://rejected/x", s3.credentials(url=answering(stack, 200, "<html>Hello</html>"))),
        ConfigFailure,
        "doesn't answer as such a store does. Check `s3_endpoint_url`",
    ),
    "a store that is down": (
        lambda s3, stack: ("s3://rejected/x", s3.credentials(url=answering(stack, 503, f"{SECRET} sorry"))),
        TransientFailure,
        "overloaded or out of order",
    ),
    "a server that never answers": (
        lambda s3, stack: ("s3://rejected/x", s3.credentials(url=silent(stack))),
        TransientFailure,
        "did not answer in time",
    ),
}


@pytest.mark.parametrize("case", S3_FAILURES)
def test_given_s3_that_fails_when_used_then_the_user_is_told_what_to_do_and_nothing_secret(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    monkeypatch.setattr(storage, "PUT_SECONDS", 1 if "never" in case else 20)
    opened, kind, words = S3_FAILURES[case]
    with ExitStack() as stack:
        url, credentials = opened(s3, stack)
        rejected = RejectedRecords.open(url, credentials)
        rejected.add(rejection("PRIVATE-ID", b'{"name":"PRIVATE-NAME"}'))
        if case != "a bucket that doesn't exist":
            stack.enter_context(s3.checking_rights())
        with pytest.raises(kind, match=f"^`rejected_records_url`: {url} can't be written: .*{words}") as caught:
            rejected.flush()
    said = caught.value.message + (caught.value.detail or "") + caplog.text
    hidden = (SECRET, KEY_ID, credentials.aws_access_key_id, credentials.aws_secret_access_key, "PRIVATE")
    assert [secret for secret in hidden if secret and secret in said] == []
    assert rejected.stored == 0


def test_given_credentials_and_rejections_when_shown_then_nothing_secret_is_seen() -> None:
    shown = repr(StorageCredentials(KEY_ID, SECRET, REGION, None, '{"private_key": "hidden"}')) + repr(rejection())
    assert REGION in shown
    assert not re.search(f"{KEY_ID}|{SECRET}|hidden|amount", shown)


# --- GCS: runs where gcsfs is installed (the extra `storage`)


class Google:
    """The routes of Google that are used: a token, an upload, a removal."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.objects: dict[str, bytes] = {}
        self.statuses: dict[str, int] = {}
        server.expect_request(re.compile("/.*")).respond_with_handler(self._handle)

    def credentials(self, key: str) -> StorageCredentials:
        account = {"type": "service_account", "client_email": "a@b.iam", "token_uri": f"{self.url}/token"}
        return StorageCredentials(gcs_credentials_json=json.dumps({**account, "private_key": key}))

    def _handle(self, request: Request) -> Response:
        what = {"/token": "token"}.get(request.path) or {"POST": "create", "DELETE": "remove"}[request.method]
        status = self.statuses.get(what, 200)
        answer: dict[str, Any] = {}
        if status != 200:
            answer = {"error": "invalid_grant" if what == "token" else {"code": status, "message": "HIDDEN"}}
        elif what == "token":
            answer = {"access_token": "HIDDEN-TOKEN", "expires_in": 3600, "token_type": "Bearer"}
        elif what == "create":
            _, head, content, _ = re.split(rb"--==0==(?:--)?\n?", request.get_data())
            bucket = request.path.split("/")[5]
            self.objects[f"{bucket}/{json.loads(head.partition(b'{')[2].join([b'{', b'']))['name']}"] = (
                content.partition(b"\n\n")[2].removesuffix(b"\n")
            )
        else:
            _, _, _, _, bucket, _, name = request.path.split("/", 6)
            del self.objects[f"{bucket}/{name}"]
        return Response(json.dumps(answer), status, content_type="application/json")


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


@pytest.fixture
def google(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Google:
    server = Google(httpserver)
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    return server


def test_given_gcs_when_flushed_and_proved_then_only_the_records_are_there(google: Google, private_key: str) -> None:
    rejected = RejectedRecords.open("gs://bucket/deep/folder", google.credentials(private_key))
    rejected.add(rejection())
    rejected.flush()
    rejected.prove_writable()
    ((name, content),) = google.objects.items()
    assert NAME.fullmatch(name.removeprefix("bucket/deep/folder/"))
    assert lines(content)[0]["record"] == {"amount": 1.0}


def test_given_gcs_where_nothing_may_be_removed_when_proved_then_it_is_writable(
    google: Google, private_key: str, caplog: pytest.LogCaptureFixture
) -> None:
    google.statuses["remove"] = 403
    with caplog.at_level(logging.INFO, "airbyte"):
        RejectedRecords.open("gs://bucket/x", google.credentials(private_key)).prove_writable()
    assert "stays there" in caplog.text


@pytest.mark.parametrize(
    ("what", "status", "words"),
    [
        ("token", 400, "refuses the credentials"),
        ("create", 401, "refuses the credentials"),
        ("create", 403, "access is denied"),
        ("create", 404, "the bucket doesn't exist"),
    ],
)
def test_given_gcs_that_refuses_when_used_then_the_user_is_told_at_once(
    google: Google, private_key: str, caplog: pytest.LogCaptureFixture, what: str, status: int, words: str
) -> None:
    google.statuses[what] = status
    with pytest.raises(ConfigFailure, match=words) as caught:
        RejectedRecords.open("gs://bucket/x", google.credentials(private_key)).prove_writable()
    assert "HIDDEN" not in caught.value.message + (caught.value.detail or "") + caplog.text


def test_given_a_broken_service_account_when_opened_then_the_user_is_told(google: Google) -> None:
    for key in ("", "-----BEGIN PRIVATE KEY-----\nHIDDEN\n-----END PRIVATE KEY-----\n"):
        with pytest.raises(ConfigFailure, match="`gcs_credentials_json` holds no usable key") as caught:
            RejectedRecords.open("gs://bucket/x", google.credentials(key))
        assert "HIDDEN" not in caught.value.message + (caught.value.detail or "")


def test_given_no_credentials_of_google_when_opened_then_the_user_is_told(
    google: Google, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    with pytest.raises(ConfigFailure, match=r"no credentials.*`gcs_credentials_json`"):
        RejectedRecords.open("gs://bucket/x", NO_CREDENTIALS)


# --- the settings


KEY = {"api_key": "the-api-key-of-the-tests"}
ACCOUNT = json.dumps(
    {"type": "service_account", "private_key": "-----BEGIN-----\nHIDDEN-PEM\n-----END-----\n"}, indent=2
)


def test_given_settings_when_parsed_then_the_credentials_are_theirs() -> None:
    given = {"aws_access_key_id": f" {KEY_ID}\n", "aws_secret_access_key": SECRET, "aws_region": REGION}
    config = parse_config(
        {
            **KEY,
            **given,
            "rejected_records_url": "s3://b17/x",
            "s3_endpoint_url": "http://localhost:9000/",
            "gcs_credentials_json": ACCOUNT,
        }
    )
    place = config.rejected_place()
    assert place
    assert place[:2] == ("s3://b17/x", StorageCredentials(KEY_ID, SECRET, REGION, "http://localhost:9000", ACCOUNT))
    assert parse_config({**KEY, **given}).rejected_place() is None
    blank = parse_config({**KEY, "rejected_records_url": "/x", "gcs_credentials_json": " ", "aws_region": " "})
    assert blank.rejected_place() == ("/x", NO_CREDENTIALS, OWN_NAMES)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rejected_records_url": "HIDDEN"}, "`rejected_records_url` is no place for files"),
        ({"aws_access_key_id": KEY_ID}, "`aws_access_key_id` and `aws_secret_access_key` belong together"),
        ({"aws_secret_access_key": SECRET}, "`aws_access_key_id` and `aws_secret_access_key` belong together"),
        ({"aws_access_key_id": KEY_ID, "aws_secret_access_key": "HIDDEN"}, "`aws_secret_access_key` is shorter than 8"),
        ({"aws_access_key_id": "HIDDEN KEY"}, "`aws_access_key_id` contains characters"),
        (
            {"s3_endpoint_url": "http://HIDDEN.example.com"},
            "`s3_endpoint_url` must start with https.*the rejected records",
        ),
        ({"s3_endpoint_url": "HIDDEN"}, "`s3_endpoint_url` is not a URL: use one such as https://minio"),
        ({"gcs_credentials_json": "HIDDEN"}, "`gcs_credentials_json` is no key of a service account"),
        ({"gcs_credentials_json": '{"type": "HIDDEN"}'}, "`gcs_credentials_json` is no key of a service account"),
        ({"gcs_credentials_json": "[]"}, "`gcs_credentials_json` is no key of a service account"),
    ],
)
def test_given_a_wrong_setting_when_parsed_then_it_is_named_without_its_value(
    settings: dict[str, str], words: str
) -> None:
    with pytest.raises(ConfigFailure, match=words) as caught:
        parse_config({**KEY, **settings})
    assert "HIDDEN" not in caught.value.message


def test_given_a_config_when_its_secrets_are_asked_for_then_they_are_there_as_json_spells_them_too() -> None:
    document = {"api_key": 'with-"quotes"', "aws_secret_access_key": f" {SECRET} ", "aws_access_key_id": "short"}
    found = secret_values({**document, "gcs_credentials_json": ACCOUNT, "base_url": "http://no-secret-at-all"})
    line = json.dumps({"config": document, "account": ACCOUNT, "pem": json.loads(ACCOUNT)["private_key"]})
    for secret in found:
        line = line.replace(secret, "****")
    assert not re.search(f"with-|quotes|{SECRET}|HIDDEN", line)
    assert "http://no-secret-at-all" not in found
    assert all(len(secret) >= 8 for secret in found)
    assert secret_values({"api_key": 5}) == secret_values({}) == []


def properties() -> dict[str, dict[str, Any]]:
    return dict(spec_message()["spec"]["connectionSpecification"]["properties"])


def test_given_the_form_when_compared_with_the_config_then_the_same_settings_are_secret() -> None:
    secret = {name for name, one in Config.model_fields.items() if "SecretStr" in str(one.annotation)}
    assert secret == {name for name, one in properties().items() if one.get("airbyte_secret")}
    assert str(SecretStr("x")) == "**********"


def test_given_the_form_when_its_orders_are_read_then_they_have_no_gaps() -> None:
    assert [one["order"] for one in properties().values()] == list(range(len(properties())))


@pytest.mark.parametrize("url", [*GOOD_URLS, *properties()["rejected_records_url"]["examples"]])
def test_given_a_good_url_when_typed_into_the_form_then_it_is_taken(url: str) -> None:
    assert re.search(properties()["rejected_records_url"]["pattern"], url)
    parse_place(url)
