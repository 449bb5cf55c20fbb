"""Places that files are put into: a local folder, S3, GCS. Knows nothing of records; its failures speak to the user.

Object stores are reached through fsspec's file systems (`s3fs`, `gcsfs`), which are imported only when they are used.
Their errors quote requests, keys and answers, so that none of their words get into ours: an error is recognised by
its code or its type, and described in words of our own.
"""

from __future__ import annotations

import errno
import functools
import importlib
import json
import logging
import math
import os
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from destination_fincome.failure import ConfigFailure, ConnectorFailure, SystemFailure, TransientFailure

LOGGER = logging.getLogger("airbyte")

CONNECT_SECONDS = 10
READ_SECONDS = 30
# How often one request is tried in all.
ATTEMPTS = 3
# How long one file may take, all its attempts together.
PUT_SECONDS = 120
PROBE_SECONDS = 30
# How long the keys of a role hold, the least that every role allows; they are renewed so long before.
ROLE_SECONDS = 3600
ROLE_MARGIN_SECONDS = 600

_FORMS = "use s3://bucket/folder, gs://bucket/folder or the absolute path of a folder"
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,220}[A-Za-z0-9]")


@dataclass(frozen=True)
class StorageCredentials:
    """How to get into an object store; what is left out is taken from the environment.

    Attributes:
        aws_session_token: what belongs to keys that hold for a while only.
        aws_role_arn: a role to take on with the keys, or with what the environment has.
    """

    aws_access_key_id: str | None = field(default=None, repr=False)
    aws_secret_access_key: str | None = field(default=None, repr=False)
    aws_region: str | None = None
    s3_endpoint_url: str | None = None
    gcs_credentials_json: str | None = field(default=None, repr=False)
    aws_session_token: str | None = field(default=None, repr=False)
    aws_role_arn: str | None = None


@dataclass(frozen=True)
class SettingNames:
    """What the user calls the settings of a place, for messages."""

    place: str = "rejected_records_url"
    key_id: str = "aws_access_key_id"
    secret: str = "aws_secret_access_key"  # noqa: S105 (a name)
    region: str = "aws_region"
    endpoint: str = "s3_endpoint_url"
    role: str = "role_arn"


OWN_NAMES = SettingNames()


@dataclass(frozen=True)
class Place:
    """A parsed URL: its scheme (`file`, `s3`, `gs`), and a path (absolute, or bucket/prefix), no slash at its end."""

    scheme: str
    path: str
    names: SettingNames = OWN_NAMES

    def __str__(self) -> str:
        return self.path if self.scheme == "file" else f"{self.scheme}://{self.path}"


def parse_place(url: str, names: SettingNames = OWN_NAMES) -> Place:
    """Understand where a user wants files.

    Args:
        names: what the user's settings are called, for the failures of the place.

    Raises:
        ValueError: in words for the user, without the URL.
    """
    if "\0" in url or "\n" in url:
        raise ValueError(f"is no place for files: {_FORMS}")
    if url.startswith("/"):
        return _folder(url, names)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"is no place for files: {_FORMS}") from None
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/"):
        return _folder(unquote(parts.path), names)
    if parts.scheme not in ("s3", "gs"):
        raise ValueError(f"is no place for files: {_FORMS}")
    if "@" in parts.netloc:
        raise ValueError("must hold no key or password: they have settings of their own")
    if not _BUCKET.fullmatch(parts.netloc):
        raise ValueError(f"has no usable name of a bucket after {parts.scheme}://: {_FORMS}")
    if parts.query or parts.fragment:
        raise ValueError("must hold nothing but a bucket and a folder: no ? and no #")
    prefix = "/".join(part for part in parts.path.split("/") if part)
    return Place(parts.scheme, f"{parts.netloc}/{prefix}" if prefix else parts.netloc, names)


def _folder(path: str, names: SettingNames) -> Place:
    return Place("file", os.path.normpath("/" + path.lstrip("/")), names)


