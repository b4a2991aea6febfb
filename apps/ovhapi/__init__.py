"""The only room that speaks to OVH: the client, its errors, the bucket of calls, the breaker."""
