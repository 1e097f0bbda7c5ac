"""The nine collections: what is kept beside trials."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None

_FACTS = {
    "strategies": ("name", "kind"),
    "ml_models": ("name", "kind", "version", "digest"),
    "backtest_results": ("strategy", "symbol", "kind"),
    "signals": ("strategy", "symbol", "bar_time"),
    "training_runs": ("model", "kind", "state"),
    "rl_experiences": ("agent", "episode"),
    "feature_store": ("name", "symbol", "digest"),
    "optimization_results": ("job", "strategy", "method"),
    "market_regimes": ("symbol", "method", "regime"),
}


def upgrade() -> None:
    """Makes one table per collection, each found by project and time."""
    for name, facts in _FACTS.items():
        texts = [_text(fact) for fact in ("project", "created_at", *facts, "content")]
        op.create_table(name, sa.Column("id", sa.Text, primary_key=True), *texts, sqlite_strict=True)
        op.create_index(f"{name}_of_project", name, ["project", "created_at"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)