class Store(Protocol):
    """A place that can be written. Syncs only put; who sends its files again lists, reads and claims them."""

    def put(self, name: str, content: bytes | bytearray) -> None:
        """Store a file whole; returns when it is there for good.

        Raises:
            ConnectorFailure: it could not be stored; in words for the user.
        """

    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """Store a file whole that comes in pieces; what making them raises leaves what was there.

        Raises:
            ConnectorFailure: as `put`.
        """

    def open(self, name: str) -> BinaryIO:
        """Return what a file holds, as a file that can be sought and is to be closed.

        Raises:
            ConnectorFailure: as `get`.
        """

    def prove(self) -> None:
        """Store a file and remove it again.

        Raises:
            ConnectorFailure: as `put`.
        """

    def names(self) -> list[str]:
        """Return the names of all files, those in folders below with their folders (`7/a.jsonl`), sorted.

        Raises:
            ConnectorFailure: they can't be listed.
        """

    def get(self, name: str) -> bytes:
        """Return what a file holds.

        Raises:
            ConnectorFailure: it can't be read.
        """

    def changed_at(self, name: str) -> float:
        """Return when the store last wrote or changed a file, by its own clock: seconds since 1970.

        Raises:
            ConnectorFailure: it can't be told.
        """

    def create(self, name: str, content: bytes) -> bool:
        """Store a file if there is none of its name; tells whether there was none. Of several at once one succeeds.

        Raises:
            ConnectorFailure: it could not be stored.
        """

    def remove(self, name: str) -> None:
        """Remove a file; one that isn't there is no matter.

        Raises:
            ConnectorFailure: it could not be removed.
        """


def open_store(place: Place, credentials: StorageCredentials) -> Store:
    """Make ready to write to a place; nothing is written yet.

    Raises:
        ConfigFailure: a package or credentials are missing, or Google refuses the credentials (S3 is asked later).
        TransientFailure: Google can't be asked.
    """
    if place.scheme == "file":
        return LocalFolder(place)
    return Bucket(place, _s3 if place.scheme == "s3" else _gcs, credentials)


# --- why something can't be stored


@dataclass(frozen=True)
class _Fault:
    kind: type[ConnectorFailure]
    words: str

    def failure(self, place: Place, detail: str, done: str = "written") -> ConnectorFailure:
        words = self.words.format(names=place.names)
        return self.kind(f"`{place.names.place}`: {place} can't be {done}: {words}.", detail)


_DENIED = _Fault(
    ConfigFailure,
    "access is denied. Allow the credentials to create objects there (s3:PutObject, storage.objects.create)",
)
_NOT_READABLE = _Fault(
    ConfigFailure,
    "access is denied. Allow the credentials to list the folder and to read its files (s3:ListBucket, s3:GetObject, "
    "storage.objects.list, storage.objects.get)",
)
_NOT_REMOVABLE = _Fault(
    ConfigFailure,
    "access is denied. Allow the credentials to remove files there (s3:DeleteObject, storage.objects.delete)",
)
_NO_FILE = _Fault(ConfigFailure, "it isn't there. Correct its name")
_NO_BUCKET = _Fault(ConfigFailure, "the bucket doesn't exist. Create it, or correct its name")
_NO_CREDENTIALS = _Fault(
    ConfigFailure,
    "there are no credentials for it. Set `{names.key_id}` and `{names.secret}` (S3) or "
    "`gcs_credentials_json` (GCS), unless the machine has its own",
)
_UNKNOWN_KEY = _Fault(ConfigFailure, "the store doesn't know the access key. Check `{names.key_id}`")
_WRONG_SECRET = _Fault(ConfigFailure, "the secret key doesn't belong to the access key. Check `{names.secret}`")
_EXPIRED = _Fault(ConfigFailure, "the store refuses the credentials, which are invalid or have expired. Renew them")
_BAD_KEY = _Fault(
    ConfigFailure, "`gcs_credentials_json` holds no usable key. Paste the whole JSON file of the service account again"
)
_ROLE = _Fault(
    ConfigFailure, "the role can't be taken on. Check `{names.role}`, and that the role's trust policy allows it"
)
_REGION = _Fault(ConfigFailure, "the bucket is in another region. Set `{names.region}` to the bucket's")
_BAD_NAME = _Fault(ConfigFailure, "the store takes the bucket's name for invalid. Correct it")
_NOT_A_STORE = _Fault(ConfigFailure, "what answers there doesn't answer as such a store does. Check `{names.endpoint}`")
_UNTRUSTED = _Fault(
    ConfigFailure,
    "no secure connection can be made. Check `{names.endpoint}`, and the certificates of the machine and of the store",
)
_CLOCK = _Fault(SystemFailure, "the clock of this machine is wrong")
_FULL = _Fault(SystemFailure, "there is no space left. Make room")
_BUSY = _Fault(TransientFailure, "the store is overloaded or out of order at the moment. Try again later")
_UNREACHABLE = _Fault(
    TransientFailure, "the store can't be reached. Check the network, and `{names.endpoint}` if it is set"
)
_SILENT = _Fault(
    TransientFailure, "the store did not answer in time. Check the network, and `{names.endpoint}` if it is set"
)

