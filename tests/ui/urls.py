"""The panel's addresses and the style guide, which has one in development only."""

from django.urls import path

from apps.ui.views import sample_error, styleguide
from hostpanel.urls import urlpatterns as panel

urlpatterns = [
    *panel,
    path("styleguide/", styleguide),
    path("styleguide/<slug:error>/", sample_error, name="sample_error"),
]
