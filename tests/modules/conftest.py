"""What the tests of modules share."""

import pytest

from apps.inventory import catalogue


@pytest.fixture
def offers(service):
    """The catalogue, read."""
    catalogue.read("sandbox")


@pytest.fixture
def truth(ovh, service):
    """The service as it really is."""
    return ovh.truth(service.name)
