"""Addresses of the room, inside a team."""

from django.urls import URLPattern

app_name = "inventory"
urlpatterns: list[URLPattern] = []
