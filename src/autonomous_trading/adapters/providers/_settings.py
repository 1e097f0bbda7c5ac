"""What it takes to build a provider, beside its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias, final

from autonomous_trading.adapters.providers._patience import Patience
from autonomous_trading.adapters.providers._secret import Secret
from autonomous_trading.app.market_data import BarProvider

__all__ = ["Factory", "ProviderSettings"]


@final
@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """What a provider is built from, beside its name.

    `options` holds what the settings say of each provider: {"alpaca": {"url": ..., "feed": ...}}. `environment` holds
    the variables that keys are read from. Neither is shown: an address may hold a password. Nothing
    reads the process's own environment.
    """

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    patience: Patience = field(default_factory=Patience)

    def option(self, provider: str, name: str, default: str = "") -> str:
        """One setting of a provider, or the default where it is not given or empty."""
        return self.options.get(provider, {}).get(name, "") or default

    def key(self, variable: str) -> Secret:
        """What an environment variable holds; an empty secret where it is not set."""
        return Secret(self.environment.get(variable, "").strip())


Factory: TypeAlias = Callable[[str, ProviderSettings], BarProvider]
"""Builds a provider from the name it was asked for by and the settings; nothing is asked of the network."""
