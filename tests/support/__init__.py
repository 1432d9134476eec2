"""What the tests stand on: servers, a browser, a client that checks each page."""
