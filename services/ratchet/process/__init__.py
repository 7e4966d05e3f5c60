"""What every service shares: settings, start and drain, the gRPC server, the compute lease."""
