"""Forms of preference data, one a file; all read and write `ratchet.v1.Preference`."""
