"""Scope: on random trees, the subtree of a path is exactly the set of descendants."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core import clock, database, ids
from backend.core.actor import SYSTEM, Actor, Post
from backend.core.errors import Conflict
from backend.unions import commands, queries, rules
from backend.unions.enums import UnionKind, UnionLevel
from tests.unions.helpers import fresh, union


class Tree:
    """A pure model: parent by node."""

    def __init__(self, parents: list[int | None]) -> None:
        self.parents = parents
        self.ids = [ids.new_id() for _ in parents]

    def path(self, node: int) -> str:
        parent = self.parents[node]
        return rules.path_of(self.path(parent) if parent is not None else "", self.ids[node])

    def is_below(self, node: int, above: int) -> bool:
        """Itself counts."""
        current: int | None = node
        while current is not None and current != above:
            current = self.parents[current]
        return current == above


def trees(size: int) -> st.SearchStrategy[Tree]:
    """Random trees no deeper than paths may be: each node hangs on one of the few before it."""
    hang = st.tuples(*(st.integers(max(0, n // 2 - 2), max(0, n // 2)) for n in range(1, size)))
    return hang.map(lambda parents: Tree([None, *parents]))


def holder(path: str, permission: str = "case.view") -> Actor:
    post = Post(
        union_id=1,
        union_name="",
        path=path,
        level="town",
        division="",
        roles=("desk",),
        permissions=frozenset({permission}),
    )
    return Actor(kind="staff", account_id=1, posts=(post,))


@pytest.mark.slow
@given(trees(60), st.data())
@settings(max_examples=60, deadline=None)
def test_covering_is_being_a_descendant(tree: Tree, data: st.DataObject) -> None:
    paths = [tree.path(node) for node in range(len(tree.parents))]
    for _ in range(60):
        node, above = data.draw(st.integers(0, 59)), data.draw(st.integers(0, 59))
        actor = holder(paths[above])
        assert actor.covers("case.view", paths[node]) == tree.is_below(node, above)
        assert not actor.covers("case.decide", paths[node])
        first, last = rules.subtree(paths[above])
        assert (first <= paths[node] < last) == tree.is_below(node, above)


@given(trees(40))
@settings(max_examples=60, deadline=None)
def test_a_path_tells_the_way_down(tree: Tree) -> None:
    for node in range(len(tree.parents)):
        way = rules.ids_on(tree.path(node))
        assert way[0] == tree.ids[0]
        assert way[-1] == tree.ids[node]
        assert len(way) == rules.depth(tree.path(node))


async def test_the_database_finds_the_same_descendants() -> None:
    """200 unions, 10,000 questions, on the engine under test."""
    chance = random.Random(20260310)
    tree = Tree([None, *(chance.randrange(max(0, n // 2 - 3), n // 2 + 1) for n in range(1, 200))])
    await database.execute_many(
        "INSERT INTO union_org (id, name, initials, kind, level, nature, parent_id, path, division, state,"
        " accepts_members, version, tree_version, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            [
                tree.ids[node],
                f"工会{node}",
                f"gh{node}",
                "general",
                "town",
                "",
                tree.ids[parent] if (parent := tree.parents[node]) is not None else None,
                tree.path(node),
                "990121",
                "active",
                True,
                1,
                0,
                clock.now(),
            ]
            for node in range(200)
        ],
    )
    for above in chance.sample(range(200), 50):
        condition, values = queries.visible_to(holder(tree.path(above)), "case.view")
        found = await database.rows(f"SELECT u.id FROM union_org u WHERE {condition}", *values)
        expected = {tree.ids[node] for node in range(200) if tree.is_below(node, above)}
        assert {row["id"] for row in found} == expected


async def test_without_the_permission_nothing_is_visible() -> None:
    await union("星城县总工会", UnionLevel.COUNTY)
    for actor in (Actor(kind="person", account_id=1), holder("/x/", "case.view")):
        condition, values = queries.visible_to(actor, "union.manage")
        assert await database.rows(f"SELECT u.id FROM union_org u WHERE {condition}", *values) == []


@pytest.mark.parametrize("seed", range(3))
async def test_random_moves_leave_a_sound_tree(seed: int) -> None:
    """Against a model of parents; what the model forbids is refused."""
    chance = random.Random(seed)
    root = await union("星城县总工会", UnionLevel.COUNTY)
    nodes = [root]
    parents: dict[int, int | None] = {root.id: None}
    for n in range(1, 14):
        parent = await fresh(chance.choice(nodes))
        kind = UnionKind.FEDERATION
        nodes.append(await union(f"第{n}联合会", UnionLevel.UNIT, parent, kind=kind))
        parents[nodes[-1].id] = parent.id

    def is_below(node: int | None, above: int) -> bool:
        while node is not None and node != above:
            node = parents[node]
        return node == above

    for _ in range(40):
        moved, to = await fresh(chance.choice(nodes[1:])), await fresh(chance.choice(nodes))
        try:
            await commands.move_union(ids.public(moved.id), ids.public(to.id), moved.version, SYSTEM)
        except Conflict as refusal:
            assert refusal.code in ("union_cycle", "union_too_deep")
            assert refusal.code == "union_too_deep" or is_below(to.id, moved.id)
        else:
            assert not is_below(to.id, moved.id)
            parents[moved.id] = to.id
    for node in nodes:
        place = await fresh(node)
        way = rules.ids_on(place.path)
        expected: list[int] = []
        current: int | None = node.id
        while current is not None:
            expected.insert(0, current)
            current = parents[current]
        assert (way, place.parent_id) == (expected, parents[node.id])
