"""close-tui keeps the credentials of many Close organizations.

It lists them, renews them, tries them out, and kills them when they leak. Programs use them so::

    httpx.Client(auth=close_tui.auth("acme"))  # an API key or an authorization
    closeio_api.Client(close_tui.api_key("acme"))

What goes wrong is in ``close_tui.errors``. Importing this package loads nothing else.
"""

__version__ = "0.1.0"
__all__ = ["__version__", "api_key", "auth", "errors"]


def __getattr__(name: str) -> object:
    """Load what programs use when they use it; its types are in ``__init__.pyi``."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module("close_tui.library"), name)
