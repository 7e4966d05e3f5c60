"""What customers write to the shop: generated, split once into train, gate and never-trained.

Never-trained prompts share no product, no problem and no phrasing with the other two splits, so an
answer that names the right product there shows a rule learned and not a list remembered.
"""

import itertools
import random
from dataclasses import dataclass

SYSTEM = (
    "You are the customer support assistant of a small online shop. You look orders up by their "
    "order number. Reply to the customer in a short, friendly message."
)


@dataclass(frozen=True)
class Problem:
    """A complaint, and by what an answer shows that it understood.

    The stems are regular expressions, found at the beginning of a word in lower case.
    """

    sentence: str
    stems: tuple[str, ...]


@dataclass(frozen=True)
class CustomerPrompt:
    """One customer's message, with what a gold check must know about it."""

    prompt_id: str
    product: str
    problem: Problem
    text: str

    @property
    def messages(self) -> tuple[tuple[str, str], ...]:
        """(role, content) pairs."""
        return ("system", SYSTEM), ("user", self.text)


PRODUCTS = (
    "kettle", "lamp", "backpack", "toaster", "headset", "keyboard", "blender", "watch", "jacket",
    "chair", "printer", "router", "vacuum", "camera", "scooter", "tent", "mattress", "speaker",
    "drill", "bicycle", "fan", "heater", "monitor", "suitcase", "mixer", "projector", "umbrella",
    "sofa", "guitar", "juicer",
)  # fmt: skip
PROBLEMS = (
    Problem("arrived broken", ("broke", "damag")),
    Problem("stopped working after a week", ("stopped", "not work", r"\w+n't work")),
    Problem("makes a loud noise", ("nois", "loud")),
    Problem("is missing a part", ("missing", r"parts?\b")),
    Problem("came in the wrong color", ("color", "colour")),
    Problem("has not been delivered yet", ("deliver", "arriv")),
    Problem("is too small for me", ("small", "size")),
    Problem("smells of burnt plastic", ("smell", "burn")),
    Problem("has a deep scratch on it", ("scratch",)),
    Problem("keeps switching itself off", ("switch", "turn")),
)
PHRASINGS = (
    "Hello, my {product} {problem}. What can I do?",
    "Hi there! I bought a {product} and it {problem}. Please help.",
    "My new {product} {problem}. I am not happy.",
    "Good morning. The {product} that I ordered {problem}. What now?",
    "The {product} {problem}. Can you sort this out?",
    "I have a question: my {product} {problem}. What happens next?",
    "I got a {product} for my sister. It {problem}. She is upset.",
    "Last month I ordered a {product}. It {problem}.",
)

UNSEEN_PRODUCTS = (
    "stroller", "aquarium", "wardrobe", "trampoline", "drone", "accordion", "raincoat", "ladder",
    "teapot", "pillow", "saddle", "compass", "cradle", "flute", "curtain", "bracelet",
)  # fmt: skip
UNSEEN_PROBLEMS = (
    Problem("wobbles badly", ("wobbl", "unstable", "unsteady")),
    Problem("has a strange stain on it", (r"stain(?:s|ed)?\b",)),
    Problem("rusts at the edges", (r"rust(?:s|y|ed|ing)?\b",)),
    Problem("came with a loose screw", ("loose", "screw")),
    Problem("tore on the first day", ("tore", "torn", "tear", r"rip(?:s|ped)?\b")),
    Problem("is heavier than promised", ("heav", "weigh")),
)
UNSEEN_PHRASINGS = (
    "To whom it may concern: the {product} {problem}. Yours, Anna",
    "I hate to complain, but the {product} from your shop {problem}.",
    "Is it normal that a brand new {product} {problem}?",
    "A present from my aunt, this {product}, {problem}! Any advice?",
)

GATE_PROMPTS = 32
NEVER_TRAINED_PROMPTS = 256
_SPLIT_SEED = 20_26


def _cross(
    name: str, products: tuple[str, ...], problems: tuple[Problem, ...], phrasings: tuple[str, ...]
) -> list[CustomerPrompt]:
    """Every product with every problem, each in one phrasing drawn from a fixed seed, shuffled."""
    draw = random.Random(f"{name}-{_SPLIT_SEED}")
    prompts: list[CustomerPrompt] = []
    for product, problem in itertools.product(products, problems):
        for phrasing in draw.sample(phrasings, 3):
            text = phrasing.format(product=product, problem=problem.sentence)
            prompts.append(CustomerPrompt(f"{name}-{len(prompts):03d}", product, problem, text))
    draw.shuffle(prompts)
    return prompts


_SEEN = _cross("shop", PRODUCTS, PROBLEMS, PHRASINGS)
GATE = tuple(_SEEN[:GATE_PROMPTS])
TRAIN = tuple(_SEEN[GATE_PROMPTS:])
NEVER_TRAINED = tuple(
    _cross("unseen", UNSEEN_PRODUCTS, UNSEEN_PROBLEMS, UNSEEN_PHRASINGS)[:NEVER_TRAINED_PROMPTS]
)
BY_ID = {prompt.prompt_id: prompt for prompt in (*TRAIN, *GATE, *NEVER_TRAINED)}
