"""Addresses of the room, inside a team."""

from django.urls import path

from apps.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.index, name="index"),
    path("history/", views.past, name="history"),
    path("search/", views.search, name="search"),
    path("audit/", views.audit, name="audit"),
    path("audit/table.csv", views.audit_csv, name="audit_csv"),
]
