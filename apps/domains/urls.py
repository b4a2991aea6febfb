"""Addresses of the room, inside a team."""

from django.urls import path

from apps.domains import views

app_name = "domains"
urlpatterns = [
    path("services/<str:service_name>/domains/", views.index, name="index"),
    path("services/<str:service_name>/domains/attach/", views.attach, name="attach"),
    path("services/<str:service_name>/domains/<str:domain>/detach/", views.detach, name="detach"),
]
