"""The user's config: what is accepted, and what is said of what isn't."""

from __future__ import annotations

from typing import Any

import pytest

from destination_fincome.connection.config import Config, check_base_url, misspelt_settings, parse_config
from destination_fincome.failure import ConfigFailure

KEY = "sk_live_Zx81-secret"


def parse(**settings: Any) -> Config:
    return parse_config({"api_key": KEY, **settings})


def complaint(**settings: Any) -> str:
    with pytest.raises(ConfigFailure) as failure:
        parse(**settings)
    assert KEY not in failure.value.message
    assert failure.value.__cause__ is None
    assert failure.value.message.startswith("The configuration can't be used: ")
    assert failure.value.message.endswith(".")
    return failure.value.message.removeprefix("The configuration can't be used: ").removesuffix(".")


def test_an_api_key_is_all_that_is_needed() -> None:
    config = parse()
    assert config.api_key.get_secret_value() == KEY
    assert (config.source, config.unmapped_fields, config.on_rejected) == ("auto", "auto", "continue")
    assert (config.base_url, config.api_key_header, config.api_key_prefix, config.paths.chosen()) == (
        None,
        None,
        None,
        {},
    )
    assert (config.max_concurrency, config.retry_minutes, config.request_timeout_seconds) == (None, 10, 60)
    assert (config.parent_wait_seconds, config.max_spool_mb) == (300, 1024)
    assert (config.requests_per_second, config.max_rejected_records) == (None, None)
    assert KEY not in repr(config)


@pytest.mark.parametrize(
    "name",
    [
        "base_url",
        "source",
        "unmapped_fields",
        "on_rejected",
        "max_rejected_records",
        "max_concurrency",
        "requests_per_second",
        "retry_minutes",
        "request_timeout_seconds",
        "parent_wait_seconds",
        "max_spool_mb",
        "api_key_header",
        "api_key_prefix",
        "paths",
    ],
)
@pytest.mark.parametrize("value", ["", None])
def test_a_field_that_was_emptied_is_a_field_left_out(name: str, value: Any) -> None:
    assert parse(**{name: value}) == parse()


def test_unknown_settings_are_ignored() -> None:
    assert parse(colour="blue", tunnel_method={"tunnel_method": "NO_TUNNEL"}) == parse()


@pytest.mark.parametrize("settings", [{}, {"api_key": ""}, {"api_key": None}, {"base_url": "https://x.test"}])
def test_a_missing_key_says_where_to_get_one(settings: dict[str, Any]) -> None:
    with pytest.raises(ConfigFailure) as failure:
        parse_config(settings)
    assert failure.value.message == (
        "The configuration can't be used: `api_key` is missing: create a secret key in Fincome under "
        "Settings > Developers."
    )


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("Qv7", "`api_key` is shorter than 8 characters: paste the whole secret key from Fincome"),
        ("Qv7\n      ", "`api_key` is shorter than 8 characters: paste the whole secret key from Fincome"),
        ("Qv7 Zx81 Kw93", "`api_key` contains characters that no key has: copy the secret key from Fincome again"),
        ("Qv7Zx81\tKw93", "`api_key` contains characters that no key has: copy the secret key from Fincome again"),
        ("Qv7Zx81\u2013Kw93", "`api_key` contains characters that no key has: copy the secret key from Fincome again"),
        (777123456789, "`api_key` should be a valid string"),
        (["Qv7Zx81Kw93"], "`api_key` should be a valid string"),
    ],
)
def test_a_key_that_can_not_be_one_is_not_quoted(key: Any, words: str) -> None:
    assert complaint(api_key=key) == words


def test_blanks_around_a_key_are_cut_off() -> None:
    assert parse(api_key=f"  {KEY}\n").api_key.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://api2.fincome.co/product", "https://api2.fincome.co/product"),
        (" https://api2.fincome.co/product/ ", "https://api2.fincome.co/product"),
        ("http://localhost:8321/product", "http://localhost:8321/product"),
        ("http://127.0.0.1:8321", "http://127.0.0.1:8321"),
        ("http://[::1]:8321/x", "http://[::1]:8321/x"),
        ("   ", None),
    ],
)
def test_addresses_that_the_key_may_be_sent_to(given: str, used: str | None) -> None:
    assert parse(base_url=given).base_url == used


