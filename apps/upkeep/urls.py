"""Addresses of the room: for monitors, outside any team."""

from django.urls import path

from apps.upkeep import views

app_name = "upkeep"
urlpatterns = [
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("metrics", views.figures, name="metrics"),
]
