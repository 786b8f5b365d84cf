"""One revision for each version of the store's schema; its name is the version in four digits."""
