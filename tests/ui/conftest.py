"""The style guide in a browser, served by the test's own process."""

import pytest

from tests.browser.conftest import browser_type_launch_args

__all__ = ["browser_type_launch_args"]


@pytest.fixture
def guide(live_server, browser):
    """Opens the style guide in a window made as `given` says, and keeps what its console complains of."""
    contexts = []

    def open_guide(**given):
        context = browser.new_context(locale="en", **given)
        contexts.append(context)
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.goto(f"{live_server.url}/styleguide/")
        return page

    yield open_guide
    for context in contexts:
        context.close()
