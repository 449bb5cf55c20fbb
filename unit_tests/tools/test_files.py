"""Files of people as tables: separators, encodings, headings, totals, workbooks, and files that can't be read."""

from __future__ import annotations

import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destination_fincome.failure import ConfigFailure
from fincome_tools.files.reading import read_files
from fincome_tools.files.table import Table
from fincome_tools.preview.naming import as_mapped

EXPORT = "N° facture;Client;Montant HT\nF-1;Société Générale;1 234,50\nF-2;Crème & Fils;10,00 €\n"


def only(path: Path) -> Table:
    (table,) = read_files([path]).tables
    return table


def values(table: Table) -> list[tuple[Any, ...]]:
    return [row.values for row in table.read()]


def file(folder: Path, content: bytes | str, name: str = "export.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read_whole(path: Path) -> None:
    for table in read_files([path]).tables:
        list(table.read())


def refusal(path: Path) -> str:
    with pytest.raises(ConfigFailure) as raised:
        read_whole(path)
    assert raised.value.message.startswith(path.name)
    return raised.value.message


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("cp1252", "windows-1252"),
        ("mac_roman", "Mac Roman"),
        ("cp850", "code page 850"),
    ],
)
def test_given_an_export_in_any_encoding_when_read_then_its_texts_are_whole(tmp_path, codec, name):
    # Code page 850 has no euro sign.
    text = EXPORT.replace("€", "" if codec == "cp850" else "€")
    table = only(file(tmp_path, text.encode(codec)))
    assert table.columns == ("N° facture", "Client", "Montant HT")
    assert [row[1] for row in values(table)] == ["Société Générale", "Crème & Fils"]
    assert name in table.reading


def test_given_a_lone_euro_sign_in_windows_1252_when_read_then_it_is_a_euro_sign(tmp_path):
    table = only(file(tmp_path, "Nom;Prix\nA;12,00 €\nB;5,00 €\n".encode("cp1252")))
    assert [row[1] for row in values(table)] == ["12,00 €", "5,00 €"]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_given_any_separator_when_read_then_cells_are_cells_also_with_the_separator_in_quotes(tmp_path, separator):
    rows = [["id", "name", "note"], ["007", f"A{separator} B", "1,5"], ["8", "C", '"x"']]
    text = "\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    table = only(file(tmp_path, text))
    assert [list(table.columns), *map(list, values(table))] == rows


def test_given_commas_within_numbers_when_semicolons_separate_then_they_are_no_separator(tmp_path):
    text = "a;b;c\n1,5;2,5;3,5\n1,5;2,5;3,5\n"
    assert only(file(tmp_path, text)).columns == ("a", "b", "c")


def test_given_titles_above_and_repeated_headings_when_read_then_they_are_no_data(tmp_path):
    text = "Export du 01/02/2026;;\n;;\nid;Nom;Montant\n1;A;5\n\nid;Nom;Montant\n2;B;6\n"
    table = only(file(tmp_path, text))
    assert [row.number for row in table.read()] == [4, 7]
    assert "heading in line 3" in table.reading
    assert table.left_out == "1 repeated heading"


def test_given_a_total_row_when_its_sum_proves_it_then_it_is_left_out(tmp_path):
    text = "id;Nom;Montant\n1;A;5,50\n2;B;1 006,00\nTotal;;1 011,50\n"
    table = only(file(tmp_path, text))
    assert (len(values(table)), table.left_out) == (2, "1 total row")


def test_given_subtotals_when_each_is_the_sum_since_the_last_then_all_are_left_out(tmp_path):
    text = "id;Montant\n1;5.50\n2;6\nSous-total;11.50\n3;7\nSous-total;7\nTotal;18.50\n"
    assert only(file(tmp_path, text)).left_out == "3 total rows"


def test_given_a_customer_called_total_when_no_sum_proves_it_then_it_is_data(tmp_path):
    text = "Client;Montant\nAcme;5\nTotal;7\nShell;9\n"
    assert len(values(only(file(tmp_path, text)))) == 3


BELOW_GROUPS = """
    Sous-total Alba / Total général | Total Alba / Total | Alba Total / Grand Total | Subtotal Alba / Grand total
    | Sub-total: Alba / TOTAL | Zwischensumme Alba / Gesamtsumme | Alba Ergebnis / Gesamtergebnis | Summe Alba / Summe
    | Subtotal Alba / Total general | Suma Alba / Suma total | Totale Alba / Totale complessivo | Alba Totale / Totale
    | Subtotale Alba / Totale generale | Subtotaal Alba / Eindtotaal | Totaal Alba / Totaal generaal
    | Soma Alba / Total geral | Subtotal de Alba / Totais | Total Alba HT / Total HT | Cumul Alba / Total factures
"""


