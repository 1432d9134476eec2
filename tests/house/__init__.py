"""The walls of the house: floors, guards, file sizes, complete papers."""