# Codes of S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html) and of its imitators.
_BY_CODE: Mapping[str, _Fault] = {
    "AccessDenied": _DENIED,
    "AllAccessDisabled": _DENIED,
    "AccountProblem": _DENIED,
    "NoSuchBucket": _NO_BUCKET,
    "InvalidBucketName": _BAD_NAME,
    "InvalidAccessKeyId": _UNKNOWN_KEY,
    "SignatureDoesNotMatch": _WRONG_SECRET,
    "ExpiredToken": _EXPIRED,
    "InvalidToken": _EXPIRED,
    "InvalidClientTokenId": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "RequestTimeTooSkewed": _CLOCK,
    "PermanentRedirect": _REGION,
    "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "RequestTimeout": _BUSY,
    "QuotaExceeded": _FULL,
    "XMinioStorageFull": _FULL,
}
_BY_STATUS: Mapping[int, _Fault] = {
    301: _REGION,
    401: _EXPIRED,
    403: _DENIED,
    404: _NO_BUCKET,
    405: _NOT_A_STORE,
    408: _BUSY,
    429: _BUSY,
    507: _FULL,
}
# Names of exceptions (of botocore, aiohttp, google.auth, requests, fsspec); the nearest in an error's ancestry counts.
_BY_TYPE: Mapping[str, _Fault] = {
    "NoCredentialsError": _NO_CREDENTIALS,
    "PartialCredentialsError": _NO_CREDENTIALS,
    "CredentialRetrievalError": _NO_CREDENTIALS,
    "ProfileNotFound": _NO_CREDENTIALS,
    "DefaultCredentialsError": _NO_CREDENTIALS,
    "_UnusableKey": _BAD_KEY,
    "RefreshError": _EXPIRED,
    "NonRetryableError": _EXPIRED,
    "InvalidRegionError": _REGION,
    "ParamValidationError": _BAD_NAME,
    "ResponseParserError": _NOT_A_STORE,
    "SSLError": _UNTRUSTED,
    "ClientSSLError": _UNTRUSTED,
    "ConnectTimeoutError": _SILENT,
    "ReadTimeoutError": _SILENT,
    "TimeoutError": _SILENT,
    "FSTimeoutError": _SILENT,
    "FileNotFoundError": _NO_BUCKET,
    "PermissionError": _DENIED,
    "HTTPClientError": _UNREACHABLE,
    "ConnectionError": _UNREACHABLE,
    "ClientError": _UNREACHABLE,
    "RequestException": _UNREACHABLE,
    "TransportError": _UNREACHABLE,
}
_CODE = re.compile(r"[A-Za-z0-9._]{1,60}")


def _fault_of(error: BaseException) -> tuple[_Fault, str]:
    """Recognise an object store's error; also returns what an engineer wants to know, free of anything secret."""
    name = type(error).__name__
    code, status = _answer(error)
    if code or status:
        code = code if _CODE.fullmatch(code) else ""
        fault = _BY_CODE.get(code) or _BY_STATUS.get(status) or (_BUSY if status >= 500 else None)
        return fault or _Fault(SystemFailure, f"the store answers {code or status}"), f"{name}: {code} {status}"
    for ancestor in type(error).__mro__:
        if ancestor.__name__ in _BY_TYPE:
            return _BY_TYPE[ancestor.__name__], name
    return _Fault(SystemFailure, f"an unexpected {name}"), name


