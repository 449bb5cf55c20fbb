"""A preset's YAML, typed: how one source's streams become Fincome's entities (docs/mapping.md has the format)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from destination_fincome.codes import Code
from destination_fincome.fincome.contract import WritePolicy
from destination_fincome.mapping.language.forms import as_expression
from destination_fincome.mapping.language.yaml_text import read_yaml
from destination_fincome.mapping.merging import How
from destination_fincome.mapping.skip_rules import SkipRule, SkipRules

Expression = Annotated[str, BeforeValidator(as_expression)]
"""An expression. One that has a form of its own in YAML (language.forms) is written out as text when it is read."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class NestedField(_Part):
    """A field that holds a list of objects: one object for each element of `for_each`."""

    for_each: str
    fields: dict[str, Expression]


def _field(value: Any) -> Any:
    """Write out an expression's form; a list of objects is left to its model."""
    nested = isinstance(value, NestedField) or (isinstance(value, dict) and "for_each" in value)
    return value if nested else as_expression(value)


def _skip_rules(value: Any, info: ValidationInfo) -> list[Any]:
    names = info.context if isinstance(info.context, SkipRules) else SkipRules("the source")
    return names.written_out(value)


class StubRule(_Part):
    """What a record knows about another object: enough to create that one if it exists nowhere."""

    entity: str
    when: str | None = None
    for_each: str | None = None
    fields: dict[str, Expression]


class VariantRule(_Part):
    """What an object is instead, if another one that it refers to has a certain value.

    Attributes:
        reference: the field that holds the other object's id.
        field: the other object's field; `custom_properties.x` for one of its own attributes.
        value: the certain value.
        when: only records (or elements) for which this is true can be another thing.
        fields: expressions of the fields that differ.
    """

    reference: str
    field: str
    value: str
    when: str | None = None
    fields: dict[str, Expression]


class JoinRule(_Part):
    """Rows of another stream that a record is completed with before it is mapped.

    Attributes:
        stream: the preset's name of the other stream.
        of: what names the rows in the record.
        by: the rows' column that holds it, in small letters.
        every: all rows, as a list; else the one that came last, as an object.
        unique: of `every`: what tells a row from the others of its record; of several that came, the last counts.
        order: of `every`: the rows' column with the number by which they are ordered; else they are as they came.
        whole: all rows must come with every sync; if not, figures hold without them.
        when: only rows for which this is true.
    """

    stream: str
    of: Expression
    by: str
    whole: bool = True
    every: bool = False
    unique: str | None = None
    order: str | None = None
    when: str | None = None


class OtherIdRule(_Part):
    """Another id by which records name an object, such as that of one of its versions.

    Attributes:
        entity: what is named.
        id: the other id.
        of: the object's own.
    """

    entity: str
    id: Expression
    of: Expression


class Emission(_Part):
    """One kind of object that a stream's records become.

    Attributes:
        entity: the contract's name.
        operation: see contract.WritePolicy.
        when: only records (or elements) for which this is true become one.
        for_each: one object for each element of this list; inside, `_record` is the record itself with the stream's
            `let`, and `_index` the element's position, from 0.
        let: values used several times; names start with an underscore.
        version: overrides the stream's.
        complete: of the parts of a document: whether the list of `for_each` has all that the document has. Null if
            nobody knows.
        gives: values that objects which refer to this one may ask of it, and that aren't sent; names start with an
            underscore.
        fields: expressions by Fincome's name of the field; "same_names" reads each of the entity's fields from the
            column of the same name.
        custom_properties: expressions by name, or one expression that gives an object.
        skip: the rules by which its objects are skipped, with or without names; see SkipRules.
        stubs: see StubRule.
        variants: see VariantRule.
        merge: several records bring parts of one object, which is sent when all of them have come: how each field's
            values become one. Fields that aren't named keep their newest value.
        merged_skip: skip rules that are asked of the merged object: their expressions see its fields. One whose reason
            is that of a rejection rejects it. Attributes that begin with an underscore are there for these rules only.
        set_once: fields that only the creation of an object takes: an update leaves them as they are in Fincome.
        complete_per: a column: all records with one value of it always come together, also in an incremental sync.
    """

    entity: str
    operation: WritePolicy = "upsert"
    when: str | None = None
    for_each: str | None = None
    let: dict[str, Expression] = Field(default_factory=dict)
    version: str | None = None
    complete: str | None = None
    gives: dict[str, Expression] = Field(default_factory=dict)
    fields: dict[str, Annotated[str | NestedField, BeforeValidator(_field)]] | Literal["same_names"]
    custom_properties: dict[str, Expression] | str | None = None
    skip: Annotated[list[SkipRule], BeforeValidator(_skip_rules)] = Field(default_factory=list)
    stubs: list[StubRule] = Field(default_factory=list)
    variants: list[VariantRule] = Field(default_factory=list)
    merge: dict[str, How] | None = None
    merged_skip: Annotated[list[SkipRule], BeforeValidator(_skip_rules)] = Field(default_factory=list)
    complete_per: str | None = None
    set_once: tuple[str, ...] = ()


