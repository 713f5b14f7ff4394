"""The YAML of the vendor's own tool, agentrun-cli: a second spelling of an AgentRuntime.

Facts are those of agentrun-cli 0.1.3, its documentation and the answers of `ar runtime render`.
Nothing here acts: a table of names, models made from ours by that table, and the tool's defaults.
"""

from reconciler.providers.agentrun.dialect.table import DIALECT

__all__ = ["DIALECT"]
