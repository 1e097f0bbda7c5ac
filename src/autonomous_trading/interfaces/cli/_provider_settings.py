"""What a person keeps about providers: the sections of autotrade.toml, and keys from the environment alone."""

import os
from typing import TYPE_CHECKING

from autonomous_trading.interfaces.cli._setup import Defaults

if TYPE_CHECKING:
    from autonomous_trading.adapters.providers import ProviderSettings

__all__ = ["provider_settings"]


def provider_settings() -> "ProviderSettings":
    """The settings of every provider, as the commands that ask one hand them over."""
    from autonomous_trading.adapters.providers import ProviderSettings

    sections = {
        provider: {name: str(value) for name, value in section.items()}
        for provider, section in Defaults.read().providers.items()
    }
    return ProviderSettings(environment=dict(os.environ), options=sections)