def invoiced(total: str, whole: str, *, last: str = "165,50") -> str:
    heading = "Client;Facture;Date;Montant\n"
    rows = ["Alba;F1;05/01/2026;100,00", "Alba;F2;05/02/2026;50,00", f"{total};;;150,00", "Berg;F3;05/02/2026;15,50"]
    return heading + "\n".join([*rows, f"{whole};;;{last}"]) + "\n"


@pytest.mark.parametrize("labels", [one.strip() for one in BELOW_GROUPS.split("|")])
def test_given_totals_of_groups_and_of_all_in_any_language_when_read_then_they_are_left_out(tmp_path, labels):
    table = only(file(tmp_path, invoiced(*labels.split(" / "))))
    assert [row[1] for row in values(table)] == ["F1", "F2", "F3"]
    assert table.left_out == "2 total rows"


def test_given_a_total_that_is_not_the_sum_when_read_then_that_is_told(tmp_path):
    table = only(file(tmp_path, invoiced("Total Alba", "Total", last="999,00")))
    assert (len(values(table)), table.left_out) == (
        3,
        "1 total row, 1 total row that isn't the sum of the rows above it",
    )


@pytest.mark.parametrize(
    "row",
    [
        "Total Energies;F4;05/02/2026;165,50",  # the sum by chance
        "Total Berg;F4;05/02/2026;15,50",  # the sum of a customer of that name, by chance
        "Total;F4;05/02/2026;10,00",
        "Totale Design;F4;05/02/2026;15,50",
        "Total Energies;;;10,00",  # one whose number is missing: it is rejected, and told
        "Gym Total;F4;05/02/2026;15,50",
        "Summe;F4;05.02.2026;12,00",
    ],
)
def test_given_a_customer_whose_name_begins_as_a_total_when_read_then_its_rows_are_data(tmp_path, row):
    text = invoiced("Total Alba", row.split(";")[0]).replace(f"{row.split(';')[0]};;;165,50", row)
    assert len(values(only(file(tmp_path, text)))) == 4


def test_given_a_customer_called_total_among_groups_with_totals_when_read_then_its_rows_count_in_them(tmp_path):
    rows = ["Total Énergies;F1;05/01/2026;100,00", "Total Énergies;F2;05/02/2026;50,00"]
    rows += ["Sous-total Total Énergies;;;150,00", "Berg;F3;05/02/2026;15,50", "Total général;;;165,50"]
    table = only(file(tmp_path, "\n".join(["Client;Facture;Date;Montant", *rows])))
    assert [row[1] for row in values(table)] == ["F1", "F2", "F3"]
    assert table.left_out == "2 total rows"


@pytest.mark.parametrize(
    ("end", "begin", "page"),
    [
        ("A reporter", "Report", "Page 1"),
        ("Übertrag", "Übertrag", "Seite 1 von 2"),
        ("Carried forward", "Brought forward", "Page 1 of 2"),
        ("Suma y sigue", "Suma anterior", "Página 1"),
        ("A riportare", "Riporto", "Pag. 1/2"),
    ],
)
def test_given_a_printed_report_of_pages_when_read_then_what_pages_begin_and_end_with_is_left_out(
    tmp_path, end, begin, page
):
    heading = "Date;Facture;Client;Libellé;Montant"
    rows = ["SARL Montre", "Ventes 2026", heading, "05/01/2026;F1;Alba;Pro;100,00", "05/01/2026;F2;Berg;Pro;50,00"]
    rows += [f";;;{end};150,00", f"{page};;;;", "SARL Montre;;;;", heading, f";;;{begin};150,00"]
    rows += ["06/01/2026;F3;Alba;Report;15,50", "06/01/2026;F3;Alba;Transport;4,50", ";;;Total général;170,00"]
    table = only(file(tmp_path, "\n".join(rows)))
    assert [row[1] for row in values(table)] == ["F1", "F2", "F3", "F3"]
    assert sorted(table.left_out.split(", ")) == ["1 repeated heading", "2 titles or page numbers", "3 total rows"]


def test_given_a_total_among_the_lines_of_a_document_when_its_sum_proves_it_then_it_is_left_out(tmp_path):
    rows = ["F1;A;Pro;1;10,00", "F1;A;Aide;2;5,50", "F1;A;Sous-total;;15,50", "F2;B;Pro;1;7,00", "F2;B;Aide;1;8,00"]
    text = "\n".join(["Facture;Client;Produit;Qté;Montant", *rows, "F2;B;Sous-total;;15,00"])
    table = only(file(tmp_path, text))
    assert (len(values(table)), table.left_out) == (4, "2 total rows")


