"""Secrets at rest: sealed with the first of the environment's keys, opened with any of them."""
