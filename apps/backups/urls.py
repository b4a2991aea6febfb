"""Addresses of the room, inside a team."""

from django.urls import path

from apps.backups import views

app_name = "backups"
urlpatterns = [
    path("services/<str:service_name>/backups/", views.index, name="index"),
    path("services/<str:service_name>/databases/<str:name>/back-up/", views.create, name="create"),
    path(
        "services/<str:service_name>/databases/<str:name>/restore/<int:dump_id>/",
        views.restore,
        name="restore",
    ),
]
