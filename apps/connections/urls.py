"""Addresses of the room, inside a team."""

from django.urls import path

from apps.connections import consent_views, views

app_name = "connections"
urlpatterns = [
    path("connections/", views.index, name="index"),
    path("connections/new/", views.create, name="create"),
    path("connections/consent/return/", consent_views.come_back, name="consent_return"),
    path("connections/consent/<uuid:pk>/", consent_views.go, name="consent"),
    path("connections/consent/<uuid:pk>/confirm/", consent_views.confirm, name="consent_confirm"),
    path("connections/<int:pk>/", views.detail, name="detail"),
    path("connections/<int:pk>/check/", views.check, name="check"),
    path("connections/<int:pk>/edit/", views.edit, name="edit"),
    path("connections/<int:pk>/renew/", views.renew, name="renew"),
    path("connections/<int:pk>/remove/", views.remove, name="remove"),
]
