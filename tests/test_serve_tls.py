"""The server speaks TLS with a certificate from a file."""

from __future__ import annotations

import ipaddress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ConnectionClosedError, SSLError
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from serving import running_server

if TYPE_CHECKING:
    from pathlib import Path


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def test_clients_that_know_the_certificate_are_answered_and_others_refuse(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = write_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # for whoever waits here until it is ready
    with running_server(tmp_path / "data", tls_certificate=certificate, tls_private_key=key) as server:
        assert server.endpoint_url.startswith("https://127.0.0.1:")
        assert server.boto3_client(verify=str(certificate)).list_collections()["CollectionIds"] == []
        with pytest.raises(SSLError):
            server.boto3_client().list_collections()
        unencrypted = replace(server, endpoint_url=server.endpoint_url.replace("https://", "http://"))
        with pytest.raises(ConnectionClosedError):
            unencrypted.boto3_client().list_collections()


def test_a_certificate_that_is_not_there_is_told_before_anything_starts(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match=r"there is no file .*absent\.pem"),
        running_server(
            tmp_path / "data",
            tls_certificate=tmp_path / "absent.pem",
            tls_private_key=tmp_path / "absent.pem",
        ),
    ):
        pass
