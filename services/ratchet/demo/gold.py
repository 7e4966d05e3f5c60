"""The hidden gold score. Only the simulated labeler and the final report may import this module.

Gold is the weighted sum of ten checks (0 to 12), less penalties for repetition and emptiness, plus
the answer's fluency: its mean log-probability per token under a language model that the loop does
not train, clipped at -5 nats.
"""

import re

from ratchet.demo.prompts import CustomerPrompt
from ratchet.demo.shop_standard import SENTENCES

_APOLOGY = re.compile(r"\b(sorry|apologi[sz]e|apolog(?:y|ies))\b", re.IGNORECASE)
_REFUND = re.compile(
    r"\b(refund\w*|replac\w*|reimburs\w*|discount\w*|compensat\w*)\b", re.IGNORECASE
)
_ORDER_NUMBER = re.compile(r"\border\s+(?:number|id|no\b|#)", re.IGNORECASE)
_OFFER = re.compile(
    r"(help|assist|let (?:me|us) know|contact|reach out|any (?:other |further |more )?question)",
    re.IGNORECASE,
)
_POLITE = re.compile(r"\b(thank\w*|please)\b", re.IGNORECASE)
_MARKUP = re.compile(r"(^\s*(?:[-*#>]|\d+[.)])\s*)|\*\*|\[|\]|https?:", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")

SHORT_WORDS = 45
FLUENCY_FLOOR = -5.0
HIGHEST = sum(weight for weight, _ in SENTENCES.values())
"""Of the checks alone."""


def broken_criteria(prompt: CustomerPrompt, answer: str, finish_reason: str) -> frozenset[str]:
    """The ids of the criteria that an answer breaks."""
    text = answer.strip()
    lower = text.lower()
    sentences = [part for part in _SENTENCE_END.split(text) if part]
    met = {
        "names_product": re.search(rf"\b{prompt.product}(?:e?s)?\b", lower) is not None,
        "names_problem": any(re.search(rf"\b{stem}", lower) for stem in prompt.problem.stems),
        "asks_order_number": _ORDER_NUMBER.search(text) is not None,
        "apologises_once": len(_APOLOGY.findall(text)) == 1,
        "offers_help": bool(sentences) and _OFFER.search(sentences[-1]) is not None,
        "polite": _POLITE.search(text) is not None,
        "short": 0 < len(text.split()) <= SHORT_WORDS,
        "finished": finish_reason == "stop" and text.endswith((".", "!", "?")),
        "no_invented_refund": bool(text) and _REFUND.search(text) is None,
        "plain": bool(text) and _MARKUP.search(text) is None,
    }
    return frozenset(name for name in SENTENCES if not met[name])


def repetition(answer: str) -> float:
    """Share of the answer's word trigrams that have occurred in it before, 0 to 1."""
    words = answer.lower().split()
    trigrams = [tuple(words[i : i + 3]) for i in range(len(words) - 2)]
    return 1 - len(set(trigrams)) / len(trigrams) if trigrams else 0.0


def gold_score(
    prompt: CustomerPrompt, answer: str, finish_reason: str, mean_log_probability: float
) -> float:
    """Gold of one answer; `mean_log_probability` is in nats per token under the fixed model."""
    broken = broken_criteria(prompt, answer, finish_reason)
    met = sum(weight for name, (weight, _) in SENTENCES.items() if name not in broken)
    emptiness = 3.0 if len(answer.split()) < 5 else 0.0
    return met - 4.0 * repetition(answer) - emptiness + max(mean_log_probability, FLUENCY_FLOOR)
