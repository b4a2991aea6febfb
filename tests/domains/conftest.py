"""Certificates, and servers that show them."""

import pytest

from tests.domains.certificates import Authority, Server


@pytest.fixture(scope="session")
def authority():
    return Authority()


@pytest.fixture
def shows(tmp_path):
    """A server that shows this certificate from now on."""
    running = []

    def start(made, chain=""):
        running.append(Server(tmp_path, made, chain))
        return running[-1]

    yield start
    for server in running:
        server.stop()
