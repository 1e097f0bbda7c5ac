"""Local servers that speak what brokers and exchanges speak, the bad answers included."""

__all__: list[str] = []
