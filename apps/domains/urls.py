"""Addresses of the room, inside a team."""

from django.urls import URLPattern

app_name = "domains"
urlpatterns: list[URLPattern] = []
