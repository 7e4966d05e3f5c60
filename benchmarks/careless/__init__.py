"""What careless labelers do to a judge: `make bench-careless`."""
