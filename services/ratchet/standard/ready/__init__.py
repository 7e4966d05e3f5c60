"""Standards to start from, as files that `ratchet standard show` prints."""
