"""Whether labels that are asked for where they teach reach an agreement sooner than random ones."""
