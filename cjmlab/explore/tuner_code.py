"""The panel's settings as the call that gives the same answer without it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def write_call(settings: Mapping[str, Any], *, name: str = "customers") -> str:
    """Return the call of ``segment_customers`` with some settings, its imports above it.

    Parameters
    ----------
    settings : mapping
        Keyword → value: plain values, lists, dicts and scikit-learn estimators.
    name : str
        The table, as the notebook calls it.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> print(write_call({"model": KMeans(n_init=4), "n_segments": 3}, name="study.customers"))
    from sklearn.cluster import KMeans
    <BLANKLINE>
    import cjmlab as cjm
    <BLANKLINE>
    segments = cjm.segment_customers(
        study.customers,
        model=KMeans(n_init=4),
        n_segments=3,
    )
    """
    imports = sorted({line for value in settings.values() for line in _imports(value)})
    lines = [*imports, *([""] if imports else []), "import cjmlab as cjm", "", "segments = cjm.segment_customers("]
    lines += [f"    {name},"]
    lines += [f"    {key}={_written(value)}," for key, value in settings.items()]
    return "\n".join([*lines, ")"])


def _written(value: Any) -> str:
    if not hasattr(value, "get_params"):
        return repr(value)
    from sklearn import config_context

    with config_context(print_changed_only=True):
        return " ".join(value.__repr__(N_CHAR_MAX=1_000_000).split())


def _imports(value: Any) -> set[str]:
    """Return the import lines of an estimator and of those inside it, from the public module of each."""
    if isinstance(value, (list, tuple)):
        return {line for each in value for line in _imports(each)}
    if not hasattr(value, "get_params") or isinstance(value, type):
        return set()
    home = ".".join(part for part in type(value).__module__.split(".") if not part.startswith("_"))
    inside = {line for each in value.get_params(deep=False).values() for line in _imports(each)}
    return {f"from {home} import {type(value).__name__}", *inside}
