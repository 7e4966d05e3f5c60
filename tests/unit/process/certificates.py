"""Real certificates, made on the spot."""

from pathlib import Path

import trustme

from ratchet.process.config import TlsSettings

NAME = "judge.test"


class Certificates:
    """A folder with the files of a server and of its client, signed by `authority`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.ca = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(str(self.ca))
        self.server, self.server_key = self.issue("server", NAME)
        self.client, self.client_key = self.issue("client", "app@ratchet.test")

    def issue(
        self, name: str, identity: str, authority: trustme.CA | None = None
    ) -> tuple[Path, Path]:
        """Writes NAME.pem and NAME.key, over those that were there; each in one step."""
        issued = (authority or self.authority).issue_cert(identity)
        chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        for file, data in zip(files, (chain, issued.private_key_pem.bytes()), strict=True):
            replace(file, data)
        return files

    def tls(self, mutual: bool = False) -> TlsSettings:
        """Settings of the server."""
        return TlsSettings(
            certificate=self.server,
            private_key=self.server_key,
            client_ca=self.ca if mutual else None,
        )


def replace(file: Path, data: bytes) -> None:
    """As those who renew certificates do: written aside, then renamed."""
    aside = file.with_suffix(".new")
    aside.write_bytes(data)
    aside.rename(file)
