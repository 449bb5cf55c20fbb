"""The templates of pages that show people's data: everything in them is escaped, and a name that isn't known fails."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment_of(package: str) -> Environment:
    """Return the environment of the templates in a package's folder `templates`."""
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
