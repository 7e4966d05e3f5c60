"""What kinds of decoders there are, as far as they are read in different ways."""

from collections.abc import Sequence
from typing import Any


def sees_everything_before(config: Any) -> bool:
    """Whether attention is plain and causal: no window, no soft cap, no linear layers."""
    kinds: Sequence[str] = getattr(config, "layer_types", None) or ()
    windowed = getattr(config, "sliding_window", None) is not None and not kinds
    return (
        not windowed
        and all(kind == "full_attention" for kind in kinds)
        and getattr(config, "attn_logit_softcapping", None) is None
        and getattr(config, "is_causal", True)
        and not getattr(config, "use_bidirectional_attention", False)
    )
