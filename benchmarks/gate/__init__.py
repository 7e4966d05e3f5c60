"""What the gate's proof costs in labels, and how often it errs, beside others' tests."""
