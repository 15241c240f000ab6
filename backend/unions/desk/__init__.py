"""Desk pages of the administration: invites, the tree, staff, leave cover."""

from backend.unions.desk import covers, invites, staff, tree

routes = [*invites.routes, *tree.routes, *staff.routes, *covers.routes]
