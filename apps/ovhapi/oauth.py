"""OAuth2 for service accounts: python-ovh's sessions, under the same limits as every other call."""

import os
from typing import Any, Protocol

import ovh.client
from oauthlib.oauth2 import BackendApplicationClient
from ovh.oauth2 import OAuth2, RefreshOAuth2Session

from apps.ovhapi.transport import CONNECT_S, READ_S, bound


class Client(Protocol):
    """The part of `client.Credentials` that matters here."""

    @property
    def endpoint(self) -> str: ...  # noqa: D102
    @property
    def client_id(self) -> str: ...  # noqa: D102
    @property
    def client_secret(self) -> str: ...  # noqa: D102


class BoundOAuth2(OAuth2):  # type: ignore[misc]  # python-ovh is not typed
    """Fetches its token with a timeout; python-ovh's own request for one has none."""

    def __init__(self, credentials: Client, deadline_s: float) -> None:
        url = ovh.client.OAUTH2_TOKEN_URLS[credentials.endpoint]
        super().__init__(credentials.client_id, credentials.client_secret, url)
        self.deadline_s = deadline_s
        if url.startswith("http://"):  # an endpoint of the environment, such as the sandbox
            os.environ.setdefault("OAUTHLIB_INSECURE_TRANSPORT", "1")

    @property
    def session(self) -> Any:
        """The session that signs with the token, bounded."""
        if self._session is None:
            super().session  # noqa: B018  # makes it
            bound(self._session, deadline_s=self.deadline_s)
        return self._session

    @property
    def token(self) -> Any:
        """The token, fetched once."""
        if self._token is None:
            session = RefreshOAuth2Session(
                token_url=self.token_url,
                client=BackendApplicationClient(client_id=self.client_id, scope=["all"]),
            )
            bound(session, deadline_s=self.deadline_s)
            self._token = session.fetch_token(
                token_url=self.token_url, client_id=self.client_id, client_secret=self.client_secret,
                timeout=(CONNECT_S, READ_S),
            )  # fmt: skip
        return self._token
