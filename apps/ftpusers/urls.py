"""Addresses of the room, inside a team."""

from django.urls import path

from apps.ftpusers import views

app_name = "ftpusers"
LIST = "services/<name:service_name>/users/"
ONE = LIST + "<name:login>/"
urlpatterns = [
    path(LIST, views.index, name="index"),
    path(LIST + "new/", views.create, name="create"),
    path(ONE, views.detail, name="detail"),
    path(ONE + "edit/", views.edit, name="edit"),
    path(ONE + "password/", views.password, name="password"),
    path(ONE + "access/", views.access, name="access"),
    path(ONE + "disable/", views.disable, name="disable"),
    path(ONE + "delete/", views.delete, name="delete"),
]
