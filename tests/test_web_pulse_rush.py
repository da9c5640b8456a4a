"""Many people answer at once and the server is killed: what was taken is there, what was not can be sent again."""

from datetime import UTC, datetime

import pytest

from groundswell.privacy.charter import Charter
from groundswell.runs.folder import Folder, init
from pulse_rush import Server, held, rush, tokens

pytestmark = pytest.mark.slow


def test_nothing_is_lost_when_the_server_is_killed(tmp_path):
    """After SIGKILL in a rush every answer that was taken is in the book, and the others can still be given, once."""
    company = tmp_path / "company"
    init(Folder(company), Charter(), now=datetime.now(UTC))
    bodies = tokens(company, 600)
    server = Server(company, workers=2)
    status, _ = rush(server.port, bodies, after=lambda taken: server.kill() if taken == 250 else None)
    taken = status.count(200)
    assert 250 <= taken < 600
    assert set(status) <= {0, 200}
    server = Server(company)
    try:
        assert held(company) >= taken
        again, _ = rush(server.port, bodies)
        assert all(now == 409 for before, now in zip(status, again, strict=True) if before == 200)
        assert set(again) <= {200, 409}
        assert held(company) == 600
    finally:
        server.kill()
