"""What the tests of users share."""

import pytest


@pytest.fixture
def ftp_user(service):
    """A user beside the main one."""
    found = service.ftpusers.filter(is_primary=False).first()
    assert found is not None
    return found


@pytest.fixture
def truth(ovh, service):
    """The service's users as they really are, by login."""
    return ovh.truth(service.name)["users"]
