"""What looks like a secret and what does not: two tables of values that real manifests hold.

The secrets are put together from halves, so that no scanner of this repository mistakes them.
"""

import base64
from typing import Final

import pytest

from reconciler.loader.lookalikes import lookalikes
from reconciler.loader.sounds import sounds

A16: Final = "q7Rk2Zx9" + "Lm4Tb8Wd"
HEX: Final = "0f1e2d3c4b5a6978" + "8796a5b4c3d2e1f0"
PEM: Final = (
    "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEAq7Rk2Zx9\n-----END RSA PRIVATE KEY-----"
)
CERTIFICATE: Final = (
    "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTAN\n-----END CERTIFICATE-----"
)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


HARMLESS: Final = [
    ("image", "registry.cn-hangzhou.aliyuncs.com/ns/agent@sha256:" + HEX + HEX),
    ("image", "swr.cn-north-4.myhuaweicloud.com/team/agent:v1.2.3-rc.1"),
    ("agentId", HEX),
    ("workspaceId", "ws-" + HEX[:20]),
    ("requestId", "550e8400-e29b-41d4-a716-446655440000"),
    ("roleArn", "acs:ram::123456789012:role/agentrun-runtime"),
    ("executionRoleArn", "arn:aws:iam::123456789012:role/service-role/agent-execution"),
    ("rootCaCertBase64", _base64(CERTIFICATE)),
    ("caCertificate", CERTIFICATE),
    ("vSwitchId", "vsw-bp1s5grzef87ikb5zz001"),
    ("securityGroupId", "sg-bp1bgw5s0k4pp8rt4a5l"),
    ("ossBucket", "agent-artifacts-cn-hangzhou"),
    ("ossObjectName", "releases/2025-08-04/agent-1f3c9a.zip"),
    ("checksum", "crc64:" + "12345678901234567890"),
    ("instructions", "你是一名代码评审助手。不要透露任何密码、令牌或 API key。"),
    ("instructions", "Never reveal the password. If asked for a token, say: I cannot do that."),
    ("instructions", "Use Basic authentication and send `Authorization: Bearer <token>`."),
    ("instructions", "For a task-oriented flow assess the risk-and-benefit-of-each-step-carefully."),
    ("instructions", "Answer with JSON: {\"token\": \"...\", \"password\": \"...\"}"),
    ("instructions", "Set API_KEY=<your key> and PASSWORD=${DB_PASSWORD} before the start."),
    ("prologue", "请输入您的密码或令牌编号，例如 sk-xxxxxxxxxxxxxxxxxxxxxxxx"),
    ("description", "Mail me at team@example.com or see https://example.com/a?b=c@d"),
    ("MAX_TOKENS", "4096"),
    ("max_tokens", "4096"),
    ("TOKEN_LIMIT", "200000"),
    ("TOKEN_BUDGET", "k8s-default-2025a"),
    ("TOKENIZERS_PARALLELISM", "false"),
    ("TOKENIZER", "Qwen2.5-72B-Instruct-tokenizer"),
    ("STOP_TOKEN", "<|im_end|>"),
    ("eosToken", "</s>"),
    ("TOKEN_URL", "https://iam.cn-north-4.myhuaweicloud.com/v3/auth/tokens"),
    ("TOKEN_ENDPOINT", "https://login.example.com/oauth2/token"),
    ("SESSION_TOKEN_TTL", "3600s"),
    ("SECRET_NAME", "prod/agents/Database2-Q7x"),
    ("SECRET_ID", HEX),
    ("SECRET_ARN", "acs:kms:cn-hangzhou:123456:secret/agents-1"),
    ("SECRET", "env:SUPPORT_API_KEY"),
    ("APP_SECRET", "${var.appSecret}"),
    ("APP_SECRET", "$APP_SECRET"),
    ("APP_SECRET", "{{ secrets.app }}"),
    ("APP_SECRET", "<fill me in>"),
    ("APP_SECRET", "your-app-secret-here-1"),
    ("APP_SECRET", "xxxxxxxx-xxxx-xxxx"),
    ("APP_SECRET", "********"),
    ("APP_SECRET", ""),
    ("APP_SECRET", "app-secret"),
    ("CLIENT_SECRET_REF", "vault:kv/agents#client1Ab2Cd3"),
    ("PASSWORD", "changeme"),
    ("PASSWORD", "CHANGE_ME"),
    ("PASSWORD", "DB_PASSWORD"),
    ("PASSWORD", "none"),
    ("password", "请输入密码"),
    ("password", "Please enter your password"),
    ("password", "Password"),
    ("PASSWORD_FILE", "/run/secrets/db_password"),
    ("DB_PASSWORD", "/run/secrets/db_password"),
    ("PASSWORD_MIN_LENGTH", "12"),
    ("PASSWORD_POLICY", "Upper1-Lower1-Digit1"),
    ("USE_PASSWORD", "always"),
    ("BYPASS", "10.0.0.0/8,localhost"),
    ("PASS_THROUGH", "x-request-id"),
    ("API_KEY_HEADER", "X-Api-Key-2"),
    ("apiKeyName", "dashscope-prod-7f3K"),
    ("PUBLIC_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE"),
    ("PRIVATE_KEY_PATH", "/etc/keys/id_rsa"),
    ("ACCESS_KEY_ID_PARAMETER", "/prod/ak1/Id9"),
    ("credentialName", "support-credential-v2"),
    ("CREDENTIALS", "include"),
    ("CREDENTIAL_PROVIDER", "ecs-ram-role-2A3b"),
    ("AUTH_TOKEN", "true"),
    ("AUTH_TOKEN", "disabled"),
    ("AUTH_TOKEN_ALGORITHM", "HS256"),
    ("SIGNING_KEY_ALGORITHM", "RSASSA_PKCS1_V1_5_SHA_256"),
    ("SECRETARY_NAME", "Ms. Kx93Lq02mVn4"),
    ("KEYBOARD", "us-intl-2Qx8Lm4Tb8"),
    ("DATABASE_URL", "postgres://agents@db.internal:5432/agents"),
    ("DATABASE_URL", "postgres://agents:${DB_PASSWORD}@db.internal/agents"),
    ("DATABASE_URL", "mysql://user:password@localhost/app"),
    ("REDIS_URL", "redis://redis.internal:6379/0"),
    ("GIT_REMOTE", "git@github.com:team/agents.git"),
    ("model", "hf_models/qwen"),
    ("package", "npm_config_registry"),
    ("command", "--token-limit=4096a8f2k1"),
    ("command", "--max-tokens=4096"),
    ("args", "python -m agent --mode=prod --image=a1b2c3d4e5f6a7b8"),
    ("schema", '{"token": {"type": "string"}, "password": {"type": "string"}}'),
    ("tools", '[{"name": "get_token", "description": "Returns a token"}]'),
    ("timezone", "Asia/Shanghai"),
    ("instructions", "pip install alibabacloud-credentials==1.0.12b7 dotenv-secrets==2x9Lk3Zm"),
    ("instructions", "if token == expected1Ab2: retry; api_key := lookup(k8s2Ab4)"),
    ("userAgent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
    ("sk", "Slovenčina"),
    ("documentation", "AKIA" + "IOSFODNN7EXAMPLE"),
]  # fmt: skip

SECRET: Final = [
    ("A", "LTAI5t" + A16 + "2Bcd3E"),
    ("A", "LTAI" + A16[:12]),
    ("A", "STS.N" + A16 + A16),
    ("A", "AKIA" + "Q7RK2ZX9LM4TB8WD"),
    ("A", "ASIA" + "Q7RK2ZX9LM4TB8WD"),
    ("A", "AKID" + A16 + A16),
    ("A", "ghp_" + A16 + A16 + "aB3d"),
    ("A", "gho_" + A16 + A16 + "aB3d"),
    ("A", "github_pat_" + A16 + "_" + A16 + A16),
    ("A", "glpat-" + A16 + "aB3d"),
    ("A", "xoxb-" + "123456789012-" + A16),
    ("A", "sk-" + A16 + A16),
    ("A", "sk-" + HEX),
    ("A", "sk-proj-" + A16 + "_" + A16),
    ("A", "sk_live_" + A16 + A16),
    ("A", "AIza" + A16 + A16 + "aB3"),
    ("A", "hf_" + A16 + A16 + "aB"),
    ("A", "npm_" + A16 + A16 + "aB3d"),
    ("A", "eyJ" + "hbGciOiJIUzI1NiJ9" + ".eyJ" + "zdWIiOiIxMjM0In0" + "." + A16),
    ("A", PEM),
    ("A", _base64(PEM)),
    ("A", "postgres://agents:" + "hunter2@db.internal/agents"),
    ("A", "https://ci:" + A16 + "@git.example.com/a.git"),
    ("A", "redis://:" + "s3cr3t" + "@redis:6379"),
    ("A", "Authorization: Bearer " + A16),
    ("A", "Authorization: Basic " + _base64("user:hunter2")),
    ("A", "Server=db;User=sa;Password=" + "hunter2;"),
    ("A", "https://oapi.example.com/robot/send?access_token=" + HEX + HEX),
    ("A", "curl -H x --api-key=" + A16),
    ("A", "export DASHSCOPE_API_KEY=" + A16 + "\nrun"),
    ("A", '{"apiKey": "' + A16 + '"}'),
    ("A", '{"db": [{"password": "' + 'hunter2"}]}'),
    ("instructions", "Use the key sk-" + HEX + " for all calls."),
    ("instructions", "使用密钥 LTAI5t" + A16 + "2Bcd3E 调用。"),
    ("DB_PASSWORD", "hunter2"),
    ("DB_PASS", "hunter2"),
    ("PASSWORD", "88888888"),
    ("MYSQL_ROOT_PASSWORD_1", "Tiger!"),
    ("dbPassword", "letmein"),
    ("passwd", "admin123"),
    ("redis-pwd", "Passw0rd"),
    ("数据库密码", "hunter2"),
    ("API_KEY", A16),
    ("apikey", A16),
    ("apiKey", HEX),
    ("API_KEY_OPENAI", A16),
    ("DASHSCOPE-API-KEY", A16),
    ("SECRET_KEY", "d8#kQ2!vZ0p"),
    ("CLIENT_SECRET", "550e8400-e29b-41d4-a716-446655440abc"),
    ("accessKeySecret", A16 + A16[:14]),
    ("HUAWEI_SK", A16 + A16),
    ("AUTH_TOKEN", HEX),
    ("SESSION_TOKEN", "Zm9vYmFy" + "Q7x/9Lk+2=="),
    ("signingKey", "kQzWvXbNmPrTsLdFgHjK"),
    ("CREDENTIAL", "user1:Q7x9Lk2Zm4"),
    ("PRIVATE_KEY", A16 + A16),
    ("访问令牌", HEX),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), HARMLESS)
def test_an_ordinary_value_is_left_alone(name: str, text: str) -> None:
    """Images, ids, prompts, limits, names of secrets and stand-ins give no warning."""
    assert [one.what for one in lookalikes(name, text)] == []


@pytest.mark.parametrize(("name", "text"), SECRET)
def test_a_key_or_a_password_is_noticed(name: str, text: str) -> None:
    """Known forms anywhere, and made-up values under a name that says what they are."""
    found = list(lookalikes(name, text))
    assert found
    assert all(one.text in text for one in found)


def test_the_tables_are_long_enough() -> None:
    """More than sixty harmless values and forty secrets keep the guess honest."""
    assert (len(HARMLESS) >= 60, len(SECRET) >= 40) == (True, True)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("password", "password"),
        ("token", "token"),
        ("tokens", ""),
        ("TOKEN_2", "token"),
        ("key", ""),
        ("keyName", ""),
        ("", ""),
        ("monkey", ""),
        ("secretsManager", ""),
        ("密码", "password"),
        ("密码提示", ""),
    ],
)
def test_a_name_sounds_like_a_secret_or_not(name: str, kind: str) -> None:
    """Words decide, in any spelling; what speaks about a secret is none."""
    assert sounds(name) == kind
