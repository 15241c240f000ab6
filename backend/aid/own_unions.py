"""The unions at which somebody of the staff acts in their own name, and not for those below; and those above them."""

from collections.abc import Sequence

from backend.core import ids
from backend.core.actor import Actor, Post
from backend.core.errors import NotFound, invalid
from backend.web.form_pages import Choice


def posts_with(actor: Actor, permission: str) -> list[Post]:
    """One for each union, in the order of the posts."""
    found: dict[int, Post] = {}
    for post in actor.posts:
        if permission in post.permissions:
            found.setdefault(post.union_id, post)
    return list(found.values())


def own_post(actor: Actor, permission: str, union: str) -> Post:
    """The post at this union; whoever has only one need not name it."""
    posts = posts_with(actor, permission)
    if not union and len(posts) == 1:
        return posts[0]
    if not union:
        raise invalid("union_id", "field_missing")
    found = next((post for post in posts if post.union_id == ids.parse(union)), None)
    if found is None:
        raise NotFound()
    return found


def union_choices(actor: Actor, permission: str) -> list[Choice]:
    """For a form; a single one is chosen already."""
    posts = posts_with(actor, permission)
    return [Choice(value=ids.public(one.union_id), label=one.union_name, selected=len(posts) == 1) for one in posts]


def above(paths: Sequence[str]) -> tuple[str, list[str]]:
    """A condition and its values: a union `u` that is one of these paths or lies above one of them."""
    if not paths:
        return "1 = 0", []
    return "(" + " OR ".join(["SUBSTR(%s, 1, LENGTH(u.path)) = u.path"] * len(paths)) + ")", list(paths)
