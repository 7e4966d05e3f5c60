"""How far a judge may act alone by a standard, as far as people's labels prove it."""
