"""The production server: gunicorn, some processes with four threads each."""

from typing import Any

from gunicorn.app.base import BaseApplication

OPTIONS = {
    "worker_class": "gthread",
    "threads": 4,
    "timeout": 120,
    "graceful_timeout": 30,
    "loglevel": "warning",
}


class Server(BaseApplication):
    """gunicorn with our settings, without its command line."""

    def __init__(self, **options: Any) -> None:
        self._options = {**OPTIONS, **options}
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from mealsvc.app import create_app

        return create_app()


def run(host: str, port: int, workers: int) -> None:
    """Serves until it is told to stop."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    Server(bind=address, workers=workers).run()
