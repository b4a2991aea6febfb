"""Addresses of the room, inside a team."""

from django.urls import URLPattern

app_name = "dashboard"
urlpatterns: list[URLPattern] = []
