"""How many calls an account may make: a token bucket in Redis, shared by all workers.

One script on Redis' own clock, so that no two workers count apart. Lower lanes leave tokens for higher
ones. With Redis away each process goes on slowly by its own count; never without one.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)

BURST = 10
# Tokens a lane leaves in the bucket: person, poll, mirror.
RESERVES = (0, 2, 5)
# While very many changes are sent, the polls have waited long enough after so long: then they go before the next one.
HUNGRY_S = 3.0
GENTLE_S = 300.0  # after a 429, half the rate for so long
ALONE_BURST = 2
ALONE_SHARE = 4  # workers that may go on by their own count
# After Redis has failed, it is left alone so long: each try costs a second.
REDIS_REST_S = 5.0

REFILL = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local rate, burst, reserve = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local lane, hungry_after = tonumber(ARGV[4]), tonumber(ARGV[5])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at', 'shut', 'gentle', 'hungry', 'asked')
local tokens, at = tonumber(kept[1] or burst), tonumber(kept[2] or now)
local shut, gentle = tonumber(kept[3] or 0), tonumber(kept[4] or 0)
-- What lies so far ahead was written by a clock that has been set back since.
if shut > now + 1800 then shut = 0 end
if gentle > now + 1800 then gentle = 0 end
if now < gentle then rate = rate / 2 end
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
-- Since when the polls go without, as long as they ask.
local hungry, asked = tonumber(kept[5] or 0), tonumber(kept[6] or 0)
if now - asked > 10 or asked > now then hungry = 0 end
if hungry > 0 and now - hungry > hungry_after then
  if lane == 0 then reserve = 1 elseif lane == 1 then reserve = 0 end
end
local function note_hunger(is_fed)
  if lane ~= 1 then return end
  if is_fed then hungry = 0 elseif hungry == 0 then hungry = now end
  redis.call('HSET', KEYS[1], 'hungry', string.format('%.6f', hungry), 'asked', string.format('%.6f', now))
  redis.call('EXPIRE', KEYS[1], 3600)
end
"""

TAKE = f"""{REFILL}
local wait = 0
if now < shut then
  wait = shut - now
elseif tokens >= 1 + reserve then
  tokens = tokens - 1
  note_hunger(true)
else
  wait = (1 + reserve - tokens) / rate
  note_hunger(false)
end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], 3600)
return tostring(wait)
"""

ROOM = f"""{REFILL}
if now < shut then return '0' end
local room = math.floor(math.max(0, tokens - reserve))
if room == 0 then note_hunger(false) end
return tostring(room)
"""

SLOW_DOWN = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1000000
local told = tonumber(redis.call('HGET', KEYS[1], 'shut') or 0)
if told > now + 1800 then told = 0 end
local shut = math.max(told, now + tonumber(ARGV[1]))
redis.call('HSET', KEYS[1], 'tokens', '0', 'at', string.format('%.6f', now),
  'shut', string.format('%.6f', shut), 'gentle', string.format('%.6f', shut + tonumber(ARGV[2])))
redis.call('EXPIRE', KEYS[1], 3600)
"""


@lru_cache(maxsize=2)
def redis_at(url: str) -> "redis.Redis":
    """A client of the Redis at `url` that gives up within a second."""
    return redis.Redis.from_url(
        url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0), decode_responses=True
    )


@dataclass
class LocalBucket:
    """The count of one process alone, at a fourth of the rate. Safe between threads."""

    rate_per_s: float
    now: Callable[[], float] = time.monotonic
    tokens: float = ALONE_BURST
    at: float = 0.0
    shut: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> float:
        """Zero when a call may go, else the seconds to wait."""
        with self.lock:
            now = self.now()
            rate = self.rate_per_s / ALONE_SHARE
            self.tokens = min(ALONE_BURST, self.tokens + max(0.0, now - self.at) * rate) if self.at else self.tokens
            self.at = now
            if now < self.shut:
                return self.shut - now
            if self.tokens >= 1:
                self.tokens -= 1
                return 0.0
            return (1 - self.tokens) / rate

    def room(self) -> int:
        """How many calls may go now."""
        with self.lock:
            now = self.now()
            refilled = (now - self.at) * self.rate_per_s / ALONE_SHARE if self.at else 0.0
            return 0 if now < self.shut else int(min(ALONE_BURST, self.tokens + max(0.0, refilled)))

    def slow_down(self, seconds: float) -> None:
        """No call for so long."""
        with self.lock:
            self.shut = max(self.shut, self.now() + seconds)


_alone: dict[str, LocalBucket] = {}
_rest = {"until": 0.0}


@dataclass(frozen=True)
class Bucket:
    """The calls of one account. `key`: names it for all workers."""

    key: str
    rate_per_minute: int = 60

    def take(self, lane: int) -> float:
        """Take a call for `lane` (0 person, 1 poll, 2 mirror): zero, or the seconds to wait."""
        answer = self._ask(TAKE, *self._terms(lane))
        if answer is None:
            return self._local().take()
        return float(answer)

    def room(self, lane: int) -> int:
        """How many calls of `lane` may go now, none of them taken."""
        answer = self._ask(ROOM, *self._terms(lane))
        return self._local().room() if answer is None else int(float(answer))

    def slow_down(self, seconds: float) -> None:
        """OVH has asked for less: nothing for `seconds`, then half the rate for five minutes."""
        self._ask(SLOW_DOWN, seconds, GENTLE_S)
        self._local().slow_down(seconds)

    def _terms(self, lane: int) -> tuple[float, ...]:
        return self.rate_per_minute / 60, BURST, RESERVES[lane], lane, HUNGRY_S

    def _ask(self, script: str, *arguments: float) -> str | None:
        """What Redis answers; None when it is away."""
        if time.monotonic() < _rest["until"]:
            return None
        try:
            answer = redis_at(settings.REDIS_URL).eval(
                script, 1, f"{settings.REDIS_PREFIX}bucket:{self.key}", *map(str, arguments)
            )
        except (redis.RedisError, OSError) as error:
            _rest["until"] = time.monotonic() + REDIS_REST_S
            log.warning("bucket counted locally", error=type(error).__name__)
            return None
        return str(answer)

    def _local(self) -> LocalBucket:
        return _alone.setdefault(self.key, LocalBucket(self.rate_per_minute / 60))
