"""What every gRPC server counts."""

from prometheus_client import Counter

REFUSED = Counter(
    "ratchet_grpc_refused_total",
    "Calls turned away, by the limit that they met and the tenant that called.",
    ["reason", "tenant"],
)
RELOADS = Counter(
    "ratchet_grpc_reloads_total",
    "Changes of the certificate and of the keys, taken up or refused.",
    ["file", "outcome"],
)
