"""Which servers an address means."""

import re
import socket

_HOST_PORT = re.compile(r"[^:/,]+:\d+")
_SCHEME = re.compile(r"(dns|ipv4|ipv6|unix|unix-abstract|vsock|xds):")


def grpc_target(address: str) -> str:
    """GRPC's name for "host:port", or for several with commas between.

    One host stays a name, of which gRPC resolves every address, again when connections break. Of
    several, which gRPC's resolvers do not know, the names are resolved here and once.

    Raises:
        ValueError: no port, or a name that does not resolve.
    """
    if _SCHEME.match(address) and not _HOST_PORT.fullmatch(address):
        return address
    hosts = [_host_port(part.strip()) for part in address.split(",")]
    if len(hosts) == 1:
        return f"dns:///{address.strip()}"
    found = [_resolve(*host) for host in hosts]
    if all(family == socket.AF_INET for family, _ in found):
        return "ipv4:" + ",".join(text for _, text in found)
    if all(family == socket.AF_INET6 for family, _ in found):
        return "ipv6:" + ",".join(text for _, text in found)
    raise ValueError(f"target {address!r}: IPv4 and IPv6 cannot be mixed")


def first_host(address: str) -> str:
    """The name that a certificate is checked against where several servers are meant."""
    return _host_port(address.split(",")[0].strip())[0]


def _host_port(part: str) -> tuple[str, str]:
    host, colon, port = part.rpartition(":")
    if not colon or not host or not port.isdigit():
        raise ValueError(f"target {part!r}: not host:port")
    return host.strip("[]"), port


def _resolve(host: str, port: str) -> tuple[int, str]:
    try:
        found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    except (OSError, OverflowError) as error:
        raise ValueError(f"target {host}:{port}: {error}") from None
    family, *_, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    text = f"[{address[0]}]" if family == socket.AF_INET6 else str(address[0])
    return family, f"{text}:{port}"
