"""The version, written here and nowhere else; pyproject.toml reads it from this text."""

__version__ = "0.1.0"
