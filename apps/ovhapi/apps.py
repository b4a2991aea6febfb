"""Django's entry for the room."""

import logging

from django.apps import AppConfig

from apps.ovhapi import endpoints


class OvhapiConfig(AppConfig):
    """Speaks to OVH."""

    name = "apps.ovhapi"

    def ready(self) -> None:
        """Make the environment's endpoints known; keep secrets out of the logs of others."""
        endpoints.install()
        # At DEBUG these write the client secret and the token.
        for name in ("oauthlib", "requests_oauthlib", "urllib3"):
            logging.getLogger(name).setLevel(logging.WARNING)