NO_URL = "is not a URL: use one such as https://api2.fincome.co/product"
ONLY_ADDRESS = "must hold nothing but the address: no user, password, query or fragment"
UNENCRYPTED = (
    "must start with https://: the API key would travel unencrypted (http is for this machine, and with the "
    "sandbox's own key for private networks)"
)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("api2.fincome.co/product", NO_URL),
        ("ftp://api2.fincome.co", NO_URL),
        ("https://", NO_URL),
        ("https:///product", NO_URL),
        ("https://host:port/", NO_URL),
        ("https://[::1/", NO_URL),
        ("https://api2 .fincome.co", NO_URL),
        ("https://user:pass@api2.fincome.co", ONLY_ADDRESS),
        ("https://api2.fincome.co/?key=1", ONLY_ADDRESS),
        ("https://api2.fincome.co/?", ONLY_ADDRESS),
        ("https://api2.fincome.co/#top", ONLY_ADDRESS),
        ("http://api2.fincome.co/product", UNENCRYPTED),
        ("http://localhost.evil.test/", UNENCRYPTED),
        ("http://127.0.0.1.evil.test/", UNENCRYPTED),
        ("http://10.0.0.1/", UNENCRYPTED),
    ],
)
def test_addresses_that_the_key_must_not_be_sent_to(url: str, words: str) -> None:
    assert complaint(base_url=url) == f"`base_url` {words}"
    with pytest.raises(ValueError, match=r"\A" + words[:20]):
        check_base_url(url)


@pytest.mark.parametrize(
    "host", ["fincome-sandbox.airbyte.svc:8321", "172.17.0.1:8321", "[fd00::7]", "localhost.evil.test"]
)
def test_the_sandboxs_own_key_may_go_to_private_addresses_and_to_names_which_are_looked_at_later(host: str) -> None:
    assert parse(api_key="sandbox-key", base_url=f"http://{host}/product").base_url == f"http://{host}/product"
    assert complaint(api_key="another-key", base_url=f"http://{host}/product") == f"`base_url` {UNENCRYPTED}"


@pytest.mark.parametrize("host", ["8.8.8.8", "169.254.169.254", "100.64.0.1", "[2001:db8::1]", "[fe80::1]", "0.0.0.0"])
def test_no_key_goes_unencrypted_to_a_public_address(host: str) -> None:
    assert complaint(api_key="sandbox-key", base_url=f"http://{host}/product") == f"`base_url` {UNENCRYPTED}"


@pytest.mark.parametrize(
    ("given", "used"), [("Authorization", "Authorization"), (" X-API-KEY ", "X-API-KEY"), ("  ", None)]
)
def test_header_names(given: str, used: str | None) -> None:
    assert parse(api_key_header=given).api_key_header == used


@pytest.mark.parametrize("name", ["X API KEY", "X-API-KEY:", "Clé", "X\r\nEvil: 1"])
def test_what_is_no_name_of_a_header(name: str) -> None:
    assert complaint(api_key_header=name) == "`api_key_header` must be the name of an HTTP header, such as X-API-KEY"


@pytest.mark.parametrize(
    ("given", "used"), [("Bearer ", "Bearer "), ("Bearer", "Bearer "), (" Token ", "Token "), ("key=", "key=")]
)
def test_prefixes_of_the_key(given: str, used: str) -> None:
    assert parse(api_key_prefix=given).api_key_prefix == used


@pytest.mark.parametrize("prefix", ["Bearer\r\nEvil: 1 ", "Bearer\n", "Clé ", "Bearer\u2009"])
def test_what_no_header_can_hold(prefix: str) -> None:
    assert complaint(api_key_prefix=prefix).startswith("`api_key_prefix` contains characters that no header can hold")


