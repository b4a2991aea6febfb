"""Django's entry for the room."""

from django.apps import AppConfig


class FtpUsersConfig(AppConfig):
    """FTP and SSH users of a hosting, and when their access ends."""

    name = "apps.ftpusers"