class AllocationsRule(_Part):
    """What a credit was applied to: one allocation for each element of `for_each`.

    Attributes:
        invoice: expression of the invoice's id; an element without one is none.
        amount: of the part that was applied, in the measure of the credit's `total`; without it all of the credit is.
        date: when; a day or an instant.
        key: tells it from the others, where records of their own tell allocations, too.
    """

    for_each: str
    invoice: Expression
    amount: Expression | None = None
    date: Expression | None = None
    key: Expression | None = None


class CreditLinesRule(_Part):
    """A credit's lines, one for each element of `for_each`; all amounts are positive.

    Attributes:
        id: the line's id, and that of the negative invoice's line unless that has another.
        invoice_line: id of the invoice line that it credits, if the source names it.
        amount: without tax, before `discount`.
        discount, tax: the line's own, and its share of the document's.
        negative: more fields of the negative invoice's line, by Fincome's name; without `type` it is one-off.
        custom_properties: those of the negative invoice's line, by name.
        stubs: see StubRule.
    """

    for_each: str
    let: dict[str, Expression] = Field(default_factory=dict)
    id: Expression
    invoice_line: Expression | None = None
    amount: Expression
    discount: Expression | None = None
    tax: Expression | None = None
    negative: dict[str, Expression] = Field(default_factory=dict)
    custom_properties: dict[str, Expression] = Field(default_factory=dict)
    stubs: list[StubRule] = Field(default_factory=list)


class CreditRule(_Part):
    """A credit of the source: a credit note on each invoice that it was applied to, a negative invoice for the rest.

    Attributes:
        operation: see contract.WritePolicy. With another than upsert, nothing moves that Fincome has.
        when: only records for which this is true are one.
        let: as of an emission.
        fields: of the credit notes, by Fincome's name, without `invoice_id` and `lines`: the whole credit's.
        total: in the measure of the allocations; without it their sum is the whole.
        allocations: what it was applied to.
        lines: see CreditLinesRule.
        negative: fields in which the negative invoice differs from the credit, by Fincome's name: `id` where the ids
            of credits and of invoices may be the same, `number`, `subscription_id`, `status` (else paid).
        linked: true if other records may tell allocations, too (see `credit_links`): without any, what Fincome has
            stays.
        custom_properties, skip, stubs: as of an emission.
    """

    operation: WritePolicy = "upsert"
    when: str | None = None
    let: dict[str, Expression] = Field(default_factory=dict)
    fields: dict[str, Expression]
    total: Expression | None = None
    allocations: AllocationsRule | None = None
    lines: CreditLinesRule | None = None
    negative: dict[str, Expression] = Field(default_factory=dict)
    linked: Expression | None = None
    custom_properties: dict[str, Expression] | str | None = None
    skip: Annotated[list[SkipRule], BeforeValidator(_skip_rules)] = Field(default_factory=list)
    stubs: list[StubRule] = Field(default_factory=list)


class CreditLinksRule(_Part):
    """Allocations of credits that are records of their own, or parts of the invoice's.

    Attributes:
        credit: id of the credit.
        key: tells one of the credit's links from another.
        invoice, amount, date: as of an allocation.
        gone: true of one that was taken back.
        made: the record makes the credit note, too: it doesn't wait for the credit's own.
    """

    when: str | None = None
    for_each: str | None = None
    credit: Expression
    key: Expression
    invoice: Expression
    amount: Expression | None = None
    date: Expression | None = None
    gone: Expression | None = None
    made: bool = False


class EnrichmentRule(_Part):
    """Records of a CRM, which bring attributes that the settings name onto customers that they name by a key.

    Attributes:
        places: where a property is, the best place first: what stands before its name. With a dot at its end that is a
            path (`properties.`), else the beginning of a column's name (`properties_`), perhaps nothing.
        declared: the catalog has a column for each property.
        own_ids: properties that hold ids of the CRM itself, which are no likely keys.
        or_else: what else a record may be that brings nothing, as the end of "its property is empty".
    """

    places: tuple[str, ...]
    declared: bool = True
    own_ids: tuple[str, ...] = ()
    or_else: str = ""


class Warning_(_Part):  # noqa: N801 (Warning is a builtin)
    """Something worth telling the user about records for which `when` is true.

    Attributes:
        field: the field that it is about: nothing is told where the user's own mapping gives that field.
    """

    when: str
    code: Code
    text: str
    field: str | None = None


