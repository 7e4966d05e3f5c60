"""`make bench-judge`: the judge's speed beside that of its peers, in one call."""
