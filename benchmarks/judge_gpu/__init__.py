"""`make bench-judge-gpu`: the judge's speed on one GPU, in one call of less than ten minutes."""
