"""Addresses of the room, inside a team."""

from django.urls import path

from apps.backups import views

app_name = "backups"
SERVICE = "services/<name:service_name>/"
DATABASE = SERVICE + "databases/<name:name>/"
urlpatterns = [
    path(SERVICE + "backups/", views.index, name="index"),
    path(SERVICE + "backups/<int:dump_id>/delete/", views.delete, name="delete"),
    path(SERVICE + "backups/files/restore/", views.snapshot, name="snapshot"),
    path(DATABASE + "back-up/", views.create, name="create"),
    path(DATABASE + "restore/", views.restore_date, name="restore_date"),
    path(DATABASE + "restore/<int:dump_id>/", views.restore, name="restore"),
]
