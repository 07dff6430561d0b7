from typing_extensions import disjoint_base

from windlass._core.plain_store import PlainStore

@disjoint_base
class BoundedStore(PlainStore): ...
