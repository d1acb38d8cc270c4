from close_tui import errors as errors
from close_tui.library import api_key as api_key
from close_tui.library import auth as auth

__version__: str
__all__ = ["__version__", "api_key", "auth", "errors"]
