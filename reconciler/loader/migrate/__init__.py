"""Files from another spelling into ours, by edits of their text: what isn't renamed stays as it is.

Comments, order, quotes, blank lines and anchors are the user's. What our spelling cannot say is
kept as a comment. The result is read again before anybody gets it, and must say the same.
"""

from reconciler.loader.migrate.files import Migrated, Moved, migrate

__all__ = ["Migrated", "Moved", "migrate"]
