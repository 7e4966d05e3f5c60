"""What the settings of feedback and its page allow."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from ratchet.feedback.config import FeedbackSettings
from ratchet.process.config import ConfigError, load_settings

PAGE = 'registry = "r"\npage_host = "0.0.0.0"\n'
TLS = '[tls]\ncertificate = "c"\nprivate_key = "k"\n'


def load(folder: Path, text: str) -> FeedbackSettings:
    path = folder / "feedback.toml"
    path.write_text(text)
    return load_settings(FeedbackSettings, "feedback", path, {})


@pytest.mark.parametrize("text", [PAGE, PAGE + TLS, PAGE + '[auth]\nkeys_file = "f"'])
def test_beyond_loopback_a_page_for_anyone_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"page_host: '0\.0\.0\.0' is not loopback"):
        load(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    [
        'registry = "r"\n',
        PAGE + TLS + 'client_ca = "a"\n',
        PAGE + TLS + '[auth]\nkeys_file = "f"\n',
        PAGE + "insecure_public = true\n",
    ],
)
def test_a_page_may_be_this_machines_or_that_of_known_people(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text).page_port == 8054


def test_a_certificate_for_a_learner_without_tls_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="learner: certificate needs ca"):
        load(
            tmp_path,
            'registry = "r"\n[learner]\naddress = "h:1"\ncertificate = "c"\nprivate_key = "k"\n',
        )


def test_shares_that_leave_no_room_are_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"tail_share\n.*more than 1"):
        FeedbackSettings(registry=Path("r"), random_share=0.6, tail_share=0.5)
