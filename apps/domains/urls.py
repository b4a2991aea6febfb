"""Addresses of the room, inside a team."""

from django.urls import path

from apps.domains import certificate_urls, views

app_name = "domains"
LIST = "services/<name:service_name>/domains/"
ONE = LIST + "<name:domain>/"
urlpatterns = [
    path(LIST, views.index, name="index"),
    path(LIST + "attach/", views.attach, name="attach"),
    path(LIST + "attach/dns/", views.check, name="check"),
    path(ONE, views.detail, name="detail"),
    path(ONE + "edit/", views.edit, name="edit"),
    path(ONE + "restart/", views.restart, name="restart"),
    path(ONE + "purge/", views.purge, name="purge"),
    path(ONE + "detach/", views.detach, name="detach"),
    *certificate_urls.urlpatterns,
]
