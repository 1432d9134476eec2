"""The door for production servers: `gunicorn wsgi:app`."""

from mealsvc.app import create_app

app = create_app()
