"""How many calls an account may make: a token bucket in Redis, shared by all workers, with three lanes.

OVH publishes no limit; about 60 calls a minute for a key is what is known. A person's change may take the last token;
polls leave one for it, the mirror leaves three.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

import redis
from django.conf import settings

BURST = 10


class Lane(IntEnum):
    """What a call is for; the value is how many tokens it leaves to the lanes before it."""

    PERSON = 0
    POLL = 1
    MIRROR = 3


# KEYS: the bucket. ARGV: tokens a second, burst, tokens to leave. Time is Redis's own, so that workers agree.
TAKE = """
local now = redis.call('TIME')
now = now[1] + now[2] / 1000000
local rate, burst, leave = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'closed')
local closed = tonumber(held[3] or 0)
if closed > now then return tostring(closed - now) end
local tokens = math.min(burst, tonumber(held[1] or burst) + (now - tonumber(held[2] or now)) * rate)
local wait = 0
if tokens >= 1 + leave then tokens = tokens - 1 else wait = (1 + leave - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], 3600)
return tostring(wait)
"""
CLOSE = """
local now = redis.call('TIME')
redis.call('HSET', KEYS[1], 'closed', tostring(now[1] + tonumber(ARGV[1])))
redis.call('EXPIRE', KEYS[1], 3600)
return 'ok'
"""


@lru_cache(maxsize=2)
def _redis(url: str) -> "redis.Redis[bytes]":  # type: ignore[type-arg]
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)


@dataclass
class _Local:
    """What is left to one process when Redis is away: a slow bucket, never none."""

    next_at: float = 0.0


_local: dict[str, _Local] = {}


@dataclass(frozen=True)
class Bucket:
    """The bucket of one account. `name` is shared by all who call with its credential."""

    name: str
    per_minute: int = 60

    def take(self, lane: Lane) -> float:
        """Take a token: 0.0 when there was one, else the seconds to wait before asking again."""
        rate = max(self.per_minute, 1) / 60
        try:
            answer = _redis(settings.REDIS_URL).eval(TAKE, 1, self._key, rate, BURST, int(lane))
        except (redis.RedisError, OSError):
            return self._take_locally(rate / 4)
        return float(answer)

    def close(self, seconds: float) -> None:
        """OVH said 429: nobody takes a token for so long."""
        try:
            _redis(settings.REDIS_URL).eval(CLOSE, 1, self._key, seconds)
        except (redis.RedisError, OSError):
            _local.setdefault(self.name, _Local()).next_at = time.monotonic() + seconds

    @property
    def _key(self) -> str:
        return f"ovh:bucket:{self.name}"

    def _take_locally(self, rate: float) -> float:
        held = _local.setdefault(self.name, _Local())
        wait = held.next_at - time.monotonic()
        if wait > 0:
            return wait
        held.next_at = time.monotonic() + 1 / rate
        return 0.0


def wait_for(
    bucket: Bucket, lane: Lane, *, at_most_s: float, sleep: Callable[[float], None] = time.sleep
) -> float:
    """Wait for a token; 0.0 when it was got, else the seconds that would still be to wait."""
    ends = time.monotonic() + at_most_s
    while (wait := bucket.take(lane)) > 0:
        if time.monotonic() + wait > ends:
            return wait
        sleep(min(wait, 1.0))
    return 0.0
