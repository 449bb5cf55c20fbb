"""The demo from start to end: two syncs of the same input and a reconciliation, shown to a person."""

import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from fincome_tools.demo.account import Account, Rows, differences, expected_rows, read_account, told_rows
from fincome_tools.demo.platform import Sync, sync
from fincome_tools.demo.processes import Access, DemoError, running_sandbox
from fincome_tools.demo.reconciliation import reconcile, show_reconciliation
from fincome_tools.demo.rules import broken_rules
from fincome_tools.demo.summary import OUTCOMES, PREFIX, Summary
from fincome_tools.exits import Exit

NARROWEST = 100
LAST_LINES = 12


def run_demo(folder: Path, *, keep: bool = False) -> Exit:
    """Sync a folder's catalog.json and messages.jsonl into a sandbox, twice, and show what it holds.

    With `keep` the sandbox stays, with its page, until Ctrl-C or SIGTERM.

    Returns:
        Exit.DONE if the connector kept the platform's rules, all figures are those of expected.json (where there is
        one) and the second sync changed nothing; Exit.DIFFERENT if not, and what differs is shown; Exit.NOT_DONE if
        it can't be run.
    """
    console = Console()
    console = Console(width=max(NARROWEST, console.width))
    missing = [name for name in ("catalog.json", "messages.jsonl") if not (folder / name).is_file()]
    if missing:
        console.print(f"[red]{escape(str(folder))} has no {' and no '.join(missing)}[/]")
        return Exit.NOT_DONE
    try:
        with tempfile.TemporaryDirectory(prefix="fincome-demo-") as temporary:
            workspace = Path(temporary)
            with running_sandbox(workspace) as access:
                result = _verdict(console, _Demo(folder, workspace, access, console).run())
                if keep:
                    _wait(console, access)
                return result
    except DemoError as error:
        _verdict(console, [str(error)])
        return Exit.NOT_DONE


def _wait(console: Console, access: Access) -> None:
    """Leave the sandbox open until somebody ends the demo."""
    console.print(f"\nLook at it in a browser: {access.page_url}", soft_wrap=True)
    console.print("Ctrl-C ends the sandbox, and what it holds is gone then.")

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("The sandbox has ended.")
    finally:
        signal.signal(signal.SIGTERM, before)


class _Demo:
    """What both syncs share."""

    def __init__(self, folder: Path, workspace: Path, access: Access, console: Console) -> None:
        self._folder = folder
        self._workspace = workspace
        self._access = access
        self._console = console
        self._expected, self._month = expected_rows(folder)

    def run(self) -> list[str]:
        """Show both syncs, and the reconciliation; return what is wrong."""
        self._console.rule("First sync")
        first, problems = self._sync()
        if not first.seen.good:
            return problems
        account = read_account(self._access, self._month)
        told = {}
        if first.summary:
            show_outcomes(self._console, first.summary)
            told = told_rows(first.summary.currencies(account.month), account.month)
        show_figures(self._console, account.figures, self._expected, told)
        self._show_facts(first, account)
        held = {label: figure for label, figure in account.figures.items() if label in told}
        problems += [f"Control totals: {one}" for one in differences(held, told)]
        problems += differences(self._expected, account.figures) if self._expected else []
        if account.orphans:
            problems.append(f"objects that refer to others that are not there: {account.orphans}")
        return problems + self._again(account)

    def _again(self, before: Account) -> list[str]:
        self._console.rule("Second sync, of the same input")
        second, problems = self._sync()
        if not second.seen.good:
            return problems
        after = read_account(self._access, self._month)
        changes = differences(before.figures, after.figures)
        for effect, count in after.effects.items():
            more = count - before.effects[effect]
            self._console.print(f"Objects {effect} by the second sync: {more}")
            if more:
                changes.append(f"objects {effect}: {more}")
        self._show_facts(second, after)
        if not changes:
            self._console.print("[green]Nothing changed[/]: the same objects, the same figures.")
        problems += [f"Second sync: {change}" for change in changes]
        self._console.rule("Reconciliation")
        with self._console.status("Asking for each object …"):
            found = reconcile(self._folder, self._access, self._workspace)
        return problems + show_reconciliation(self._console, found)

    def _sync(self) -> tuple[Sync, list[str]]:
        with self._console.status("Syncing …"):
            run = sync(self._folder, self._access, self._workspace)
        if run.seen.good:
            return run, broken_rules(run.seen)
        show_failure(self._console, run)
        return run, [f"The connector failed (exit code {run.seen.exit_code})", *broken_rules(run.seen)]

    def _show_facts(self, run: Sync, account: Account) -> None:
        seen, summary = run.seen, run.summary
        requests = f"{summary.requests:,} requests, " if summary else ""
        self._console.print(
            f"{seen.records.total():,} records in {len(seen.records)} streams, {requests}{run.seconds:.1f} "
            f"seconds. {len(seen.states)} of {len(seen.sent)} states came back. "
            f"Broken links in the account: {account.orphans}.\n"
        )