class StreamRule(_Part):
    """What becomes of one stream of the source.

    Attributes:
        names: other names the stream may have.
        signature: columns that tell the source's stream from another's stream of the same name.
        any_name: its columns tell it, whatever it is called: a stream of another name with all of `signature` is one.
        needs: columns without which figures would be wrong and nobody would know: the user is told if one is missing.
        changes_missed: what changes later and never comes, if an incremental sync of the source asks for what was
            created since the last one: the user is told to read the stream in full.
        ended_unlisted: whether the source lists only what hasn't ended, so that nothing tells of an end.
        later_with: columns that only a later version of the source has: see Preset.later_version.
        refused_without: columns of which one must be there.
        refused_because: what to tell if none is: the sync stops before its first request.
        ignored: why the stream isn't needed; nothing is emitted.
        ignored_if_selected: a stream that makes this one superfluous when it is selected too.
        version: expression of the objects' version; absent: the order of arrival.
        time_zone: expression of the record's own time zone, by whose midnight it is billed.
        joins: by name, with an underscore in front: see JoinRule. The names are columns of the record then.
        let: values of the whole record, computed once, for all of `emits`; names start with an underscore.
        emits: the objects.
        credits: records, or those for which `when` is true, that are credits (docs/mapping.md, "Credits").
        credit_links: what records tell of the credits of others.
        other_ids: see OtherIdRule.
        otherwise: why a record becomes nothing if none of `emits` is for it.
        otherwise_reason: the code of that.
        enrichment: see EnrichmentRule. Its objects are made of each element of the helper `_keys`.
    """

    names: tuple[str, ...] = ()
    signature: tuple[str, ...] = ()
    any_name: bool = False
    needs: tuple[str, ...] = ()
    changes_missed: str | None = None
    ended_unlisted: bool = False
    later_with: tuple[str, ...] = ()
    refused_without: tuple[str, ...] = ()
    refused_because: str = ""
    ignored: str | None = None
    ignored_if_selected: str | None = None
    version: str | None = None
    time_zone: str | None = None
    joins: dict[str, JoinRule] = Field(default_factory=dict)
    let: dict[str, Expression] = Field(default_factory=dict)
    emits: list[Emission] = Field(default_factory=list)
    credits: list[CreditRule] = Field(default_factory=list)
    credit_links: list[CreditLinksRule] = Field(default_factory=list)
    warnings: list[Warning_] = Field(default_factory=list)
    other_ids: list[OtherIdRule] = Field(default_factory=list)
    otherwise: str = "none of the mapping's cases fits the record"
    otherwise_reason: Code = Code.NOT_MAPPED
    enrichment: EnrichmentRule | None = None


class Checked(_Part):
    """What a preset was held against; told on its page.

    Attributes:
        when: month and year.
        source: versions and records of what brings the data.
        api: the vendor's own description, and up to where.
        unconfirmed: what neither shows.
    """

    when: str
    source: str
    api: str
    unconfirmed: str | None = None


class Preset(_Part):
    """One source.

    Attributes:
        tie: which of two equal versions is the newer one, the first or the last seen.
        minor_units: the table of decimal places for money().
        create_missing_parents: whether parents that exist nowhere are created from what their children say (stubs).
        strangers: for a preset that knows tables by their shape: columns that other systems have and it never has, in
            small letters, by system. When the source is to be recognised, tables are held against it (see strangers).
        later_version: the preset of a later version of the source, for connections whose streams have its columns
            (`later_with`).
        earlier_version: what brought the same objects under other ids before, in words: kept_id() is about those.
        checked: what it was held against, and when.
        must_be_named: why streams that are recognised as this source's stop the sync, until the setting `source` names
            it: there is something that they can't tell.
        version_from_cursor: whether a stream's cursor is the version of its objects, if the rule names none.
        skip: skip rules by name, which the emissions of all streams can name.
        shared: a place for parts that are reused by YAML anchors; not read itself.
    """

    name: str
    title: str
    tie: Literal["first", "last"] = "last"
    minor_units: Literal["iso4217", "stripe", "chargebee"] = "iso4217"
    create_missing_parents: bool = False
    strangers: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    later_version: str | None = None
    earlier_version: str | None = None
    checked: Checked | None = None
    must_be_named: str | None = None
    version_from_cursor: bool = False
    skip: dict[str, Any] = Field(default_factory=dict)
    shared: Any = None
    streams: dict[str, StreamRule]


@lru_cache(maxsize=1)
def load_presets() -> dict[str, Preset]:
    """Return the presets that come with the package, by name."""
    presets = (read_preset(text) for text in _texts())
    return {preset.name: preset for preset in presets}


def read_preset(text: str) -> Preset:
    """Return the preset that a YAML document holds.

    Raises:
        YamlError: the text isn't YAML, or not as presets are written.
        pydantic.ValidationError: the document isn't a preset; names each place, also of a misspelt key.
    """
    document = read_yaml(text)
    given = document if isinstance(document, dict) else {}
    own = given.get("skip")
    names = SkipRules(str(given.get("title")), own if isinstance(own, dict) else {})
    return Preset.model_validate(document, context=names)


def _texts() -> Iterator[str]:
    folder = resources.files(__package__).joinpath("presets")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return (file.read_text(encoding="utf-8") for file in files if file.name.endswith(".yaml"))
