"""One importer for each kind of file: rows in, one outcome a row out."""
