"""Everything on one machine: the Kafka broker, the supervisor, `ratchet up`."""
