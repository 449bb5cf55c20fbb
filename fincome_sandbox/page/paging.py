"""Long lists in pages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paging:
    """Which page of how many: counted from 1."""

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many there are; an empty list has one."""
        return max(1, -(-self.total // self.size))

    @property
    def offset(self) -> int:
        """How many entries come before this page's first."""
        return (self.page - 1) * self.size

    @property
    def first(self) -> int:
        """The number of this page's first entry; 0 if there is none."""
        return self.offset + 1 if self.offset < self.total else 0

    @property
    def last(self) -> int:
        """The number of this page's last entry."""
        return min(self.offset + self.size, self.total)
