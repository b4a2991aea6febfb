"""Addresses of the room, inside a team."""

from django.urls import path

from apps.members import views

app_name = "members"
urlpatterns = [
    path("members/", views.index, name="index"),
    path("members/invite/", views.invite, name="invite"),
    path("members/invitations/<int:pk>/renew/", views.renew, name="renew"),
    path("members/invitations/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("members/<int:pk>/edit/", views.edit, name="edit"),
    path("members/<int:pk>/remove/", views.remove, name="remove"),
    path("members/leave/", views.leave, name="leave"),
    path("members/transfer/", views.transfer, name="transfer"),
    path("members/team/", views.team, name="team"),
]