def test_given_a_table_of_documents_totals_when_read_then_each_row_is_data(tmp_path):
    rows = ["F1;Subtotal;10.00", "F1;VAT;2.00", "F1;Total;12.00", "F2;Subtotal;5.00", "F2;VAT;1.00", "F2;Total;6.00"]
    table = only(file(tmp_path, "\n".join(["Invoice;Name;Amount", *rows])))
    assert (len(values(table)), table.left_out) == (6, "")


def test_given_totals_of_months_within_those_of_customers_when_read_then_all_are_left_out(tmp_path):
    rows = [f"{name};F{name}{month}{n};{month:02d}/2026;{n}0,00" for name in "AB" for month in (1, 2) for n in (1, 2)]
    for place, total in ((8, "Total B;;;60,00"), (8, "Total 02/2026;;;30,00"), (6, "Total 01/2026;;;30,00")):
        rows.insert(place, total)
    for place, total in ((4, "Total A;;;60,00"), (4, "Total 02/2026;;;30,00"), (2, "Total 01/2026;;;30,00")):
        rows.insert(place, total)
    table = only(file(tmp_path, "\n".join(["Client;Facture;Mois;Montant", *rows, "Total général;;;120,00"])))
    assert (len(values(table)), table.left_out) == (8, "7 total rows")


def test_given_doubled_and_missing_headings_when_read_then_each_column_has_a_name(tmp_path):
    assert only(file(tmp_path, "id;Montant;Montant;\n1;2;3;4\n")).columns == (
        "id",
        "Montant",
        "Montant (2)",
        "column 4",
    )


@given(rows=st.permutations([["1", "A", "1,5"], ["2", "B, C", "2,5"], ["3", 'D "E"', "3"], ["4", "", "4"]]))
def test_given_rows_in_any_order_when_read_then_the_file_is_cut_up_alike(tmp_path_factory, rows):
    text = "\n".join(";".join(f'"{cell}"'.replace('""E""', "E") for cell in row) for row in [["id", "n", "m"], *rows])
    text = text.replace('"D E"', '"D ""E"""').replace('"D "E""', '"D ""E"""')
    table = only(file(tmp_path_factory.mktemp("order"), text))
    assert table.columns == ("id", "n", "m")
    assert sorted(row[0] for row in values(table)) == ["1", "2", "3", "4"]


def new_workbook() -> Any:
    from openpyxl import Workbook  # here: for one of the tests' processes only

    return Workbook()


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = new_workbook()
    del book["Sheet"]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        if title == "factures":
            sheet["A3"].number_format = "00000"
    book.save(path)
    return path


def test_given_a_workbook_when_read_then_each_filled_sheet_is_a_table_with_typed_cells(tmp_path):
    invoices = [["Export"], ["N°", "Date", "Montant", "Payée"], [7, datetime(2026, 1, 5), 12.5, True]]
    path = workbook(tmp_path / "w.xlsx", factures=invoices, clients=[["Code"], ["0012"]], leer=[])
    tables = {table.name: table for table in read_files([path]).tables}
    assert values(tables["factures"]) == [("00007", "2026-01-05", 12.5, True)]
    assert values(tables["clients"]) == [("0012",)]
    assert len(tables) == 2


def test_given_a_workbook_when_it_was_read_then_its_tables_stay_though_the_file_goes(tmp_path):
    rows = {title: [["id", "note"], *([f"{title}{n}", "x" * 2000] for n in range(50))] for title in ("one", "two")}
    path = workbook(tmp_path / "w.xlsx", **rows)
    tables = read_files([path]).tables
    path.unlink()
    for table in tables:
        assert values(table) == values(table) == [tuple(row) for row in rows[table.name][1:]]


def test_given_cells_that_are_merged_over_rows_when_read_then_each_row_has_their_texts_and_no_amount_twice(tmp_path):
    book = new_workbook()
    sheet = book.active
    for row in [
        ["Sales"],
        ["No", "Date", "Customer", "Line", "Net", "Total"],
        ["F1", datetime(2026, 1, 5), "Alba", "Plan", 10, 30],
        [None, None, None, "Hours", 20, None],
        [None, None, None, "Sous-total Alba", 30, None],
        ["F2", datetime(2026, 1, 6), "Berg", "Plan", 10, 10],
        [None, None, None, "Hours", 5, None],
    ]:
        sheet.append(row)
    for merged in ("A1:F1", "A3:A5", "B3:B5", "C3:C5", "F3:F5"):
        sheet.merge_cells(merged)
    book.save(tmp_path / "merged.xlsx")
    assert only(tmp_path / "merged.xlsx").left_out == "1 total row"
    assert values(only(tmp_path / "merged.xlsx")) == [
        ("F1", "2026-01-05", "Alba", "Plan", 10, 30),
        ("F1", "2026-01-05", "Alba", "Hours", 20, None),
        ("F2", "2026-01-06", "Berg", "Plan", 10, 10),
        ("F2", "2026-01-06", "Berg", "Hours", 5, None),
    ]


