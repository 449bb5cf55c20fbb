"""What takes a while to compute, computed once for each state of the books."""

from fincome_sandbox.page.books import Books
from fincome_sandbox.page.paging import Paging
from fincome_sandbox.page.quality import CHECKS, Finding
from fincome_sandbox.page.revenue import Revenue, revenue_of

_ROWS = 50


class Reports:
    """The revenue and the findings of an account, as it is now."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._revenue: tuple[int, Revenue] | None = None
        self._findings: dict[str, tuple[int, list[Finding]]] = {}

    @property
    def revenue(self) -> Revenue:
        """The report of revenue."""
        if self._revenue is None or self._revenue[0] != self._books.revision:
            self._revenue = (self._books.revision, revenue_of(self._books))
        return self._revenue[1]

    def findings(self, name: str) -> list[Finding]:
        """What a check finds."""
        known = self._findings.get(name)
        # What was sent again is known from the log, which grows after the books.
        state = self._books.seen if name == "rewritten" else self._books.revision
        if known is None or known[0] != state:
            check = next(one for one in CHECKS if one.name == name)
            known = self._findings[name] = (state, list(check.find(self._books)))
        return known[1]

    def quality_content(self, name: str, page: int) -> dict[str, object]:
        """All checks with their counts, and the findings of one: the named, else the first that found something."""
        counts = {check.name: len(self.findings(check.name)) for check in CHECKS}
        name = name or next((check.name for check in CHECKS if counts[check.name]), "")
        found = self.findings(name) if name else []
        paging = Paging(page, _ROWS, len(found))
        return {
            "checks": CHECKS,
            "counts": counts,
            "shown": next((check for check in CHECKS if check.name == name), None),
            "findings": found[paging.offset : paging.offset + paging.size],
            "paging": paging,
        }
