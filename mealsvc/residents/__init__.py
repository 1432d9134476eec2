"""The register of elders: identity, dated facts, cards."""
