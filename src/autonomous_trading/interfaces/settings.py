"""Defaults a person keeps: autotrade.toml, and environment variables AUTOTRADE__SECTION__KEY above it.

    [costs]                        AUTOTRADE__COSTS__COMMISSION=0.001
    commission = 0.001

    [run]                          AUTOTRADE__RUN__SEED=7
    seed = 7

A flag on the command line is above both. What is not given keeps the default of the noun it belongs to (`Costs`,
`Exits`, `Execution`), which also checks its range. Unknown sections, keys and variables are refused: a setting that is
misspelt would be a setting that silently does nothing.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, final

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from autonomous_trading.core import InvalidInput, unknown_name

__all__ = [
    "AlpacaSettings",
    "CostSettings",
    "CryptoSettings",
    "DataSettings",
    "ExecutionSettings",
    "ExitSettings",
    "FileSettings",
    "LedgerSettings",
    "PostgresSettings",
    "RunSettings",
    "Settings",
    "YahooSettings",
    "given",
    "load_settings",
]

_PREFIX = "AUTOTRADE__"


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("a number, not true or false")
    return value


Number = Annotated[float | None, BeforeValidator(_no_boolean)]
Fraction = Annotated[Number, Field(ge=0.0, le=1.0)]  # 5 is more likely 5 % than 500 %
Whole = Annotated[int | None, BeforeValidator(_no_boolean)]


@final
class CostSettings(BaseModel, extra="forbid", frozen=True):
    """[costs]: the fields of `Costs` that are plain numbers."""

    commission: Fraction = None
    slippage: Fraction = None
    per_unit: Number = None
    minimum: Number = None
    half_spread: Fraction = None
    slippage_atr: Number = None
    impact: Number = None
    participation: Number = None
    borrow_rate: Number = None
    funding_rate: Number = None
    cash_rate: Number = None
    leverage_rate: Number = None


@final
class ExitSettings(BaseModel, extra="forbid", frozen=True):
    """[exits]: the fields of `Exits`."""

    stop_loss: Number = None
    take_profit: Number = None
    trailing_stop: Number = None
    max_bars_held: Whole = None
    unit: str | None = None
    path: str | None = None
    atr_window: Whole = None


@final
class ExecutionSettings(BaseModel, extra="forbid", frozen=True):
    """[execution]: the fields of `Execution`."""

    fill: str | None = None
    leverage: Number = None
    position_size: Number = None
    rebalance_band: Number = None
    initial_cash: Number = None


@final
class RunSettings(BaseModel, extra="forbid", frozen=True):
    """[run]: what makes a search repeatable, and how many cores it may use."""

    seed: Annotated[Whole, Field(ge=0)] = None
    threads: Annotated[Whole, Field(ge=1)] = None


@final
class LedgerSettings(BaseModel, extra="forbid", frozen=True):
    """[ledger]: where searches are recorded, and what their trials are counted for."""

    store: str | None = None
    project: str | None = None


@final
class DataSettings(BaseModel, extra="forbid", frozen=True):
    """[data]: the folder of the catalogue, where fetched bars are kept."""

    catalogue: str | None = None


@final
class AlpacaSettings(BaseModel, extra="forbid", frozen=True):
    """[alpaca]: where Alpaca is asked and how patiently. Keys are no settings: the environment alone holds them."""

    url: str | None = None
    trading_url: str | None = None
    stream_url: str | None = None
    feed: str | None = None
    timeout: Annotated[Number, Field(gt=0.0)] = None
    attempts: Annotated[Whole, Field(ge=1)] = None


@final
class CryptoSettings(BaseModel, extra="forbid", frozen=True):
    """[crypto]: another server that speaks as the exchange that is asked for does."""

    url: str | None = None
    stream_url: str | None = None


@final
class FileSettings(BaseModel, extra="forbid", frozen=True):
    """[file]: the folder below which files are looked for; nothing outside it is read then."""

    folder: str | None = None


@final
class PostgresSettings(BaseModel, extra="forbid", frozen=True):
    """[postgres]: a table of bars and its columns, by what they hold. Its address is no setting but a secret."""

    table: str | None = None
    time: str | None = None
    symbol: str | None = None
    open: str | None = None
    high: str | None = None
    low: str | None = None
    close: str | None = None
    volume: str | None = None
    timeframe: str | None = None
    bars: str | None = None


@final
class YahooSettings(BaseModel, extra="forbid", frozen=True):
    """[yahoo]: another server that speaks as Yahoo does."""

    url: str | None = None


@final
class Settings(BaseSettings):
    """Every setting there is. Made by `load_settings`, which says what is wrong in one line."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True, case_sensitive=False
    )

    costs: CostSettings = CostSettings()
    exits: ExitSettings = ExitSettings()
    execution: ExecutionSettings = ExecutionSettings()
    run: RunSettings = RunSettings()
    ledger: LedgerSettings = LedgerSettings()
    data: DataSettings = DataSettings()
    alpaca: AlpacaSettings = AlpacaSettings()
    crypto: CryptoSettings = CryptoSettings()
    file: FileSettings = FileSettings()
    postgres: PostgresSettings = PostgresSettings()
    yahoo: YahooSettings = YahooSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the names are those of pydantic-settings
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment above the file; no .env file and no folder of secrets."""
        return env_settings, init_settings


def load_settings(file: Path) -> Settings:
    """The settings of an autotrade.toml (which need not exist) with the environment above it.

    Raises InvalidInput for a file that is not TOML, an unknown name, or a value of the wrong kind.
    """
    _check_variables()
    try:
        return Settings(**_tables(file))
    except ValidationError as error:
        raise _explained(error, file) from None


def given(section: BaseModel) -> dict[str, Any]:
    """The keys of a section that were given, with their values."""
    return {name: value for name, value in section if value is not None}


def _tables(file: Path) -> dict[str, Any]:
    if not os.path.lexists(file):
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file} is not TOML: {error}", fix="correct that line") from error
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}", fix="make it a file you may read") from error


def _check_variables() -> None:
    """Refuse variables that name no section or key: pydantic-settings would pass over them in silence."""
    for variable in os.environ:
        if not variable.upper().startswith(_PREFIX):
            continue
        section, _, key = variable[len(_PREFIX) :].lower().partition("__")
        known = _names(section)
        if not known:
            raise unknown_name(f"section in the environment variable {variable}:", section, Settings.model_fields)
        if key not in known:
            raise unknown_name(f"key in the environment variable {variable}:", key, known)


def _names(section: str) -> tuple[str, ...]:
    field = Settings.model_fields.get(section)
    kind = field.annotation if field else None
    return tuple(kind.model_fields) if isinstance(kind, type) and issubclass(kind, BaseModel) else ()


def _explained(error: ValidationError, file: Path) -> InvalidInput:
    first = error.errors(include_url=False)[0]
    place = [str(part) for part in first["loc"]]
    variable = _PREFIX + "__".join(place).upper()
    source = variable if variable in {name.upper() for name in os.environ} else f"{file.name}: {'.'.join(place)}"
    if first["type"] == "extra_forbidden":
        known = _names(place[0]) if len(place) > 1 else tuple(Settings.model_fields)
        return unknown_name(f"{'key' if len(place) > 1 else 'section'} in {file.name}:", place[-1], known)
    reason = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ").partition(", unable")[0]
    if first["type"] == "model_type":
        return InvalidInput(
            f"{source} is {first['input']!r}, not a section", fix=f"write [{place[0]}] and keys below it"
        )
    return InvalidInput(f"{source} is {first['input']!r}, and has to be {reason}", fix="correct it there")
