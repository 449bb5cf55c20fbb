"""All exports by name."""

from __future__ import annotations

from integration_tests.exports import (
    billing_platforms,
    by_month,
    credit_files,
    electronic_invoices,
    english_accounting,
    english_billing,
    english_ledgers,
    english_programs,
    english_services,
    french_erp,
    french_programs,
    french_saas,
    french_systems,
    french_tables,
    further_programs,
    german,
    german_programs,
    hosting_billing,
    italian_programs,
    lengths_in_titles,
    northern,
    office_programs,
    open_source,
    own_systems,
    southern,
    southern_tables,
    spanish_programs,
    spreadsheets,
    systems,
    warehouse,
)
from integration_tests.exports.export import Export
from integration_tests.exports.held_back import HELD_BACK

OPEN: tuple[Export, ...] = (
    *french_erp.EXPORTS,
    *french_saas.EXPORTS,
    *german.EXPORTS,
    *southern.EXPORTS,
    *english_accounting.EXPORTS,
    *english_billing.EXPORTS,
    *warehouse.EXPORTS,
    *spreadsheets.EXPORTS,
    *french_systems.EXPORTS,
    *systems.EXPORTS,
    *english_services.EXPORTS,
    *billing_platforms.EXPORTS,
    *open_source.EXPORTS,
    *electronic_invoices.EXPORTS,
    *office_programs.EXPORTS,
    *by_month.EXPORTS,
)
"""Those that may be looked at while the draft is worked on."""

UNSEEN: tuple[Export, ...] = ()
"""Those for practice that no draft has been made for yet: held to nothing but their own truth."""

PRACTICE: tuple[Export, ...] = (
    *french_tables.EXPORTS,
    *english_ledgers.EXPORTS,
    *northern.EXPORTS,
    *southern_tables.EXPORTS,
    *hosting_billing.EXPORTS,
    *german_programs.EXPORTS,
    *spanish_programs.EXPORTS,
    *italian_programs.EXPORTS,
    *french_programs.EXPORTS,
    *english_programs.EXPORTS,
    *credit_files.EXPORTS,
    *lengths_in_titles.EXPORTS,
    *further_programs.EXPORTS,
    *own_systems.EXPORTS,
    *UNSEEN,
)
"""Those written by someone who hadn't seen the draft: measured, and open to be looked at."""

EXPORTS = (*OPEN, *HELD_BACK)
