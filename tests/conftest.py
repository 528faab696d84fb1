"""What holds for all tests."""

from hypothesis import settings
from nbval import kernel

# How long an example takes depends on the machine and on what else runs there; no test is about that.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_start = kernel.start_new_kernel


def _started(*given, **named):
    """Start a kernel, once more where it died at birth: two that start at the same moment may choose the same port."""
    try:
        return _start(*given, **named)
    except RuntimeError:
        return _start(*given, **named)


kernel.start_new_kernel = _started
