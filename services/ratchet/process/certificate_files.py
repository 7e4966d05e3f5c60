"""The files of a server's certificate, followed as they change."""

import logging
import ssl
import threading

import grpc

from ratchet.process import grpc_metrics
from ratchet.process.config import ConfigError, TlsSettings
from ratchet.process.file_stamp import Stamp, file_stamp

log = logging.getLogger(__name__)


class CertificateFiles:
    """Looks at the files at every handshake; connections that stand keep what they began with.

    New files that do not fit together, or cannot be read, change nothing: the last good ones are
    served on, and looked at again once they have changed again.
    """

    def __init__(self, tls: TlsSettings) -> None:
        """Reads the files; certificate and private key must be set.

        Raises:
            ConfigError: one cannot be read, is no PEM, or the key is not the certificate's.
        """
        assert tls.certificate is not None and tls.private_key is not None
        self._certificate, self._private_key = tls.certificate, tls.private_key
        self._client_ca = tls.client_ca
        self._lock = threading.Lock()  # gRPC asks from threads of its own.
        self._seen = self._stamp()
        """of the files that were last taken up or refused"""
        self._first = self._read()

    def credentials(self) -> grpc.ServerCredentials:
        """For `add_secure_port`."""
        return grpc.dynamic_ssl_server_credentials(
            self._first,
            self._changed,  # pyright: ignore[reportArgumentType] - the stubs forbid the None
            require_client_authentication=self._client_ca is not None,
        )

    def ssl_context(self) -> ssl.SSLContext:
        """For a server on Python's own TLS, which follows the files like gRPC's."""
        context = self._load()
        newest = context

        def on_hello(
            connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext
        ) -> None:
            nonlocal newest
            if self._changed() is not None:
                newest = self._load()
            connection.context = newest

        context.sni_callback = on_hello
        return context

    def _changed(self) -> grpc.ServerCertificateConfiguration | None:
        """What to serve from now on; None: what was served before."""
        with self._lock:
            stamp = self._stamp()
            if stamp == self._seen:
                return None
            try:
                found = self._read()
            except ConfigError as error:
                self._seen = stamp
                grpc_metrics.RELOADS.labels("certificate", "refused").inc()
                log.error("the changed certificate is refused, the last one served on: %s", error)
                return None
            if self._stamp() != stamp:
                return None  # They are being written: the next handshake looks again.
            self._seen = stamp
        grpc_metrics.RELOADS.labels("certificate", "loaded").inc()
        log.info("serving the changed certificate in %s", self._certificate)
        return found

    def _read(self) -> grpc.ServerCertificateConfiguration:
        self._load()
        try:
            pair = self._private_key.read_bytes(), self._certificate.read_bytes()
            trusted = self._client_ca and self._client_ca.read_bytes()
        except OSError as error:
            raise ConfigError(f"tls: {error.filename}: {error.strerror}") from None
        return grpc.ssl_server_certificate_configuration([pair], trusted)

    def _load(self) -> ssl.SSLContext:
        """Raises ConfigError where OpenSSL cannot use the files."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        pair = f"certificate {self._certificate}, private_key {self._private_key}"
        try:
            # A password, or OpenSSL would ask for that of an encrypted key at the terminal.
            context.load_cert_chain(self._certificate, self._private_key, password="")
        except OSError as error:
            raise ConfigError(f"tls: {pair}: {error.strerror}") from None
        if self._client_ca is None:
            return context
        try:
            context.load_verify_locations(self._client_ca)
        except OSError as error:
            raise ConfigError(f"tls: client_ca {self._client_ca}: {error.strerror}") from None
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _stamp(self) -> tuple[Stamp, ...]:
        files = [self._certificate, self._private_key, self._client_ca]
        return tuple(file_stamp(file) for file in files if file is not None)
