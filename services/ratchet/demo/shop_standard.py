"""The standard of the demo's shop: sentences and weights, and no check that a program could run."""

from ratchet.v1.standard_pb2 import Criterion, Standard

STANDARD_ID = "shop-support"

SENTENCES: dict[str, tuple[float, str]] = {
    "names_product": (2.0, "The answer names the product that the customer wrote about."),
    "names_problem": (2.0, "The answer names the problem that the customer wrote about."),
    "asks_order_number": (1.5, "The answer asks for the order number."),
    "apologises_once": (1.0, "The answer says sorry once, and not again and again."),
    "offers_help": (1.0, "The answer offers further help in its last sentence."),
    "polite": (1.0, "The answer says thank you or please."),
    "short": (1.0, "The answer has at most 45 words."),
    "finished": (1.0, "The last sentence is finished."),
    "no_invented_refund": (1.0, "The answer promises no refund, replacement or discount."),
    "plain": (0.5, "The answer is plain sentences: no lists, no headings, no empty brackets."),
}
"""criterion id -> (weight, sentence)"""


def shop_standard() -> Standard:
    """The standard as `FeedbackService.PutStandard` takes it."""
    return Standard(
        standard_id=STANDARD_ID,
        title="Answers of our customer support",
        criteria=[
            Criterion(criterion_id=name, weight=weight, sentence=sentence)
            for name, (weight, sentence) in SENTENCES.items()
        ],
    )
