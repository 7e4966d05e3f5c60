"""People's side of the loop: standards, comparisons to label, and what the labelers said."""
