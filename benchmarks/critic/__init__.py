"""Which form of critique tells best what an answer breaks: `make bench-critic`."""
