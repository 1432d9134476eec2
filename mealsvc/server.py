"""The production server: gunicorn, some processes with four threads each."""

from typing import Any

from gunicorn.app.base import BaseApplication

import config
from mealsvc.plumbing.certificate import Served

OPTIONS = {
    "worker_class": "gthread",
    "threads": 4,
    "timeout": 120,
    "graceful_timeout": 30,
    "loglevel": "warning",
}


class Server(BaseApplication):
    """gunicorn with our settings, without its command line."""

    def __init__(self, settings: dict[str, Any], **options: Any) -> None:
        self._settings, self._options = settings, {**OPTIONS, **options}
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from mealsvc.app import create_app
        from mealsvc.auditing.scanning import nights
        from mealsvc.auditing.sealing.services import night as seal

        app = create_app({**config.load(), **self._settings})
        nights.begin(app, (seal, nights.scan_months))
        return app


def run(host: str, port: int, workers: int, certificate: Served | None = None) -> None:
    """Serves until it is told to stop; over https if there is a certificate to serve with."""
    settings, options = {}, {}
    if certificate is not None:
        settings = {"HTTPS": True, "CERTIFICATE": certificate.ca}
        options = {"certfile": str(certificate.certificate), "keyfile": str(certificate.key)}
    Server(settings, bind=address(host, port), workers=workers, **options).run()


def address(host: str, port: int) -> str:
    """Host and port as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
