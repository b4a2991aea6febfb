"""Begin: the first owner of a new panel, and another team."""

import hmac
from contextlib import suppress
from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.text import slugify

from apps.audit.services import record
from apps.teams.models import Membership, Role, Team, User

SLUG_LENGTH = 40
TRIES = 5
FIRST = "first-owner"


class AlreadyBegun(Exception):
    """Somebody has set the panel up."""


def is_new() -> bool:
    """Whether nobody has set this panel up yet."""
    return not User.objects.exists()


def code() -> str:
    """What the first visitor of a panel in production must know: who can read it can read the panel's settings.

    Empty elsewhere. It serves as long as the panel is new.
    """
    if settings.MODE != "production":
        return ""
    return salted_hmac("hostpanel set-up", FIRST, algorithm="sha256").hexdigest()[:32]


def is_code(typed: str) -> bool:
    """Whether that is the code."""
    return hmac.compare_digest(sha256(code().encode()).digest(), sha256(typed.strip().encode()).digest())


def begin(*, email: str, name: str, password: str, team: str, address: str | None = None) -> Membership:
    """Make the first person and the team they own. Raises AlreadyBegun when somebody was faster."""
    # Of two who come at once one waits in vain; the mark outlives the moment in which the first is not seen yet.
    if not is_new() or not cache.add(FIRST, True, timeout=60):  # Django's argument
        raise AlreadyBegun
    try:
        with transaction.atomic():
            return found(User.objects.create_user(email, password, name=name), team, address=address)
    except BaseException:
        cache.delete(FIRST)
        raise


@transaction.atomic
def found(user: User, name: str, *, address: str | None = None) -> Membership:
    """Make a team that `user` owns."""
    team = _named(name)
    member = Membership.objects.create(team=team, user=user, role=Role.OWNER)
    record("teams.created", team_id=team.pk, actor=user, address=address, target=team.name)
    return member


def _named(name: str) -> Team:
    """The row of a new team; its address may be taken by another one in the same moment."""
    for _try in range(TRIES):
        with suppress(IntegrityError), transaction.atomic():
            return Team.objects.create(name=name, slug=free_slug(name))
    msg = "others keep taking the same address at the same moment"
    raise RuntimeError(msg)


def free_slug(name: str) -> str:
    """What a team of that name is called in addresses: not taken, never empty."""
    plain = slugify(name)[:SLUG_LENGTH].strip("-") or "team"
    taken = set(Team.objects.filter(slug__startswith=plain[: SLUG_LENGTH - 4]).values_list("slug", flat=True))
    names = (plain if n == 1 else f"{plain[: SLUG_LENGTH - 4]}-{n}" for n in range(1, 1000))
    return next(name for name in names if name not in taken)
