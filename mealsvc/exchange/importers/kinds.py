"""Which importer takes which kind of file."""

from mealsvc.exchange.importers.base import Importer
from mealsvc.exchange.importers.daily import BudgetImporter, MenuImporter, PurchaseImporter
from mealsvc.exchange.importers.inspections import InspectionImporter
from mealsvc.exchange.importers.logs import LogImporter
from mealsvc.exchange.importers.places import (
    CandidateImporter,
    DivisionImporter,
    PointImporter,
)
from mealsvc.exchange.importers.residents import DepartureImporter, ResidentImporter
from mealsvc.exchange.importers.servings import ReversalImporter, ServingImporter
from mealsvc.exchange.importers.units import DocumentImporter, StaffImporter

IMPORTERS: dict[str, type[Importer]] = {
    "divisions": DivisionImporter,
    "points": PointImporter,
    "candidates": CandidateImporter,
    "residents": ResidentImporter,
    "departures": DepartureImporter,
    "budget": BudgetImporter,
    "menus": MenuImporter,
    "servings": ServingImporter,
    "reversals": ReversalImporter,
    "purchases": PurchaseImporter,
    "logs": LogImporter,
    "documents": DocumentImporter,
    "staff": StaffImporter,
    "inspections": InspectionImporter,
}
