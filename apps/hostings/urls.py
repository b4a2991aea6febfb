"""Addresses of the room, inside a team."""

from django.urls import path

from apps.hostings import views

app_name = "hostings"
ONE = "services/<name:service_name>/"
urlpatterns = [
    path(ONE, views.detail, name="detail"),
    path(ONE + "rename/", views.rename, name="rename"),
    path(ONE + "renewal/", views.renew, name="renew"),
    path(ONE + "unblock/", views.unblock, name="unblock"),
    path(ONE + "measure/", views.measure, name="measure"),
    path(ONE + "flush/", views.flush, name="flush"),
]