def _answer(error: BaseException) -> tuple[str, int]:
    """Return the code and the HTTP status that a store answered; empty and 0 if it didn't answer."""
    # s3fs turns botocore's ClientError into an OSError, and keeps it as the cause.
    response = getattr(error.__cause__ or error, "response", None)
    if isinstance(response, Mapping):
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return str(response.get("Error", {}).get("Code", "")), status if isinstance(status, int) else 0
    # gcsfs: HttpError has the status; a 403 is an OSError that is told by its words only.
    status = getattr(error, "code", None)
    if isinstance(status, int):
        return "", status
    return "", 403 if type(error) is OSError and str(error).startswith("Forbidden") else 0


# --- object stores

# What a store answers to a file that may only be created, and is there.
_PRECONDITION_FAILED = 412


class Bucket:
    """A folder in S3 or GCS. To put, it needs the right to create objects; none to list, read or remove them."""

    def __init__(self, place: Place, connect: Any, credentials: StorageCredentials) -> None:
        self._place = place
        self._connect = connect
        self._credentials = credentials
        self._files, self._good_until = self._connected()

    def _connected(self) -> tuple[Any, float]:
        """Return the file system, and until when its credentials hold (by the monotonic clock)."""
        credentials, good_until = self._credentials, math.inf
        if credentials.aws_role_arn:
            credentials, good_until = self._in_role(), time.monotonic() + ROLE_SECONDS - ROLE_MARGIN_SECONDS
        try:
            return self._connect(credentials), good_until
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told in our words, see above)
            raise self._failure(error) from None

    def _in_role(self) -> StorageCredentials:
        try:
            return _assume_role(self._credentials)
        except Exception as error:  # noqa: BLE001
            fault, detail = _fault_of(error)
            raise (_ROLE if fault is _DENIED else fault).failure(self._place, detail) from None

    def put(self, name: str, content: bytes | bytearray) -> None:
        """See `Store`: one request, or one upload in parts from 50 MB (GCS) or 100 MB (S3) on."""
        self._put(name, bytes(content), PUT_SECONDS)

    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """See `Store`."""
        self.put(name, b"".join(pieces))

    def open(self, name: str) -> BinaryIO:
        """See `Store`."""
        return BytesIO(self.get(name))

    def prove(self) -> None:
        """See `Store`.

        Syncs remove nothing, so that credentials which may create objects but not remove them are as they should be:
        then an empty object stays behind, which the log names.
        """
        name = f"writable-{secrets.token_hex(8)}.probe"
        self._put(name, b"", PROBE_SECONDS)
        try:
            self._files.rm_file(f"{self._place.path}/{name}", timeout=PROBE_SECONDS)
        except Exception as error:  # noqa: BLE001
            fault, detail = _fault_of(error)
            if fault is not _DENIED:
                raise fault.failure(self._place, detail) from None
            LOGGER.info(
                "%s is writable; the empty object %s stays there, as nothing may be removed.", self._place, name
            )

    def names(self) -> list[str]:
        """See `Store`."""
        root = f"{self._place.path}/"
        try:
            found = self._open_files().find(self._place.path)
        except FileNotFoundError:
            return []
        except Exception as error:  # noqa: BLE001
            raise self._reading_failure(error) from None
        return sorted(path.removeprefix(root) for path in found if path.startswith(root))

    def get(self, name: str) -> bytes:
        """See `Store`."""
        try:
            content: bytes = self._open_files().cat_file(f"{self._place.path}/{name}")
        except FileNotFoundError as error:
            raise _NO_FILE.failure(self._place, type(error).__name__, "read") from None
        except Exception as error:  # noqa: BLE001
            raise self._reading_failure(error) from None
        return content

    def changed_at(self, name: str) -> float:
        """See `Store`."""
        try:
            changed: datetime = self._open_files().modified(f"{self._place.path}/{name}")
        except Exception as error:  # noqa: BLE001
            raise self._reading_failure(error) from None
        return changed.timestamp()

    def create(self, name: str, content: bytes) -> bool:
        """See `Store`."""
        path = f"{self._place.path}/{name}"
        try:
            self._open_files().pipe_file(path, content, mode="create", timeout=PUT_SECONDS)
        except FileExistsError:
            return False
        except Exception as error:  # noqa: BLE001
            if _answer(error)[1] == _PRECONDITION_FAILED:
                return False
            raise self._failure(error) from None
        return True

    def remove(self, name: str) -> None:
        """See `Store`."""
        try:
            self._open_files().rm_file(f"{self._place.path}/{name}")
        except FileNotFoundError:
            return
        except Exception as error:  # noqa: BLE001
            fault, detail = _fault_of(error)
            raise (_NOT_REMOVABLE if fault is _DENIED else fault).failure(self._place, detail, "cleared") from None

    def _reading_failure(self, error: Exception) -> ConnectorFailure:
        fault, detail = _fault_of(error)
        return (_NOT_READABLE if fault is _DENIED else fault).failure(self._place, detail, "read")

    def _open_files(self) -> Any:
        """Return the file system, with credentials that hold."""
        if time.monotonic() > self._good_until:
            self._files, self._good_until = self._connected()
        return self._files

    def _put(self, name: str, content: bytes, seconds: float) -> None:
        try:
            answer = self._open_files().pipe_file(f"{self._place.path}/{name}", content, timeout=seconds)
        except Exception as error:  # noqa: BLE001
            raise self._failure(error) from None
        # Any web server may answer 200 to any request (the web console beside an S3 server does); only S3 names a tag.
        if self._place.scheme == "s3" and not answer.get("ETag"):
            raise _NOT_A_STORE.failure(self._place, "no ETag in the answer")

    def _failure(self, error: BaseException) -> ConnectorFailure:
        fault, detail = _fault_of(error)
        return fault.failure(self._place, detail)


