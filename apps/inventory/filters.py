"""How the list of services is narrowed and ordered; all of it stands in the address."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.connections.models import Connection
from apps.inventory.models import Service

STATES = [
    ("active", _("Working")),
    ("trouble", _("In trouble")),
    ("ending", _("Ending within 30 days")),
    ("full", _("Disk over 80 %")),
]
SORTS: dict[str, tuple[Any, ...]] = {
    "name": ("name_shown", "name"),
    "account": ("connection__name", "name"),
    "offer": ("offer", "name"),
    "disk": (F("share").desc(nulls_last=True), "name"),
    "ends": (F("expires_on").asc(nulls_last=True), "name"),
}
DOMAIN_SORTS: dict[str, tuple[Any, ...]] = {
    "name": ("domain", "pk"),
    "service": ("service__name", "domain"),
    "account": ("service__connection__name", "domain"),
}
DATABASE_SORTS: dict[str, tuple[Any, ...]] = {
    "name": ("name", "pk"),
    "service": ("service__name", "name"),
    "size": (F("share").desc(nulls_last=True), "name"),
    "backup": (F("last_dump_at").asc(nulls_first=True), "name"),
}


class ServiceFilter(django_filters.FilterSet):  # type: ignore[misc]  # not typed
    """`q`, `account`, `offer`, `state`. What makes no sense is left out rather than refused."""

    q = django_filters.CharFilter(
        method="named",
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name of a service"), "aria-label": _("Search")}
        ),
    )
    account = django_filters.ModelChoiceFilter(
        field_name="connection", queryset=Connection.objects.none(), empty_label=_("All accounts"), label=_("Account")
    )
    offer = django_filters.ChoiceFilter(choices=[], empty_label=_("All offers"), label=_("Offer"))
    state = django_filters.ChoiceFilter(
        choices=STATES, method="in_state", empty_label=_("All states"), label=_("State")
    )

    class Meta:
        model = Service
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, accounts: QuerySet[Connection], offers: list[str], **kwargs: Any) -> None:
        """`accounts` and `offers`: what may be chosen."""
        super().__init__(*args, **kwargs)
        self.filters["account"].queryset = accounts
        self.filters["offer"].extra["choices"] = [(offer, offer) for offer in offers]

    def named(self, rows: QuerySet[Service], _name: str, text: str) -> QuerySet[Service]:
        """With the text in either name."""
        text = text.replace("\0", "")
        return rows.filter(Q(name__icontains=text) | Q(display_name__icontains=text))

    def in_state(self, rows: QuerySet[Service], _name: str, state: str) -> QuerySet[Service]:
        """In the state people mean by that word."""
        trouble = ~Q(problem="") | (~Q(state="active") & ~Q(state=""))
        today = timezone.localdate()
        meant = {
            "active": ~trouble,
            "trouble": trouble,
            "ending": Q(renews_automatically=False, expires_on__range=(today, today + timedelta(days=30))),
            "full": Q(quota_used_mb__gt=F("quota_size_mb") * 0.8),
        }
        return rows.filter(meant[state])
