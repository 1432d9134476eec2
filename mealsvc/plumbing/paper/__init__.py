"""The kit that every printable paper is made with: one `Paper`, filled from top to bottom."""
