import pytest

from tests.membership.samples import Tree, make_tree


@pytest.fixture
async def tree(db: None) -> Tree:
    return await make_tree()
