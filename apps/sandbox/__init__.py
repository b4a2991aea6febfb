"""A simulated OVH API over real HTTP: it stands alone, on the standard library."""
