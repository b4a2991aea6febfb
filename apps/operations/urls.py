"""Addresses of the room, inside a team."""

from django.urls import path

from apps.operations import views

app_name = "operations"
urlpatterns = [
    path("operations/", views.index, name="index"),
    path("operations/<uuid:pk>/", views.detail, name="detail"),
    path("operations/<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("services/<name:service_name>/tasks/", views.service_tasks, name="tasks"),
    path("operations/<uuid:pk>/decide/", views.decide, name="decide"),
    path("changes/", views.changes, name="changes"),
]
