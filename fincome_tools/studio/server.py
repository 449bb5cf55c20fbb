"""The studio's server: on this machine only, for whoever has the address with its token."""

from __future__ import annotations

import json
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse

from fincome_tools.demo.processes import Access, running_sandbox
from fincome_tools.studio.page import STATIC, render
from fincome_tools.studio.session import Session
from fincome_tools.studio.words import LANGUAGES

TOKEN = "studio"  # noqa: S105 (the cookie's name)
LANGUAGE = "language"
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
LOOPBACK = frozenset(["localhost", "127.0.0.1", "[::1]"])
Next = Callable[[Request], Awaitable[Response]]


class Studio:
    """One person's studio: the session, and the sandbox that it may load."""

    def __init__(self, folder: Path) -> None:
        self.session = Session()
        self.token = secrets.token_urlsafe(24)
        self._folder = folder
        self._stack = ExitStack()
        self._sandbox: Access | None = None

    def close(self) -> None:
        """End the sandbox, and forget the files."""
        self._stack.close()
        self.session.close()

    def load(self) -> None:
        """Load the files into a sandbox, by the command that a person would use."""
        self.session.show_sandbox(self.session.view.sandbox, is_loading=True)
        if self._sandbox is None:
            self._sandbox = self._stack.enter_context(running_sandbox(self._folder))
        mapping, config = self._folder / "mapping.yaml", self._folder / "config.json"
        mapping.write_text(self.session.view.text, encoding="utf-8")
        config.write_text(json.dumps({"api_key": self._sandbox.api_key, "base_url": self._sandbox.base_url}))
        command = [sys.executable, "-m", "fincome_tools.cli", "load", "--yes", "--config", config, "--mapping", mapping]
        with (self._folder / "load.log").open("wb") as log:
            subprocess.run([*map(str, command), *map(str, self.session.paths)], stderr=log, check=False)  # noqa: S603
        self.session.show_sandbox(self._sandbox.page_url + "/revenue", is_loading=False)


def make_app(studio: Studio) -> FastAPI:
    """Return the pages."""
    app = FastAPI(openapi_url=None)
    app.middleware("http")(_guard(studio.token))
    session = studio.session

    @app.get("/", response_class=HTMLResponse)
    def page(request: Request) -> Response:
        answer: Response = HTMLResponse(render(session.view, _language(request)))
        if request.query_params.get("token") == studio.token:
            answer = RedirectResponse("/", status_code=303)
            answer.set_cookie(TOKEN, studio.token, httponly=True, samesite="strict")
        return answer

    @app.get("/revision")
    def revision() -> Response:
        return JSONResponse({"revision": session.view.revision})

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        content, kind = STATIC.get(name, (b"", ""))
        return Response(content, media_type=kind) if kind else Response(status_code=404)

    @app.get("/mapping.yaml")
    def mapping() -> Response:
        return PlainTextResponse(
            session.view.text, headers={"Content-Disposition": 'attachment; filename="mapping.yaml"'}
        )

    @app.post("/files")
    def add(files: list[UploadFile]) -> Response:
        for file in files:
            session.add(file.filename or "file", file.file.read())
        return _back("files")

    @app.post("/remove")
    def remove(name: Annotated[str, Form()]) -> Response:
        session.remove(name)
        return _back("files")

    @app.post("/answer")
    def answer(
        question: Annotated[str, Form()], answer: Annotated[str, Form()] = "", other: Annotated[str, Form()] = ""
    ) -> Response:
        session.answer(question, other.strip() or answer or None)
        return _back("questions")

    @app.post("/text")
    def text(text: Annotated[str, Form()] = "", draft: Annotated[str, Form()] = "") -> Response:
        session.edit(None if draft else text.replace("\r\n", "\n"))
        return _back("text")

    @app.post("/sandbox")
    def sandbox() -> Response:
        threading.Thread(target=studio.load, daemon=True).start()
        return _back("text")

    @app.post("/language")
    def language(language: Annotated[str, Form()]) -> Response:
        answer = _back("")
        answer.set_cookie(LANGUAGE, language if language in LANGUAGES else LANGUAGES[0], samesite="strict")
        return answer

    return app


def _guard(token: str) -> Callable[[Request, Next], Awaitable[Response]]:
    """Let in only who has the token, by an address of this machine, from the page itself."""

    async def guard(request: Request, follow: Next) -> Response:
        host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
        origin = request.headers.get("origin")
        given = request.cookies.get(TOKEN) or request.query_params.get("token", "")
        if host not in LOOPBACK:
            return PlainTextResponse("This studio answers to addresses of this machine only.", 421)
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return PlainTextResponse("This request comes from another page.", 403)
        if not secrets.compare_digest(given.encode(), token.encode()):
            return PlainTextResponse("Open the address that the command has shown: it holds the key to this page.", 403)
        answer = await follow(request)
        answer.headers["Content-Security-Policy"] = POLICY
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    return guard


def _back(part: str) -> RedirectResponse:
    return RedirectResponse(f"/#{part}" if part else "/", status_code=303)


def _language(request: Request) -> str:
    """Return the language that was chosen, else the first one that the browser prefers."""
    chosen = request.cookies.get(LANGUAGE)
    if chosen in LANGUAGES:
        return str(chosen)
    for one in request.headers.get("accept-language", "").lower().split(","):
        if one.strip()[:2] in LANGUAGES:
            return one.strip()[:2]
    return LANGUAGES[0]


def serve(studio: Studio, port: int, announce: Callable[[str], None]) -> None:
    """Serve until Ctrl-C.

    Raises:
        OSError: the port is taken.
    """
    # The server raises again what ended it: the files must be forgotten all the same.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with socket.create_server(("127.0.0.1", port)) as listener:
        announce(f"http://localhost:{listener.getsockname()[1]}/?token={studio.token}")
        server = uvicorn.Server(uvicorn.Config(make_app(studio), log_level="error", access_log=False))
        server.run(sockets=[listener])
