"""Photos as evidence: re-encoded, sized, without metadata, known again by their digests."""
