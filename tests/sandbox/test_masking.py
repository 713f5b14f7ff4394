"""What the request log may show."""

import json

from reconciler.sandbox.masking import MASK, mask_body, mask_query
from tests.support.sandbox import World


def test_secret_fields_are_masked_and_others_are_not() -> None:
    """Names decide: variables, passwords, keys, tokens, uploads; empty values tell nothing."""
    body = {
        "cpu": 2,
        "environmentVariables": {"LOG_LEVEL": "info", "EMPTY": ""},
        "containerConfiguration": {
            "image": "i",
            "registryConfig": {"authConfig": {"userName": "bot", "password": "p"}},
        },
        "armsConfiguration": {"armsLicenseKey": "k", "enableArms": True},
        "codeConfiguration": {"zipFile": "UEs=", "checksum": "1"},
        "credentialName": "inbound",
        "properties": {"api_key": "sk-1", "max_tokens": 5, "client_secret": ["a", {"b": "c"}]},
        "mcp_servers": [{"headers": {"X-Any": "v"}, "url": "https://u:p@h.example/x?token=t"}],
    }
    assert json.loads(mask_body(json.dumps(body).encode())) == {
        "cpu": 2,
        "environmentVariables": {"LOG_LEVEL": MASK, "EMPTY": ""},
        "containerConfiguration": {
            "image": "i",
            "registryConfig": {"authConfig": {"userName": "bot", "password": MASK}},
        },
        "armsConfiguration": {"armsLicenseKey": MASK, "enableArms": True},
        "codeConfiguration": {"zipFile": MASK, "checksum": "1"},
        "credentialName": "inbound",
        "properties": {"api_key": MASK, "max_tokens": 5, "client_secret": [MASK, {"b": MASK}]},
        "mcp_servers": [{"headers": {"X-Any": MASK}, "url": f"https://{MASK}@h.example/x"}],
    }


def test_secrets_inside_json_strings_are_masked() -> None:
    """A document in a string is looked into; one without secrets stays as it was written."""
    inner = '{"password":"p","deep":"{\\"token\\":\\"t\\"}"}'
    shown = json.loads(mask_body(json.dumps({"config": inner, "file_box": '{ "a": 1 }'}).encode()))
    assert "p" not in json.loads(shown["config"])["password"].replace(MASK, "")
    assert json.loads(json.loads(shown["config"])["deep"]) == {"token": MASK}
    assert shown["file_box"] == '{ "a": 1 }'
    assert json.loads(mask_body(b'{"text":"{broken"}')) == {"text": "{broken"}


def test_bodies_that_are_no_json_show_their_size_only() -> None:
    """What cannot be understood cannot be masked."""
    assert mask_body(b"password=hunter2") == "(not JSON, 16 bytes)"
    assert mask_body(b"") == ""


def test_queries_are_masked_too() -> None:
    """A token in a URL does not get into the log."""
    assert mask_query("token=abc&pageSize=5") == "token=%28masked%29&pageSize=5"


def test_the_log_of_a_login_shows_no_credential() -> None:
    """User names may be seen, passwords and key pairs may not."""
    world = World()
    world.token()
    body = {
        "auth": {
            "identity": {
                "methods": ["hw_ak_sk"],
                "hw_ak_sk": {"access": {"key": "AKIA"}, "secret": {"key": "hush"}},
            }
        }
    }
    world.send("POST", "/v3/auth/tokens?token=query-secret", json.dumps(body).encode())
    first, second = (json.loads(line.body)["auth"]["identity"] for line in world.log())
    assert first["password"] == {"user": {"name": MASK, "password": MASK, "domain": {"name": MASK}}}
    assert second["hw_ak_sk"]["secret"] == {"key": MASK}
    assert "query-secret" not in world.log()[1].target
