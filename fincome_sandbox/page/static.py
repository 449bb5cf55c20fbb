"""The page's own files: read once, at start."""

from hashlib import sha256
from importlib import resources

from fastapi import HTTPException, Response

_TYPES = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_FOLDER = resources.files("fincome_sandbox.page") / "static"
_FILES = {name: (_FOLDER / name).read_bytes() for name in _TYPES}
_TAGS = {name: f'"{sha256(content).hexdigest()[:16]}"' for name, content in _FILES.items()}


def static_file(name: str, known: str | None) -> Response:
    """The file, or 304 if the browser has it already."""
    if name not in _FILES:
        raise HTTPException(404)
    headers = {"ETag": _TAGS[name], "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if known == _TAGS[name]:
        return Response(status_code=304, headers=headers)
    return Response(_FILES[name], media_type=_TYPES[name], headers=headers)
