"""Where a program that nobody vouches for is run: docs/decisions/sandbox.md."""
