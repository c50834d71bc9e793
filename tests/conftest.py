"""What every test shares: virtual time under tests/engine, the real loop elsewhere."""
