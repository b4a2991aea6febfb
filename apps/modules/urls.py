"""Addresses of the room, inside a team."""

from django.urls import path

from apps.modules import views

app_name = "modules"
LIST = "services/<name:service_name>/modules/"
urlpatterns = [
    path(LIST, views.index, name="index"),
    path(LIST + "catalogue/", views.catalogue, name="catalogue"),
    path(LIST + "install/", views.install, name="install"),
    path(LIST + "<int:module_id>/delete/", views.delete, name="delete"),
]
