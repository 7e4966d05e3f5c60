"""What a program can tell of an answer without a model, one kind of check per class."""
