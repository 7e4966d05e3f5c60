"""`make bench-recursion`: whether a judge that learns with its policy beats one that is frozen."""
