"""The production server: gunicorn with threads on Linux, waitress on a Windows PC."""

import gc
import sys
from typing import Any


def run(host: str, port: int, workers: int) -> None:
    """Serves until it is told to stop."""
    if sys.platform == "win32":
        from waitress import serve

        from mealsvc.app import create_app

        serve(create_app(), host=host, port=port, threads=8)
        return
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        """gunicorn with our settings, without its command line."""

        def load_config(self) -> None:
            options = {
                "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                "workers": workers,
                "threads": 4,
                "worker_class": "gthread",
                "preload_app": False,
                "timeout": 120,
                "graceful_timeout": 30,
                "max_requests": 0,
                "accesslog": None,
                "loglevel": "warning",
            }
            for name, value in options.items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            from mealsvc.app import create_app

            app = create_app()
            gc.collect()
            gc.freeze()  # what the start has made stays: no later collection walks it again
            return app

    Server().run()
