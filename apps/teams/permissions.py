"""Who may do what: the only table of it. The name of an address, `room:page`, is its row `room.page`.

Pages ask it through `access.team_view`, services and workers through `access.may`; `docs/permissions.md` is made of it.
What has no row is refused to everybody.
"""

from dataclasses import dataclass

from apps.teams.models import Role

VIEWER, OPERATOR, ADMIN, OWNER = Role.VIEWER, Role.OPERATOR, Role.ADMIN, Role.OWNER


@dataclass(frozen=True)
class Row:
    """The least role it needs, and what it is, for the documentation."""

    needs: Role
    words: str


TABLE: dict[str, Row] = {
    # -- looking
    "dashboard.index": Row(VIEWER, "See the overview"),
    "dashboard.history": Row(VIEWER, "See the last thirty days in pictures"),
    "dashboard.search": Row(VIEWER, "Search"),
    "inventory.services": Row(VIEWER, "See the services"),
    "inventory.domains": Row(VIEWER, "See all domains"),
    "inventory.databases": Row(VIEWER, "See all databases"),
    "inventory.refresh": Row(VIEWER, "Have one service read anew"),
    "inventory.sync": Row(VIEWER, "Have everything read anew"),
    "hostings.detail": Row(VIEWER, "See a service"),
    "domains.index": Row(VIEWER, "See the domains of a service"),
    "domains.detail": Row(VIEWER, "See a domain"),
    "domains.ssl": Row(VIEWER, "See the certificates of a service"),
    "domains.ssl_look": Row(VIEWER, "Have the certificates looked at"),
    "databases.index": Row(VIEWER, "See the databases of a service"),
    "databases.detail": Row(VIEWER, "See a database"),
    "backups.index": Row(VIEWER, "See the backups of a service"),
    "modules.index": Row(VIEWER, "See the modules of a service"),
    "modules.catalogue": Row(VIEWER, "See what modules there are"),
    "ftpusers.index": Row(VIEWER, "See the FTP users of a service"),
    "ftpusers.detail": Row(VIEWER, "See an FTP user"),
    "operations.index": Row(VIEWER, "See the operations"),
    "operations.detail": Row(VIEWER, "See an operation"),
    "operations.tasks": Row(VIEWER, "See the tasks of a service at OVH"),
    "operations.changes": Row(VIEWER, "Have an open page follow what happens"),
    "connections.index": Row(VIEWER, "See the OVH accounts"),
    "connections.detail": Row(VIEWER, "See an OVH account"),
    "members.index": Row(VIEWER, "See who is in the team"),
    "members.leave": Row(VIEWER, "Leave the team"),
    # -- working
    "hostings.rename": Row(OPERATOR, "Give a service another name"),
    "hostings.unblock": Row(OPERATOR, "Unblock outgoing connections"),
    "hostings.measure": Row(OPERATOR, "Have the disk use measured"),
    "hostings.flush": Row(OPERATOR, "Empty the cache of a service"),
    "domains.check": Row(OPERATOR, "Look where a domain points before attaching it"),
    "domains.attach": Row(OPERATOR, "Attach a domain"),
    "domains.edit": Row(OPERATOR, "Change an attached domain"),
    "domains.restart": Row(OPERATOR, "Restart the virtual host of a domain"),
    "domains.purge": Row(OPERATOR, "Empty the cache of a domain"),
    "domains.detach": Row(OPERATOR, "Detach a domain; its files stay"),
    "domains.ssl_order": Row(OPERATOR, "Order a certificate"),
    "domains.ssl_import": Row(OPERATOR, "Import a certificate"),
    "domains.ssl_regenerate": Row(OPERATOR, "Renew a certificate"),
    "domains.domain_ssl_order": Row(OPERATOR, "Order a certificate for one domain"),
    "domains.domain_ssl_regenerate": Row(OPERATOR, "Renew the certificate of one domain"),
    "databases.create": Row(OPERATOR, "Create a database"),
    "databases.password": Row(OPERATOR, "Give a database another password"),
    "databases.measure": Row(OPERATOR, "Have a database measured"),
    "databases.copy": Row(OPERATOR, "Copy a database"),
    "databases.delete_copy": Row(OPERATOR, "Delete a copy of a database"),
    "backups.create": Row(OPERATOR, "Back a database up"),
    "modules.install": Row(OPERATOR, "Install a module"),
    "ftpusers.create": Row(OPERATOR, "Create an FTP user"),
    "ftpusers.edit": Row(OPERATOR, "Change an FTP user"),
    "ftpusers.password": Row(OPERATOR, "Give an FTP user another password"),
    "ftpusers.access": Row(OPERATOR, "Say when the access of an FTP user ends"),
    "ftpusers.disable": Row(OPERATOR, "Switch an FTP user off"),
    "operations.cancel": Row(OPERATOR, "Take back what was not sent yet"),
    "operations.decide": Row(OPERATOR, "Settle what nobody knows the end of; it needs what the operation needs too"),
    "dashboard.audit": Row(OPERATOR, "See who did what"),
    "dashboard.audit_csv": Row(OPERATOR, "Take the history along as a table"),
    # -- destroying, and what costs money
    "hostings.renew": Row(ADMIN, "Change how a service is renewed"),
    "domains.ssl_delete": Row(ADMIN, "Delete a certificate"),
    "domains.domain_ssl_delete": Row(ADMIN, "Delete the certificate of one domain"),
    "databases.delete": Row(ADMIN, "Delete a database"),
    "databases.import": Row(ADMIN, "Carry a file out on a database"),
    "databases.copy_restore": Row(ADMIN, "Put a copy in the place of a database"),
    "backups.restore": Row(ADMIN, "Restore a backup"),
    "backups.restore_date": Row(ADMIN, "Restore a database to a day"),
    "backups.delete": Row(ADMIN, "Delete a backup"),
    "backups.snapshot": Row(ADMIN, "Put the files of a service back to a snapshot"),
    "modules.delete": Row(ADMIN, "Delete a module with its files"),
    "ftpusers.delete": Row(ADMIN, "Delete an FTP user"),
    # -- accounts
    "connections.create": Row(ADMIN, "Connect an OVH account"),
    "connections.consent": Row(ADMIN, "Ask the owner of an OVH account for a key"),
    "connections.consent_return": Row(ADMIN, "Come back from OVH's page with a key"),
    "connections.consent_confirm": Row(ADMIN, "Keep the key that OVH gave"),
    "connections.check": Row(ADMIN, "Have a key looked at"),
    "connections.edit": Row(ADMIN, "Change the name and pace of an account"),
    "connections.renew": Row(ADMIN, "Give an account another key"),
    "connections.remove": Row(ADMIN, "Remove an account from the panel"),
    # -- people; nobody gives or takes a role above their own, or accounts they do not see themselves
    "members.invite": Row(ADMIN, "Invite somebody"),
    "members.renew": Row(ADMIN, "Make another link for an invitation"),
    "members.withdraw": Row(ADMIN, "End an invitation"),
    "members.edit": Row(ADMIN, "Change a member's role and accounts"),
    "members.remove": Row(ADMIN, "Take a member out of the team"),
    "members.team": Row(OWNER, "Change the team's name, and whether it demands a second factor"),
    "members.transfer": Row(OWNER, "Hand the team over to another member"),
}

