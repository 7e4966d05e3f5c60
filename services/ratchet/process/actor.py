"""For whom a service calls another one."""

ACTOR_METADATA = "ratchet-actor-bin"
"""A person's name in UTF-8, beside a call that the person asked for."""
