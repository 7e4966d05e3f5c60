"""What a role is called in folders, keys, labels and on the command line."""

from ratchet.v1.weights_pb2 import Role

ROLES = (Role.ROLE_POLICY, Role.ROLE_JUDGE)


def role_name(role: Role) -> str:
    """Such as "policy"; raises ValueError for what is neither policy nor judge."""
    if role not in ROLES:
        raise ValueError(f"{role} is no role of a version")
    return Role.Name(role).removeprefix("ROLE_").lower()


def role_named(name: str) -> Role:
    """The role of a name; raises ValueError."""
    for role in ROLES:
        if role_name(role) == name:
            return role
    raise ValueError(f"{name!r} is no role: policy or judge")
