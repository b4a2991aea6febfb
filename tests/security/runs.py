"""How much is tried: a little in each run of the suite, FUZZ times as much when somebody has the time for it."""

import os

from hypothesis import HealthCheck, Phase, settings

TIMES = int(os.environ.get("FUZZ", "1"))


def tries(usual: int) -> settings:
    """So many examples of a property; more with FUZZ."""
    return settings(
        max_examples=usual * TIMES, deadline=None, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
