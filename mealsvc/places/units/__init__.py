"""The papers and people of a unit: licences, agreements, insurance, staff and certificates."""
