"""A test client that looks at every page it fetches, and signs in as anybody."""

from contextvars import Context
from typing import Any

from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.pages import faults_of, faults_of_fragment, parse
from tests.support.people import sign_in


class OutsideClient(FlaskClient):
    """Requests from outside: they never share the application context that a test has pushed."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return Context().run(super().open, *args, **kwargs)


class ClientRequest:
    """`get` and `post` as a person with a role; each answer's status and page are checked.

    `as_` is "town" (a role with its usual scope), "operator@P02" (with another), or None for a
    stranger; the account is made on first use.
    """

    def __init__(self, app: Flask):
        self._app = app
        self._clients: dict[str | None, FlaskClient] = {}
        self._tokens: dict[str | None, str] = {}

    def get(
        self, url: str, as_: str | None = None, status: int = 200, **kwargs: Any
    ) -> BeautifulSoup:
        """The page at `url`, sound and with that status."""
        return self._page(self.client(as_).get(url, **kwargs), as_, status)

    def post(
        self,
        url: str,
        data: dict[str, Any] | None = None,
        as_: str | None = None,
        status: int = 303,
        **kwargs: Any,
    ) -> BeautifulSoup:
        """Sends a form with this person's CSRF token; answers the page (empty for a redirect)."""
        return self._page(self.send(url, data, as_, **kwargs), as_, status)

    def send(
        self, url: str, data: dict[str, Any] | None = None, as_: str | None = None, **kwargs: Any
    ) -> TestResponse:
        """The bare response of a form sent with this person's CSRF token."""
        client = self.client(as_)
        return client.post(url, data={"csrf_token": self._tokens[as_], **(data or {})}, **kwargs)

    def client(self, as_: str | None = None) -> FlaskClient:
        """The client whose cookies are this person's."""
        if as_ not in self._clients:
            client = self._app.test_client()
            self._tokens[as_] = Context().run(sign_in, self._app, client, as_)
            self._clients[as_] = client
        return self._clients[as_]

    def _page(self, response: TestResponse, as_: str | None, status: int) -> BeautifulSoup:
        text = response.get_data(as_text=True)
        where = f"{response.request.method} {response.request.path}"
        assert response.status_code == status, f"{where}: {response.status}\n{text[:2000]}"
        if response.mimetype != "text/html" or 300 <= status < 400:
            return parse(text)
        page = parse(text)
        whole = page.find("html") is not None
        faults = faults_of(page) if whole else faults_of_fragment(page)
        assert not faults, f"{where}: {'; '.join(faults)}"
        return page
