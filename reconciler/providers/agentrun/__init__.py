"""Alibaba Cloud AgentRun, control plane of API version 2025-09-10.

Runtimes are read, updated and created; versions, endpoints and deletion are not touched here.
Facts come from the vendor's pages `api-agentrun-2025-09-10-*` on help.aliyun.com and from the
vendor's own clients; what neither establishes is never assumed.
"""
