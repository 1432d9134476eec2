"""A survey round: forms issued, filled, reviewed by village, town and district, and locked."""
