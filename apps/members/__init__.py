"""Who works in a team: invitations, roles, and the accounts each member sees."""
