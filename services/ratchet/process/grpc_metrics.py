"""What every gRPC server counts."""

from prometheus_client import Counter

CERTIFICATES = Counter(
    "ratchet_grpc_certificates_total",
    "Changes of the certificate's files, taken up or refused.",
    ["outcome"],
)