def test_given_paths_when_read_then_a_slash_at_the_end_stays() -> None:
    paths = {"customers": "/customers", "plans": "/v2/plans/", "products": "", "invoices": None}
    assert parse(paths=paths).paths.chosen() == {"customers": "/customers", "plans": "/v2/plans/"}


@pytest.mark.parametrize(
    "path", ["customers", "https://x.test/customers", "/a?b", "/a#b", "/a b", "/a\tb", "//a", "  "]
)
def test_what_is_no_path(path: str) -> None:
    assert complaint(paths={"customers": path}) == "`paths.customers` must be a path such as /customers"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"unmapped_fields": "keep"}, "`unmapped_fields` should be 'auto', 'ignore' or 'custom_properties'"),
        ({"on_rejected": "stop"}, "`on_rejected` should be 'continue' or 'fail'"),
        (
            {"gone_documents": "settle_missing"},
            "`gone_documents` is settle_missing, which only a memory can tell: set `memory_url` too",
        ),
        ({"max_rejected_records": -1}, "`max_rejected_records` should be greater than or equal to 0"),
        ({"max_concurrency": 0}, "`max_concurrency` should be greater than or equal to 1"),
        ({"max_concurrency": 65}, "`max_concurrency` should be less than or equal to 64"),
        ({"requests_per_second": 0}, "`requests_per_second` should be greater than 0"),
        ({"retry_minutes": 121}, "`retry_minutes` should be less than or equal to 120"),
        ({"request_timeout_seconds": 0.5}, "`request_timeout_seconds` should be greater than or equal to 1"),
        ({"parent_wait_seconds": -1}, "`parent_wait_seconds` should be greater than or equal to 0"),
        ({"max_spool_mb": 0}, "`max_spool_mb` should be greater than or equal to 1"),
        (
            {"paths": {"coupons": "/coupons"}},
            "`paths.coupons` extra inputs are not permitted",
        ),
        (
            {"max_spool_mb": 0, "on_rejected": "x"},
            "`on_rejected` should be 'continue' or 'fail'; `max_spool_mb` should be greater than or equal to 1",
        ),
    ],
)
def test_every_setting_at_fault_is_named_with_what_it_must_be(settings: dict[str, Any], words: str) -> None:
    assert complaint(**settings) == words


@pytest.mark.parametrize("name", ["source", "max_concurrency", "retry_minutes", "base_url", "paths", "api_key_header"])
def test_no_message_quotes_what_was_given(name: str) -> None:
    # Someone pastes the key into the wrong field.
    misplaced: Any = {"key": KEY} if name == "source" else {"plans": KEY} if name == "paths" else f"{KEY} !"
    assert KEY not in complaint(**{name: misplaced})


def test_given_names_that_are_no_settings_then_those_much_like_one_are_told_with_it() -> None:
    document = {"api_key": KEY, "retry_minuts": 3, "concurrency": 4, "Source": "stripe", "streams": []}
    assert misspelt_settings(document) == {
        "retry_minuts": "`retry_minuts` isn't a setting, so it doesn't count; did you mean `retry_minutes`?",
        "concurrency": "`concurrency` isn't a setting, so it doesn't count; did you mean `max_concurrency`?",
        "Source": "`Source` isn't a setting, so it doesn't count; did you mean `source`?",
    }


def test_given_names_unlike_any_setting_then_they_are_not_told_since_they_may_be_anything() -> None:
    assert misspelt_settings({"api_key": KEY, KEY: "x", "__airbyte_connection": 1, "note": "ours"}) == {}


def test_given_a_complaint_that_ends_with_a_question_then_no_full_stop_follows() -> None:
    with pytest.raises(ConfigFailure) as failure:
        parse(mapping="version: 1\nstreams:\n  a:\n    emit: []\n")
    assert failure.value.message.endswith("did you mean `emits`?")
