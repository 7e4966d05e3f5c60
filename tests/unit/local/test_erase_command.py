"""What `ratchet erase` asks for before it does anything."""

import pytest

from ratchet.cli import main


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "one of the arguments --labeler --prompt-id is required"),
        (["--labeler", "Ann", "--prompt-id", "p"], "not allowed with argument --labeler"),
        (["--labeler", " "], "argument --labeler: is empty"),
        (["--prompt-id", "p", "--prompt-id", ""], "argument --prompt-id: is empty"),
    ],
)
def test_it_is_said_whose_and_not_nobodys(
    options: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["erase", *options])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


def test_where_nothing_runs_it_says_so(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["erase", "--labeler", "Ann", "--yes", "--state", str(tmp_path)]) == 2
    assert "nothing runs there; name Kafka: --kafka HOST:PORT" in capsys.readouterr().err
