"""`manage.py first_owner`: the first person of a new panel, and the team they own."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from apps.teams import starting
from apps.teams.models import Team, User


class Command(BaseCommand):
    """Make a person, a team, and the person its owner."""

    help = "Make the first owner of a new panel, with their team. The password is asked for, or read from a pipe."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and of what."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--team", required=True, help="the team's name; its address is made of it")

    def handle(self, **options: Any) -> None:
        """All of it, or nothing."""
        email, name, team = options["email"].strip().lower(), options["name"].strip(), options["team"].strip()
        slug = slugify(team)[:40]
        _refuse(email, slug, team)
        password = _password(User(email=email, name=name))
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name)
            made = starting.found(user, team).team
        self.stdout.write(f"{email} owns {made.name}: sign in, then go to /t/{made.slug}/")


def _refuse(email: str, slug: str, team: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        msg = f"{email} is not an e-mail address."
        raise CommandError(msg) from None
    if User.objects.filter(email=email).exists():
        msg = f"There is somebody with the address {email} already."
        raise CommandError(msg)
    if not slug or Team.objects.filter(slug=slug).exists():
        msg = f"There is a team called {team} already." if slug else "The team needs a name with letters in it."
        raise CommandError(msg)


def _password(user: User) -> str:
    """Asked for twice at a terminal, never seen there; else the first line of what comes in."""
    if sys.stdin.isatty():
        password = getpass("Password: ")
        if getpass("Once more: ") != password:
            msg = "The two are not the same."
            raise CommandError(msg)
    else:
        password = sys.stdin.readline().rstrip("\n")
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise CommandError(" ".join(refused.messages)) from None
    return password
