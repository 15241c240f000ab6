"""Desk pages of the administration: invites, the tree, staff."""

from backend.unions.desk import invites, staff, tree

routes = [*invites.routes, *tree.routes, *staff.routes]
