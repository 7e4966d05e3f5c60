"""What counts as a dropped request."""

import itertools
import threading
from types import SimpleNamespace

import grpc

from ratchet.demo import traffic
from ratchet.demo.traffic import Traffic


class Unavailable(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


def test_a_score_is_dropped_only_where_scores_were_served_before(monkeypatch):
    monkeypatch.setattr(traffic, "PAUSE_SECONDS", 0.0)
    answers, enough = itertools.chain([Unavailable, None, Unavailable]), threading.Event()

    def score(request, timeout):
        error = next(answers, None)
        if error is not None:
            raise error

    rows = []

    def record(row):
        rows.append(row)
        if sum(r["call"] == "Score" for r in rows) == 3:
            enough.set()

    generate = SimpleNamespace(Generate=lambda request, timeout: None)
    app = Traffic(generate, SimpleNamespace(Score=score), record)
    app.judge_is_proven()
    app.start()
    assert enough.wait(timeout=30)
    app.stop()
    codes = [row["code"] for row in rows if row["call"] == "Score"]
    assert codes[:3] == ["OK", "UNAVAILABLE", "OK"]
