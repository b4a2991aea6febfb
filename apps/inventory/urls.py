"""Addresses of the room, inside a team."""

from django.urls import path

from apps.inventory import views

app_name = "inventory"
urlpatterns = [
    path("services/", views.services, name="services"),
    path("services/<name:service_name>/refresh/", views.refresh, name="refresh"),
    path("sync/", views.sync_all, name="sync"),
    path("domains/", views.domains, name="domains"),
    path("databases/", views.databases, name="databases"),
]
