from typing_extensions import disjoint_base

@disjoint_base
class ItemStore:
    @property
    def unfinished_tasks(self) -> int: ...
