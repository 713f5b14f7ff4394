"""reconcile: AI agents described in git, and git is the truth."""

__version__ = "0.1.0"
