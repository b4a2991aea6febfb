"""Addresses of the room, inside a team."""

from django.urls import path

from apps.databases import views

app_name = "databases"
urlpatterns = [
    path("services/<str:service_name>/databases/", views.index, name="index"),
    path("services/<str:service_name>/databases/new/", views.create, name="create"),
    path("services/<str:service_name>/databases/<str:name>/delete/", views.delete, name="delete"),
]