def test_given_a_workbook_with_one_far_cell_when_read_then_the_cell_is_named(tmp_path):
    book = new_workbook()
    book.active.append(["a", "b"])
    book.active.append([1, 2])
    book.active.cell(1_048_576, 16_384, "x")
    book.save(tmp_path / "far.xlsx")
    assert "row 1048576" in refusal(tmp_path / "far.xlsx")


ODS = """<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Rechnungen">{}</table:table>
</office:spreadsheet></office:body></office:document-content>"""
ODS_ROW = "<table:table-row>{}</table:table-row>"
ODS_TEXT = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ODS_NUMBER = '<table:table-cell office:value-type="float" office:value="{}"/>'


def open_document(path: Path, rows: str) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", ODS.format(rows))
        packed.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def test_given_an_open_document_when_read_then_its_cells_are_there(tmp_path):
    heading = ODS_ROW.format(ODS_TEXT.format("Nr.") + ODS_TEXT.format("Betrag"))
    row = ODS_ROW.format(ODS_TEXT.format("007") + ODS_NUMBER.format("12.5"))
    table = only(open_document(tmp_path / "r.ods", heading + row))
    assert (table.columns, values(table)) == (("Nr.", "Betrag"), [("007", 12.5)])


def test_given_an_open_document_that_ends_its_reader_when_read_then_that_is_told(tmp_path):
    far = '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    cell = '<table:table-row><table:table-cell table:number-columns-repeated="2000000000"/>{}</table:table-row>'
    refusal(open_document(tmp_path / "far.ods", far + cell.format(ODS_TEXT.format("x"))))


def test_given_a_workbook_that_grows_without_measure_when_read_then_it_is_not_opened(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (64 << 20))
    assert "64 MB" in refusal(path)


def test_given_what_databases_write_for_no_value_when_read_then_it_is_none(tmp_path):
    table = only(file(tmp_path, "id;end;note\n1;NULL;\\N\n2;2026-01-31;is NULL here\n"))
    assert values(table) == [("1", None, None), ("2", "2026-01-31", "is NULL here")]


def test_given_json_when_read_then_each_list_of_objects_is_a_table(tmp_path):
    path = file(tmp_path, '{"clients": [{"id": "01", "x": {"y": 1}}], "factures": [{"id": 2.50}], "page": 1}', "e.json")
    tables = {table.name: values(table) for table in read_files([path]).tables}
    assert tables == {"clients": [("01", {"y": 1})], "factures": [(2.5,)]}


def test_given_lines_of_json_when_read_then_columns_are_those_of_all_lines(tmp_path):
    table = only(file(tmp_path, '{"id": "01"}\n\n{"id": "02", "n": 1}\n', "e.jsonl"))
    assert (table.columns, values(table)) == (("id", "n"), [("01", None), ("02", 1)])


def test_given_parquet_when_read_then_dates_are_iso_text(tmp_path):
    import pyarrow  # here: for one of the tests' processes only
    from pyarrow import parquet

    columns = {"id": ["01"], "day": [datetime(2026, 1, 5).date()]}
    parquet.write_table(pyarrow.table(columns), tmp_path / "e.parquet")
    assert values(only(tmp_path / "e.parquet")) == [("01", "2026-01-05")]


def test_given_airbyte_messages_when_read_then_they_stay_as_they_are(tmp_path):
    path = file(tmp_path, '{"type": "LOG", "log": {}}\n{"type": "RECORD", "record": {}}\n', "m.jsonl")
    found = read_files([path])
    assert (found.tables, found.messages) == ((), (path,))


def test_given_two_files_of_one_name_when_read_then_each_table_has_its_own(tmp_path):
    for folder in ("jan", "feb"):
        (tmp_path / folder).mkdir()
        file(tmp_path / folder, "id;n\n1;2\n", "factures.csv")
    tables = read_files([tmp_path / "jan", tmp_path / "feb"]).tables
    assert [table.name for table in tables] == ["factures", "factures (2)"]


