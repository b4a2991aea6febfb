"""Addresses of the room, inside a team."""

from django.urls import path

from apps.databases import views

app_name = "databases"
LIST = "services/<name:service_name>/databases/"
ONE = LIST + "<name:name>/"
urlpatterns = [
    path(LIST, views.index, name="index"),
    path(LIST + "new/", views.create, name="create"),
    path(ONE, views.detail, name="detail"),
    path(ONE + "delete/", views.delete, name="delete"),
    path(ONE + "password/", views.password, name="password"),
    path(ONE + "measure/", views.measure, name="measure"),
    path(ONE + "copy/", views.copy, name="copy"),
    path(ONE + "copies/<uuid:copy_id>/delete/", views.delete_copy, name="delete_copy"),
    path(ONE + "copies/<uuid:copy_id>/put-in/", views.copy_restore, name="copy_restore"),
    path(ONE + "import/", views.import_file, name="import"),
]
