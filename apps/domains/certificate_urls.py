"""Addresses of certificates, inside a team; `urls` takes them in."""

from django.urls import path

from apps.domains import certificate_views as views

LIST = "services/<name:service_name>/ssl/"
ONE = LIST + "domains/<name:domain>/"
urlpatterns = [
    path(LIST, views.index, name="ssl"),
    path(LIST + "look/", views.look, name="ssl_look"),
    path(LIST + "order/", views.order, name="ssl_order"),
    path(LIST + "import/", views.import_own, name="ssl_import"),
    path(LIST + "regenerate/", views.regenerate, name="ssl_regenerate"),
    path(LIST + "delete/", views.delete, name="ssl_delete"),
    path(ONE + "order/", views.domain_order, name="domain_ssl_order"),
    path(ONE + "regenerate/", views.domain_regenerate, name="domain_ssl_regenerate"),
    path(ONE + "delete/", views.domain_delete, name="domain_ssl_delete"),
]
