"""Pages: what came back differently after hours without network, and how each is settled."""

from flask import Blueprint

bp = Blueprint("conflicts", __name__)
