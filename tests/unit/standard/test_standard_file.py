import pytest

from ratchet.standard.checks.any_check import check_of
from ratchet.standard.standard_file import parse_standard, ready_made, standard_text
from ratchet.standard.validation import StandardError

GOOD = {
    "customer-support": (
        "My kettle leaks.",
        "I am sorry that your kettle leaks. Please send me the order number, and a courier will "
        "fetch it tomorrow.",
    ),
    "contract-clauses": (
        "A clause on late payment.",
        "The Customer shall pay each invoice within 30 days of its date. If the Customer pays late,"
        " the Supplier may charge interest of 8 percent a year on the sum that is due.",
    ),
    "python-functions": (
        "Write double.",
        '```python\ndef double(x: int) -> int:\n    """Twice x."""\n    return 2 * x\n```',
    ),
}
BAD = {
    "customer-support": (
        "My kettle leaks.",
        "Dear [name], we will gladly refund you, we will gladly refund you, we will gladly refund "
        "you, and " + "so on " * 120,
    ),
    "contract-clauses": (
        "A clause.",
        "Sure, here you are:\nPay promptly on [date] and/or TBD " * 9,
    ),
    "python-functions": (
        "Write double.",
        "def f(x):\n    print(eval(x))\n" + "\n" * 60 + "f('1')(2)",
    ),
}


def broken(name: str, prompt: str, answer: str) -> set[str]:
    standard = parse_standard(standard_text(name))
    checks = {c.criterion_id: check_of(c.check) for c in standard.criteria if c.HasField("check")}
    return {each for each, check in checks.items() if check.fault(prompt, answer)}


def test_there_are_three_to_start_from() -> None:
    assert ready_made() == ["contract-clauses", "customer-support", "python-functions"]


@pytest.mark.parametrize("name", ready_made())
def test_a_good_answer_meets_all_checks_and_a_bad_one_few(name: str) -> None:
    assert broken(name, *GOOD[name]) == set()
    checked = sum(c.HasField("check") for c in parse_standard(standard_text(name)).criteria)
    assert len(broken(name, *BAD[name])) >= checked - 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (("weight = 4", "weight = 0"), "criteria[0].weight: must be above 0"),
        (("weight = 4", 'weight = "much"'), "criteria[0].weight"),
        (("weight = 4", "wieght = 4"), "criteria[0].wieght: Extra"),
        (("max_words = 120", "max_wrods = 120"), "criteria[6].check.length.max_wrods"),
        (
            ("max_words = 120", "max_words = 4294967296"),
            "criteria[6].check.length.max_words: Input",
        ),
        (
            (
                'kind = "finished"',
                'kind = "names_something_of_the_prompt", min_letters = 5000000000',
            ),
            "criteria[7].check.names_something_of_the_prompt.min_letters: Input",
        ),
        (('kind = "finished"', 'kind = "finish"'), "criteria[7].check"),
        (("standard_id = ", "id = "), "standard_id: Field required"),
        (('"solves_it"', '"polite"'), "criteria[4].criterion_id: 'polite' is used twice"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(changed: tuple[str, str], told: str) -> None:
    text = standard_text("customer-support")
    assert changed[0] in text
    with pytest.raises(StandardError) as caught:
        parse_standard(text.replace(*changed, 1))
    assert str(caught.value).startswith(told)


def test_no_toml_and_no_file_are_told() -> None:
    with pytest.raises(ValueError, match="no TOML"):
        parse_standard("= 3")
    with pytest.raises(FileNotFoundError, match="contract-clauses, customer-support"):
        standard_text("nowhere.toml")