def _s3(credentials: StorageCredentials) -> Any:
    settings: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": READ_SECONDS,
        "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
    }
    if credentials.s3_endpoint_url:
        # Other servers than Amazon's often have neither a host name for each bucket nor the newer checksums.
        settings["s3"] = {"addressing_style": "path"}
        settings["request_checksum_calculation"] = settings["response_checksum_validation"] = "when_required"
    files = importlib.import_module("s3fs").S3FileSystem(
        key=credentials.aws_access_key_id,
        secret=credentials.aws_secret_access_key,
        token=credentials.aws_session_token,
        endpoint_url=credentials.s3_endpoint_url,
        client_kwargs={"region_name": credentials.aws_region} if credentials.aws_region else {},
        config_kwargs=settings,
        use_listings_cache=False,
        skip_instance_cache=True,
    )
    # botocore has tried again already.
    files.retries = 1
    return files


def _assume_role(credentials: StorageCredentials) -> StorageCredentials:
    """Take a role on: keys that hold for an hour. The external id is the one that Airbyte hands to connectors."""
    session = importlib.import_module("botocore.session").get_session()
    settings = importlib.import_module("botocore.config").Config(
        connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": ATTEMPTS}
    )
    client = session.create_client(
        "sts",
        region_name=credentials.aws_region,
        aws_access_key_id=credentials.aws_access_key_id,
        aws_secret_access_key=credentials.aws_secret_access_key,
        config=settings,
    )
    external = os.environ.get("AWS_ASSUME_ROLE_EXTERNAL_ID")
    answer = client.assume_role(
        RoleArn=credentials.aws_role_arn,
        RoleSessionName="destination-fincome",
        DurationSeconds=ROLE_SECONDS,
        **({"ExternalId": external} if external else {}),
    )
    keys = answer["Credentials"]
    return replace(
        credentials,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        aws_role_arn=None,
    )


def _gcs(credentials: StorageCredentials) -> Any:
    # gcsfs.core: the class that gcsfs registers asks for the bucket's layout first, which needs one more right.
    core = importlib.import_module("gcsfs.core")
    aiohttp = importlib.import_module("aiohttp")
    # It logs the errors that it raises, with answers of the store.
    logging.getLogger("gcsfs").setLevel(logging.CRITICAL)
    return core.GCSFileSystem(
        token=_google_token(credentials.gcs_credentials_json),
        access="read_write",
        requests_timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS),
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def _google_token(given: str | None) -> Any:
    """Make Google's credentials and use them once: gcsfs would try refused ones for minutes."""
    scopes = ["https://www.googleapis.com/auth/devstorage.read_write"]
    if given:
        account = importlib.import_module("google.oauth2.service_account")
        try:
            token = account.Credentials.from_service_account_info(json.loads(given), scopes=scopes)
        except ValueError:
            raise _UnusableKey from None
    else:
        token, _ = importlib.import_module("google.auth").default(scopes=scopes)
    request = importlib.import_module("google.auth.transport.requests").Request()
    token.refresh(functools.partial(request, timeout=READ_SECONDS))
    return token


