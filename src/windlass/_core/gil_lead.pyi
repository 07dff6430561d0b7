from typing import final

@final
class GilLead:
    def note(self, wait: int) -> None: ...
    @property
    def lead(self) -> int: ...
