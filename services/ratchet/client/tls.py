"""How a connection is secured."""

from dataclasses import dataclass
from pathlib import Path

import grpc


@dataclass(frozen=True)
class Tls:
    """Files in PEM. A client's certificate and key go together, for a server that asks for them."""

    ca: Path | None = None
    """Who may sign the server's certificate (default: gRPC's own roots)."""
    certificate: Path | None = None
    key: Path | None = None
    server_name: str = ""
    """The name in the server's certificate, where it is not the one that is called."""

    def credentials(self) -> grpc.ChannelCredentials:
        """Reads the files.

        Raises:
            OSError: one cannot be read.
            ValueError: a certificate without its key, or the reverse.
        """
        if (self.certificate is None) != (self.key is None):
            raise ValueError("tls: certificate and key go together")
        return grpc.ssl_channel_credentials(
            _read(self.ca), _read(self.key), _read(self.certificate)
        )


def _read(path: Path | None) -> bytes | None:
    return None if path is None else path.read_bytes()