# Outside any team: what everybody who is signed in has for themselves, and what answers to anybody.
SIGNED_IN: dict[str, str] = {
    "preferences": "Choose language and look",
    "profile": "Change the own name, language, time zone and look; see the own teams",
    "new_team": "Make another team, for who owns one",
    "account_logout": "Sign out",
    "account_reauthenticate": "Give the password again",
    "account_change_password": "Change the own password",
    "mfa_index": "See the own second factors",
    "mfa_reauthenticate": "Give a code again",
    "mfa_activate_totp": "Set an app for codes up",
    "mfa_deactivate_totp": "Give the app for codes up",
    "mfa_view_recovery_codes": "See the own recovery codes, once",
    "mfa_generate_recovery_codes": "Make recovery codes",
    "mfa_download_recovery_codes": "Take the recovery codes along, once",
    "mfa_list_webauthn": "See the own passkeys",
    "mfa_add_webauthn": "Add a passkey",
    "mfa_edit_webauthn": "Give a passkey another name",
    "mfa_remove_webauthn": "Remove a passkey",
    "mfa_reauthenticate_webauthn": "Use a passkey again",
    "usersessions_list": "See the own sessions and end them",
}
EVERYBODY: dict[str, str] = {
    "home": "Be led to the own team, to sign-in, or to set-up",
    "setup": "Set a new panel up, once, and in production with its code",
    "join": "Look at an invitation and accept it, with its link",
    "account_login": "Sign in",
    "mfa_login_webauthn": "Sign in with a passkey",
    "mfa_authenticate": "Give the second factor, after the password",
    "account_inactive": "Be told that the own account is off",
    "account_reset_password": "Ask for a mail to set another password",
    "account_reset_password_done": "Be told that the mail is on its way",
    "account_reset_password_from_key": "Set another password, with the link of that mail",
    "account_reset_password_from_key_done": "Be told that the password is another one",
    "nothing": "Be told that there is no signing up and no changing of the own address",
    "upkeep.live": "Ask whether the panel runs",
    "upkeep.ready": "Ask whether the panel can work",
    "upkeep.metrics": "Read figures, from the machine itself or with the token",
}


def needs_of(what: str) -> Role | None:
    """The least role for `what`; None when it has no row, and nobody may."""
    row = TABLE.get(what)
    return row.needs if row else None


def as_markdown() -> str:
    """The table as a page of the documentation."""
    roles = list(Role)
    lines = [
        "# Who may do what",
        "",
        "Made from `apps/teams/permissions.py` by `manage.py permissions`; a test compares the two. A member whose",
        "scope is chosen accounts has these rights on those accounts, and sees nothing of the others.",
        "",
        f"| | {' | '.join(str(role.value) for role in roles)} |",
        f"| --- | {' | '.join('---' for _ in roles)} |",
    ]
    for name, row in TABLE.items():
        marks = " | ".join("yes" if role.covers(row.needs) else "" for role in roles)
        lines.append(f"| {row.words} (`{name}`) | {marks} |")
    lines += ["", "Everybody who is signed in, for themselves:", ""]
    lines += [f"- {words} (`{name}`)" for name, words in SIGNED_IN.items()]
    lines += ["", "Everybody, without signing in:", ""]
    lines += [f"- {words} (`{name}`)" for name, words in EVERYBODY.items()]
    return "\n".join(lines) + "\n"
