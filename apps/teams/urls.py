"""Addresses of the room, inside a team."""

from django.urls import path

from apps.teams import views

app_name = "teams"
urlpatterns = [path("members/", views.members, name="members")]
