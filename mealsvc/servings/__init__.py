"""The till and its ledger: one meal served is one line, a mistake is reversed, nothing is edited."""
