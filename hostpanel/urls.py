"""Where everything is. Inside a team every address begins with `/t/<team>/`."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path, re_path

from apps.dashboard import views as dashboard
from apps.members import views as members
from apps.teams import views as teams
from apps.ui import views as ui

team_patterns: list[URLPattern | URLResolver] = [
    path("", include("apps.dashboard.urls")),
    path("", include("apps.inventory.urls")),
    path("", include("apps.hostings.urls")),
    path("", include("apps.domains.urls")),
    path("", include("apps.databases.urls")),
    path("", include("apps.backups.urls")),
    path("", include("apps.modules.urls")),
    path("", include("apps.ftpusers.urls")),
    path("", include("apps.operations.urls")),
    path("", include("apps.connections.urls")),
    path("", include("apps.members.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", dashboard.home, name="home"),
    path("t/<slug:team>/", include(team_patterns)),
    # What django-allauth has and the panel has not: signing up, and an e-mail address that nobody has proven.
    re_path(r"^auth/(?:signup|email|confirm-email|password/set|login/code)/", teams.nothing, name="nothing"),
    path("auth/", include("allauth.urls")),
    path("setup/", teams.setup, name="setup"),
    path("join/<str:token>/", members.join, name="join"),
    path("profile/", teams.profile, name="profile"),
    path("teams/new/", teams.create, name="new_team"),
    path("preferences/", teams.preferences, name="preferences"),
    path("", include("apps.upkeep.urls")),
]

if settings.DEBUG or settings.MODE == "demo":
    urlpatterns += [
        path("styleguide/", ui.styleguide, name="styleguide"),
        path("styleguide/<slug:error>/", ui.sample_error, name="sample_error"),
    ]

handler500 = "apps.ui.views.server_error"
