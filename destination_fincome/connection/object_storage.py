"""Where rejected records go, in the form that Airbyte's other destinations share (`object_storage_config`).

The platform itself reads this setting: it shows a link to the files of a sync, which it expects in a folder with the
sync's number.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr, field_validator, model_validator

from destination_fincome.connection.setting_values import check_key, check_secret, check_url, check_word, plain
from destination_fincome.reporting.rejected_records import SettingNames, StorageCredentials, parse_place

SETTING = "object_storage_config"
NAMES = SettingNames(
    place=SETTING,
    key_id=f"{SETTING}.access_key_id",
    secret=f"{SETTING}.secret_access_key",
    region=f"{SETTING}.s3_bucket_region",
    endpoint=f"{SETTING}.s3_endpoint",
    role=f"{SETTING}.role_arn",
)


class ObjectStorage(BaseModel):
    """A bucket, or none; the names are Airbyte's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    storage_type: Literal["None", "S3"] = "None"
    access_key_id: SecretStr | None = None
    secret_access_key: SecretStr | None = None
    role_arn: str | None = None
    s3_bucket_name: str | None = None
    s3_bucket_region: str | None = None
    s3_endpoint: str | None = None
    bucket_path: str | None = None

    @field_validator("access_key_id", "secret_access_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        return check_key(value)

    @field_validator("role_arn", "s3_bucket_name", "s3_bucket_region")
    @classmethod
    def _word(cls, value: str | None) -> str | None:
        return check_word(value)

    @field_validator("secret_access_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        return check_secret(value)

    @field_validator("s3_endpoint")
    @classmethod
    def _safe_endpoint(cls, value: str | None) -> str | None:
        if not value or not value.strip():
            return None
        return check_url(value.strip().rstrip("/"), "https://minio.example.com", "the rejected records")

    @model_validator(mode="after")
    def _whole(self) -> ObjectStorage:
        if not self.is_used:
            return self
        if not self.s3_bucket_name:
            raise ValueError("has no `s3_bucket_name`: enter the name of the bucket")
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("`access_key_id` and `secret_access_key` belong together: set both or none")
        try:
            parse_place(self.url())
        except ValueError:
            raise ValueError("`s3_bucket_name` and `bucket_path` name no folder in S3: correct them") from None
        return self

    @property
    def is_used(self) -> bool:
        """Whether rejected records go there."""
        return self.storage_type == "S3"

    def url(self, sync_id: int | None = None) -> str:
        """Return the folder of a sync; without its number, the one that holds them all."""
        number = "" if sync_id is None else str(sync_id)
        parts = [self.s3_bucket_name or "", *(self.bucket_path or "").split("/"), number]
        return "s3://" + "/".join(part.strip() for part in parts if part.strip())

    def credentials(self) -> StorageCredentials:
        """Return what gives access to the bucket."""
        return StorageCredentials(
            aws_access_key_id=plain(self.access_key_id),
            aws_secret_access_key=plain(self.secret_access_key),
            aws_region=self.s3_bucket_region,
            s3_endpoint_url=self.s3_endpoint,
            aws_role_arn=self.role_arn,
        )
