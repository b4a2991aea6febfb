"""People, the teams they work in, and the role each has there."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What a member may do, from least to most. Compare with `covers`, never by value."""

    VIEWER = "viewer", _("Viewer")
    OPERATOR = "operator", _("Operator")
    ADMIN = "admin", _("Admin")
    OWNER = "owner", _("Owner")

    @property
    def up_to(self) -> "list[Role]":
        """The roles someone of this role may give: none above their own."""
        return [role for role in Role if self.covers(role)]

    def covers(self, needs: "Role") -> bool:
        """Whether someone of this role may do what `needs` asks for."""
        order = list(Role)
        return order.index(self) >= order.index(needs)


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: str) -> "User":
        """A new person; the address is kept in lower case, as two cases are one mailbox."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. What they may do stands in their memberships, never here."""

    class Theme(models.TextChoices):
        """Light or dark, or what the system says."""

        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    language = models.CharField(max_length=8, blank=True)  # empty: what the browser asks for
    time_zone = models.CharField(max_length=64, blank=True)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.name or self.email


class Team(models.Model):
    """An agency, or a part of one: what it connects, its members see."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True, max_length=40)
    needs_second_factor = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in one team. Called a *member* wherever it is passed on."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)
    # False: only the accounts granted in `connections.Grant`.
    sees_all_accounts = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "user"], name="one_membership_for_each_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
