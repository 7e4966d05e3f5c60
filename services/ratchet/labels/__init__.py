"""Preference data in and out: the forms of other tools, and our own."""