def show_outcomes(console: Console, summary: Summary) -> None:
    """Show what became of every object, and why some were not sent."""
    table = Table("entity", title="What became of it", title_justify="left")
    for column in ("received", *OUTCOMES):
        table.add_column(column, justify="right")
    for tally in summary.entities:
        counts = (tally.received, tally.sent, tally.unchanged, tally.settled, tally.skipped, tally.rejected)
        table.add_row(tally.name.replace("_", " "), *(f"{count:,}" for count in counts))
    console.print(table)
    if not summary.reasons:
        return
    reasons = Table("outcome", title="Why some were not sent", title_justify="left")
    reasons.add_column("count", justify="right")
    for column in ("of", "reason", "example"):
        reasons.add_column(column, overflow="fold")
    for reason in sorted(summary.reasons, key=lambda one: (one.outcome, -one.count)):
        words = (reason.about.replace("_", " "), reason.text, reason.example)
        reasons.add_row(reason.outcome, f"{reason.count:,}", *map(escape, words))
    console.print(reasons)


def show_figures(console: Console, found: Rows, expected: Rows, told: Rows) -> None:
    """Show the figures that a finance person can check, beside what the sync said, and the expected ones if any."""
    table = Table("figure", title="What Fincome holds now", title_justify="left")
    table.add_column("in Fincome (sandbox)", justify="right")
    table.add_column("control totals of the sync", justify="right")
    if expected:
        table.add_column("expected by the generator", justify="right")
        table.add_column("agree", justify="center")
    group = None
    for label in {**expected, **found}:
        # A line between the groups: each currency, invoices, subscriptions, numbers.
        if group not in (None, group := label.partition(" ")[0]):
            table.add_section()
        cells = [label, _figure(found, label), _figure(told, label)]
        if expected:
            agree = found.get(label, 0) == expected.get(label, 0)
            cells += [_figure(expected, label), _tick(console, agree=agree)]
        table.add_row(*cells)
    console.print(table)


def show_failure(console: Console, run: Sync) -> None:
    """Show why the connector ended: its error, what it said last, and how far it came."""
    seen = run.seen
    if run.summary:
        show_outcomes(console, run.summary)
    for error in seen.errors:
        console.print(f"[red]The connector failed:[/] {escape(str(error.get('message')))}")
    tails: Sequence[tuple[str, Sequence[str]]] = (
        ("Last lines of its log", [line for line in seen.logs if not line.startswith(PREFIX)][-LAST_LINES:]),
        ("Last lines of its stderr", seen.stderr.splitlines()[-LAST_LINES:]),
    )
    for title, lines in tails:
        if lines:
            console.print(f"{title}:")
            for line in lines:
                console.print(f"  {escape(line)}", highlight=False)


def _figure(rows: Rows, label: str) -> str:
    return f"{rows[label]:,}" if label in rows else "-"


def _tick(console: Console, *, agree: bool) -> str:
    if not console.encoding.startswith("utf"):
        return "yes" if agree else "NO"
    return "[green]✓[/]" if agree else "[red]✗[/]"


def _verdict(console: Console, problems: list[str]) -> Exit:
    console.rule("Result")
    if problems:
        console.print(f"[red]Not as it should be[/] ({len(problems)}):")
        for problem in problems:
            console.print(f"  - {escape(problem)}", highlight=False)
        return Exit.DIFFERENT
    console.print("[green]All agrees[/]: every state came back, every record is accounted for.")
    console.print("Where to look next: docs/ (setting up, mapping, the presets' tables, troubleshooting).")
    return Exit.DONE
