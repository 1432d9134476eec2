"""The contract told a second time: plain dicts and loops, nothing shared with the product."""
