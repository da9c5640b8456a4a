"""What every test may ask for: rewriting the golden files instead of comparing with them."""

import pytest


def pytest_addoption(parser):
    """`pytest --update-golden` rewrites expected.json and the golden pages; read the difference before committing it."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing with them")


@pytest.fixture
def update_golden(request):
    """True if this run writes the golden files anew."""
    return request.config.getoption("--update-golden")
