"""`mealsvc serve --https`: a client that trusts only our authority gets in, and nothing else does."""

import http.client
import ssl
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from mealsvc.app import create_app
from mealsvc.plumbing import certificate
from mealsvc.plumbing.guards import guard_of
from tests.hostile.served import COMMAND, _free_port

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def served(app, tmp_path):
    """The port of a server with its own certificate for till.lan."""
    port, log = _free_port(), tmp_path / "log"
    words = ["serve", "--https", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [COMMAND, *words, "--name", "till.lan"],
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        yield Server(port, app.config["INSTANCE"] / certificate.FOLDER, process, log)
    finally:
        process.terminate()
        process.wait(timeout=15)


class Server:
    """Asks over https, trusting one certificate."""

    def __init__(self, port, folder, process, log):
        self.port, self.folder, self.process, self.log = port, folder, process, log
        end = time.monotonic() + 30
        while True:
            try:
                self.ask("/healthz")
                return
            except OSError:
                assert time.monotonic() < end and process.poll() is None, log.read_text()
                time.sleep(0.1)

    def ask(self, path, name="127.0.0.1"):
        trust = ssl.create_default_context(cafile=self.folder / certificate.CA_CERT)
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=10, context=NamedContext(trust, name)
        )
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()


class NamedContext:
    """Connects to the address and asks for another name, as if the name server had said so."""

    def __init__(self, context, name):
        self._context, self._name = context, name

    def wrap_socket(self, sock, server_hostname=None):
        return self._context.wrap_socket(sock, server_hostname=self._name)

    def __getattr__(self, name):
        return getattr(self._context, name)


def test_a_client_that_trusts_only_our_authority_gets_in_by_the_right_names(served):
    for name in ("127.0.0.1", "localhost", "till.lan"):
        assert served.ask("/healthz", name)[0].status == 200
    with pytest.raises(ssl.SSLCertVerificationError, match="match"):
        served.ask("/healthz", "other.lan")
    with pytest.raises(ssl.SSLCertVerificationError):
        strangers = ssl.create_default_context()
        http.client.HTTPSConnection(
            "127.0.0.1", served.port, timeout=10, context=strangers
        ).request("GET", "/healthz")


def test_the_page_of_the_certificate_shows_its_fingerprint_and_cookies_are_secure(served):
    printed = certificate.fingerprint(served.folder / certificate.CA_CERT)
    assert printed in served.ask("/certificate")[1].decode()
    assert printed in served.log.read_text()
    response, body = served.ask("/certificate/mealsvc-ca.crt")
    assert response.headers["Content-Type"] == "application/x-x509-ca-cert"
    assert body == (served.folder / certificate.CA_CERT).read_bytes()
    assert "Secure" in served.ask("/login")[0].headers["Set-Cookie"]
    assert {path.stat().st_mode & 0o077 for path in (served.folder, *served.folder.iterdir())} == {
        0
    }


def test_a_server_without_it_has_no_such_page_and_with_it_the_page_is_public(app, tmp_path):
    assert app.test_client().get("/certificate").status_code == 404
    made = certificate.ensure(tmp_path, [], NOW)
    other = create_app({**app.config, "CERTIFICATE": made.ca})
    declared = guard_of(other, "certificate.page"), guard_of(other, "certificate.download")
    assert all(one is not None and one.public for one in declared)


def test_the_certificate_is_renewed_in_time_and_for_new_names_under_the_same_authority(tmp_path):
    first = certificate.ensure(tmp_path, ["till.lan"], NOW)
    present = first.certificate.read_bytes()
    lasts = x509.load_pem_x509_certificate(present)
    assert lasts.not_valid_after_utc - lasts.not_valid_before_utc <= timedelta(days=397)
    end = lasts.not_valid_after_utc
    certificate.ensure(tmp_path, ["till.lan"], end - timedelta(days=30))
    assert first.certificate.read_bytes() == present
    certificate.ensure(tmp_path, ["till.lan"], end - timedelta(days=29))
    renewed = first.certificate.read_bytes()
    assert renewed != present
    certificate.ensure(tmp_path, ["till.lan", "192.0.2.9"], end - timedelta(days=29))
    assert first.certificate.read_bytes() != renewed
    again = certificate.ensure(tmp_path, ["till.lan", "192.0.2.9"], end)
    assert again.fingerprint == first.fingerprint


def test_a_certificate_of_another_key_or_authority_is_made_anew(tmp_path):
    made = certificate.ensure(tmp_path, [], NOW)
    good = made.certificate.read_bytes()
    other = certificate.ensure(_folder(tmp_path, "other"), [], NOW)
    for path, foreign in ((made.key, other.key), (made.certificate, other.certificate)):
        path.write_bytes(foreign.read_bytes())
        certificate.ensure(tmp_path, [], NOW)
        assert made.certificate.read_bytes() not in (good, other.certificate.read_bytes())
        good = made.certificate.read_bytes()
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trusted.load_cert_chain(made.certificate, made.key)  # refuses a key that does not fit


def _folder(parent, name):
    (parent / name).mkdir()
    return parent / name
