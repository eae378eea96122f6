"""Where settings come from, and what is said when one is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from countenance.errors import SettingsInvalid
from countenance.settings import Origin, Settings, explain_settings, read_settings


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"COUNTENANCE_{name.upper()}", raising=False)
    monkeypatch.delenv("COUNTENANCE_SETTINGS", raising=False)
    monkeypatch.chdir(tmp_path)


def origin_of(name: str, **given: Any) -> tuple[str, Origin]:
    (found,) = [each for each in explain_settings(**given) if each.name == name]
    return found.value, found.origin


PORTS = st.none() | st.integers(1, 65535)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=PORTS, environment=PORTS, file=PORTS)
def test_a_flag_counts_more_than_the_environment_and_that_more_than_the_file(
    command: int | None, environment: int | None, file: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        Path("countenance.toml").write_text(f"port = {file}" if file else "")
        if environment:
            patch.setenv("COUNTENANCE_PORT", str(environment))
        expected = next(
            (port, origin)
            for port, origin in (
                (command, Origin.COMMAND),
                (environment, Origin.ENVIRONMENT),
                (file, Origin.FILE),
                (8080, Origin.DEFAULT),
            )
            if port
        )
        assert read_settings(port=command).port == expected[0]
        assert origin_of("port", port=command) == (str(expected[0]), expected[1])


def test_the_file_is_the_one_that_is_given_else_the_environments_else_the_folders(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, port in (("countenance.toml", 1), ("named.toml", 2), ("given.toml", 3)):
        (tmp_path / name).write_text(f"port = {port}")
    assert read_settings().port == 1
    monkeypatch.setenv("COUNTENANCE_SETTINGS", "named.toml")
    assert read_settings().port == 2
    assert read_settings(tmp_path / "given.toml").port == 3


def test_buckets_are_a_table_in_the_file_and_an_object_in_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("countenance.toml").write_text('[buckets]\nholidays = "/srv/photos"\n')
    assert read_settings().buckets == {"holidays": Path("/srv/photos")}
    monkeypatch.setenv("COUNTENANCE_BUCKETS", json.dumps({"archive": "/srv/archive"}))
    assert read_settings().buckets["archive"] == Path("/srv/archive")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("prot = 1", "there is no setting prot"),
        ("port = 70000", "port=70000: "),
        ("port = 'many'", "port='many': "),
        ("account_id = '12'", "account_id='12': "),
        ("provider = 'tpu'", "provider='tpu': "),
        ("port = ", "the settings cannot be read: "),
        ("tls_certificate = '/c.pem'", "tls_certificate and tls_private_key go together"),
        ("master_key = 'aa'\nmaster_key_file = '/k'", "only one of master_key_file, master_key and"),
        ("buckets = 'x'", "buckets='x': "),
    ],
)
def test_what_is_wrong_in_the_file_is_named(content: str, said: str) -> None:
    Path("countenance.toml").write_text(content)
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


def test_what_is_wrong_in_the_environment_is_named_as_it_stands_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COUNTENANCE_WORKERS", "0")
    with pytest.raises(SettingsInvalid, match="COUNTENANCE_WORKERS='0': "):
        read_settings()


def test_a_file_that_is_not_there_is_an_error_where_it_was_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"absent\.toml does not exist"):
        read_settings(tmp_path / "absent.toml")


def test_secrets_are_neither_listed_nor_repeated_in_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTENANCE_MASTER_KEY", "open sesame")
    monkeypatch.setenv("COUNTENANCE_DATABASE_URL", "postgresql://me:open-sesame@host/db")
    assert "sesame" not in repr(read_settings()) + repr(explain_settings())
    assert origin_of("master_key") == ("**********", Origin.ENVIRONMENT)
    Path("countenance.toml").write_text("database_url = ['open sesame']")
    monkeypatch.delenv("COUNTENANCE_DATABASE_URL")
    with pytest.raises(SettingsInvalid) as refused:
        read_settings()
    assert "sesame" not in str(refused.value)


def test_webhooks_need_a_secret_and_neither_is_listed() -> None:
    file = Path("countenance.toml")
    file.write_text("[webhooks]\ndoor = 'https://example.org/open-sesame'")
    with pytest.raises(SettingsInvalid, match="webhooks need a webhook_secret"):
        read_settings()
    file.write_text(f"webhook_secret = 'open sesame'\n{file.read_text()}")
    assert read_settings().webhooks["door"].get_secret_value() == "https://example.org/open-sesame"
    assert "sesame" not in repr(read_settings()) + repr(explain_settings())


def test_every_setting_is_explained() -> None:
    explained = explain_settings()
    assert [each.name for each in explained] == list(Settings.model_fields)
    assert all(each.description for each in explained)
    assert {each.origin for each in explained} == {Origin.DEFAULT}
