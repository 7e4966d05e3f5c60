"""HDR histograms of durations: exact to three digits, and mergeable over processes."""

from typing import Any

from hdrh.histogram import HdrHistogram

LONGEST_SECONDS = 3600
DIGITS = 3
MICROSECONDS = 1_000_000


class Histogram:
    """Durations in whole microseconds, up to an hour; what is longer counts as an hour."""

    def __init__(self, encoded: str = "") -> None:
        """Empty, or as `encode` left it. Raises ValueError for what is no histogram."""
        if not encoded:
            self._hdr = HdrHistogram(1, LONGEST_SECONDS * MICROSECONDS, DIGITS)
            return
        try:
            self._hdr: Any = HdrHistogram.decode(encoded.encode())
        except Exception as error:  # The library raises whatever its parts raise.
            raise ValueError(f"is no HDR histogram: {error!r}") from None

    def __len__(self) -> int:
        return int(self._hdr.get_total_count())

    def __reduce__(self) -> tuple[type["Histogram"], tuple[str]]:
        # To other processes it goes in its own format.
        return Histogram, (self.encode(),)

    def record(self, seconds: float) -> None:
        """Adds one; less than a microsecond counts as 0."""
        self._hdr.record_value(
            min(max(round(seconds * MICROSECONDS), 0), LONGEST_SECONDS * MICROSECONDS)
        )

    def add(self, other: "Histogram") -> None:
        """Adds all that the other one holds."""
        self._hdr.add(other._hdr)

    def percentile(self, percent: float) -> float | None:
        """Seconds that so many percent are not above; None where it is empty."""
        if not len(self):
            return None
        # The library gives the upper end of a bin, which can lie above everything recorded.
        found = self._hdr.get_value_at_percentile(percent)
        return min(found, self._hdr.get_max_value()) / MICROSECONDS

    def encode(self) -> str:
        """HdrHistogram's V2 format, compressed, in base64: other tools read it, too."""
        return self._hdr.encode().decode()