@pytest.mark.parametrize(
    ("names", "read_as"),
    [
        (["factures_2026-02"], {"factures_2026-02": "factures"}),
        (["factures", "Factures T1 2026 (2)"], {"Factures T1 2026 (2)": "factures"}),
        (["2026 févr. factures"], {"2026 févr. factures": "factures"}),
        (["clients-2025"], {}),
        (["avoirs_2026"], {}),
        (["factures_avoirs_2026"], {}),
        (["articles 3"], {"articles 3": "articles 1"}),
        (["factures"], {}),
    ],
)
def test_given_a_file_of_another_month_when_named_as_the_mapping_does_then_it_is_the_same_stream(
    tmp_path, names, read_as
):
    rule, other = "{emits: [{entity: products, fields: {id: id}}]}", "{ignore: true}"
    mapping = f"""version: 1
streams:
  factures: {rule}
  articles 1: {rule}
  articles 2: {rule}
  clients 2023: {rule}
  clients 2024: {other}
"""
    for name in names:
        file(tmp_path, f"id;n\n1;{name}\n", f"{name}.csv")
    found, renamed = as_mapped(read_files([tmp_path]), mapping)
    assert renamed == read_as
    assert sum(len(values(table)) for table in found.tables) == len(names)


def test_given_exports_that_overlap_when_they_are_one_table_then_each_row_of_both_comes_once(tmp_path):
    mapping = "version: 1\nstreams:\n  factures: {emits: [{entity: products, fields: {id: id}}]}\n"
    file(tmp_path, "id;n\n1;2\n1;2\n3;4\n", "factures_01.csv")
    file(tmp_path, "id;n;m\n3;4;\n1;2;5\n6;7;8\n", "factures_02.csv")
    (table,) = as_mapped(read_files([tmp_path]), mapping)[0].tables
    assert table.columns == ("id", "n", "m")
    rows = [("1", "2", None), ("1", "2", None), ("3", "4", None), ("1", "2", "5"), ("6", "7", "8")]
    assert values(table) == values(table) == rows
    file(tmp_path, "id;n;m\n1;2;5\n9;9;9\n", "factures_03.csv")
    (table,) = as_mapped(read_files([tmp_path]), mapping)[0].tables
    assert values(table) == [*rows, ("9", "9", "9")]


def test_given_other_columns_or_a_copy_of_a_sheet_when_named_then_it_is_no_next_file(tmp_path):
    mapping = "version: 1\nstreams:\n  factures: {emits: [{entity: products, fields: {id: id}}]}\n"
    file(tmp_path, "id;n\n1;2\n", "factures.csv")
    file(tmp_path, "id;m\n1;2\n", "factures (2).csv")
    assert as_mapped(read_files([tmp_path]), mapping)[1] == {}
    path = file(tmp_path, '{"factures": [{"id": "1"}], "factures 2": [{"id": "1"}]}', "e.json")
    assert as_mapped(read_files([path]), mapping)[1] == {}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a;b\n\0\0;1\n", "line 2 has zero bytes"),
        (b'a;b\n"x;1\ny;2\n', "line 2: the quotes"),
        ("a;b\né;1\n".encode() + "è;2\n".encode("cp1252"), "line 2: this line is UTF-8"),
        (b"a;b\n1;2\n3;4\nx;y;z\n", "line 4: it has 3 cells"),
        (";".join(f"c{n}" for n in range(1200)).encode() + b"\n" + b"1;" * 1199 + b"1\n", "1,200 columns"),
        (b"%PDF-1.7 \n", "no table"),
        (b"PK\x03\x04 no zip", "can't be read"),
        (b"PAR1 nothing", "can't be read"),
        (bytes(range(256)) * 40, "no text file"),
        (b"a;b\n1;" + b"x" * (1 << 21), "field larger"),
    ],
)
def test_given_a_file_that_cannot_be_read_right_when_read_then_the_words_name_the_place(tmp_path, content, told):
    assert told in refusal(file(tmp_path, content))


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("e.json", b"{", "no JSON"),
        ("e.json", b"[" * 100_000, "no JSON"),
        ("e.json", b'{"a": 1}', "no list"),
        ("e.jsonl", b'{"a": 1}\n[2]\n', "line 2"),
    ],
)
def test_given_broken_json_when_read_then_that_is_told(tmp_path, name, content, told):
    assert told in refusal(file(tmp_path, content, name))


def test_given_a_file_of_two_gigabytes_when_read_then_it_is_refused_without_being_read(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as sparse:
        sparse.truncate(2 << 30)
    assert "2,048 MB" in refusal(path)
