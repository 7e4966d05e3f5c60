"""What a run of the demo showed: measured against the hidden gold score, drawn and told."""
