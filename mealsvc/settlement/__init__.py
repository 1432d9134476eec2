"""A month becomes a batch: computed, submitted, frozen; the budget it is paid from."""