class _UnusableKey(Exception):
    """A service account's key that can't be read."""


# --- this machine


class LocalFolder:
    """A folder on this machine, private to the user who runs the sync."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._folder = Path(place.path)

    def put(self, name: str, content: bytes | bytearray) -> None:
        """See `Store`: written under another name and renamed, so that nobody ever sees half a file."""
        self.put_pieces(name, [bytes(content)])

    def put_pieces(self, name: str, pieces: Iterable[bytes]) -> None:
        """See `Store`: likewise."""
        try:
            self._create_folders()
            self._write(name, pieces)
        except OSError as error:
            raise self._failure(error) from None

    def open(self, name: str) -> BinaryIO:
        """See `Store`."""
        try:
            return (self._folder / name).open("rb")
        except OSError as error:
            raise self._failure(error, "read") from None

    def prove(self) -> None:
        """See `Store`: folders that it had to create are removed again, too."""
        created: list[Path] = []
        try:
            created = self._create_folders()
            name = f"writable-{secrets.token_hex(8)}.probe"
            self._write(name, ())
            (self._folder / name).unlink()
        except OSError as error:
            raise self._failure(error) from None
        finally:
            _remove(created)

    def names(self) -> list[str]:
        """See `Store`."""
        try:
            found = [path for path in self._folder.rglob("*") if path.is_file() and not path.name.startswith(".")]
        except OSError as error:
            raise self._failure(error, "read") from None
        return sorted(str(path.relative_to(self._folder)) for path in found)

    def get(self, name: str) -> bytes:
        """See `Store`."""
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise self._failure(error, "read") from None

    def changed_at(self, name: str) -> float:
        """See `Store`: what copies a file can set any of its times but this one."""
        try:
            return (self._folder / name).stat().st_ctime
        except OSError as error:
            raise self._failure(error, "read") from None

    def create(self, name: str, content: bytes) -> bool:
        """See `Store`."""
        path = self._folder / name
        try:
            self._create_folders()
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            return False
        except OSError as error:
            raise self._failure(error) from None
        return True

    def remove(self, name: str) -> None:
        """See `Store`."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise self._failure(error) from None

    def _create_folders(self) -> list[Path]:
        """Create what is missing of the path, all or nothing; returns what was created, outer folders first."""
        missing = [folder for folder in (self._folder, *self._folder.parents) if not folder.exists()]
        created: list[Path] = []
        try:
            for folder in reversed(missing):
                folder.mkdir(mode=0o700, exist_ok=True)
                created.append(folder)
        except OSError:
            _remove(created)
            raise
        return created

    def _write(self, name: str, pieces: Iterable[bytes]) -> None:
        path = self._folder / name
        unfinished = path.with_name(f".{path.name}.unfinished")
        try:
            with os.fdopen(
                os.open(unfinished, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600), "wb"
            ) as file:
                file.writelines(pieces)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        self._sync_folder()

    def _sync_folder(self) -> None:
        """Have the new name itself survive a crash, where the file system can do that."""
        with suppress(OSError):
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _failure(self, error: OSError, done: str = "written") -> ConnectorFailure:
        number = error.errno or 0
        if number in (errno.ENOSPC, errno.EDQUOT):
            fault = _FULL
        elif number in (errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE):
            fault = _Fault(SystemFailure, os.strerror(number).lower())
        else:
            hint = ". Choose a folder that the connector may write" if done == "written" else ""
            fault = _Fault(ConfigFailure, f"{os.strerror(number).lower()}{hint}")
        return fault.failure(self._place, errno.errorcode.get(number, type(error).__name__), done)


def _remove(folders: list[Path]) -> None:
    """Remove folders that were just created, unless somebody uses them by now."""
    with suppress(OSError):
        for folder in reversed(folders):
            folder.rmdir()
