"""Pages and the HTTP interface, through the test client."""
