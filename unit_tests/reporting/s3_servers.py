"""An S3 server on loopback (moto's, a real one over HTTP), and the objects that are in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

import requests
from botocore.config import Config
from botocore.loaders import JSONFileLoader

from destination_fincome.reporting.rejected_records import StorageCredentials

KEY_ID = "AKIATHEKEYOFTHETESTS"
SECRET = "the-secret-key-of-the-tests-0123"
REGION = "us-east-1"


_load_file = JSONFileLoader.load_file


# Each session of botocore reads the descriptions of the services anew, megabytes of JSON: half of all that took time.
@cache
def _description(path: str) -> Any:
    return _load_file(JSONFileLoader(), path)


# To make one means to read the whole description of a service.
@cache
def _client(url: str, service: str) -> Any:
    import boto3

    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(s3={"addressing_style": "path"}, proxies={}),
    )


@dataclass(frozen=True)
class S3Server:
    url: str
    bucket: str = "rejected"

    def credentials(self, key_id: str = KEY_ID, secret: str = SECRET, url: str | None = None) -> StorageCredentials:
        return StorageCredentials(key_id, secret, REGION, url or self.url)

    def client(self, service: str = "s3") -> Any:
        return _client(self.url, service)

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        """What is in the bucket, by name."""
        client = self.client()
        found = client.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", [])
        return {one["Key"]: client.get_object(Bucket=self.bucket, Key=one["Key"])["Body"].read() for one in found}

    def allowed(self, *actions: str) -> tuple[str, str]:
        """Make a user who may do this and nothing else; returns its key id and secret."""
        iam = self.client("iam")
        name = f"user-{len(iam.list_users()['Users'])}"
        iam.create_user(UserName=name)
        if actions:
            statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_user_policy(UserName=name, PolicyName="allowed", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def role(self, *actions: str) -> str:
        """Make a role that may do this and nothing else; returns its ARN."""
        iam = self.client("iam")
        name = f"role-{len(iam.list_roles()['Roles'])}"
        trusted = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=policy)
        return arn

    @contextmanager
    def checking_rights(self) -> Iterator[None]:
        """Have requests refused that their user may not make."""
        self._let_pass("0")
        try:
            yield
        finally:
            self._let_pass("inf")

    def _let_pass(self, number: str) -> None:
        answer = requests.post(f"{self.url}/moto-api/reset-auth", data=number, timeout=10)
        assert answer.status_code == 200, answer.text


@contextmanager
def running_s3() -> Iterator[S3Server]:
    from moto.server import ThreadedMotoServer  # here: for the process only whose tests need it

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        found = S3Server(f"http://{host}:{port}")
        # The servers of one process share what they hold: begin empty.
        assert requests.post(f"{found.url}/moto-api/reset", timeout=10).status_code == 200
        with patch.object(JSONFileLoader, "load_file", lambda _, path: _description(path)):
            found.client().create_bucket(Bucket=found.bucket)
            yield found
    finally:
        server.stop()
