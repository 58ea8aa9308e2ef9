"""How much one key and one person may ask: requests a minute, and questions at once."""

import math
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from service.errors import TooManyAtOnce, TooManyRequests
from service.identity import Caller


@dataclass(frozen=True, slots=True)
class Quota:
    """How much one may ask; 0 for as much as he likes."""

    requests_a_minute: int
    questions_at_once: int


# A key stands for a whole portal, a user for one person at it.
OF_A_KEY, OF_A_USER = Quota(600, 16), Quota(60, 4)


@dataclass
class Quotas:
    """Counts what each key and each user asks; whoever needs no key is not counted.

    A portal's user counts for his own quota and for that of the key that got him his token.
    """

    key: Quota = OF_A_KEY
    user: Quota = OF_A_USER
    _limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))
    _asking: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def request(self, caller: Caller) -> None:
        """Count a request; raises `TooManyRequests` when it is one too many."""
        for name, quota in self._counted(caller):
            if not quota.requests_a_minute:
                continue
            item = RateLimitItemPerMinute(quota.requests_a_minute)
            if not self._limiter.hit(item, name):
                wait = self._limiter.get_window_stats(item, name).reset_time - time.time()
                raise TooManyRequests(most=quota.requests_a_minute, retry_after=max(1, math.ceil(wait)))

    @contextmanager
    def question(self, caller: Caller) -> Iterator[None]:
        """Hold one of the questions that `caller` may ask at once; raises `TooManyAtOnce`."""
        with self._lock:
            for name, quota in self._counted(caller):
                if quota.questions_at_once and self._asking[name] >= quota.questions_at_once:
                    raise TooManyAtOnce(most=quota.questions_at_once)
        with self.asking(caller):
            yield

    @contextmanager
    def asking(self, caller: Caller) -> Iterator[None]:
        """Count a question of `caller` as long as it is answered."""
        counted = self._counted(caller)
        with self._lock:
            self._asking.update(name for name, _ in counted)
        try:
            yield
        finally:
            with self._lock:
                self._asking.subtract(name for name, _ in counted)
                self._asking += Counter()  # lets go of the names that ask nothing

    def _counted(self, caller: Caller) -> list[tuple[str, Quota]]:
        # A user first: who is refused takes nothing from the others of his key.
        found = []
        if caller.name and caller.name != f"key:{caller.key_id}":
            found.append((caller.name, self.user))
        if caller.key_id:
            found.append((f"key:{caller.key_id}", self.key))
        return found
