"""Huawei Cloud AppStage (Versatile) agents: schema, rules, IAM tokens, wire shapes, calls.

What the vendor documents is two calls on one path, GET and PUT, both with a token from IAM. There
is no list by token, no create, no status and no restart; what no page describes is refused here
with its reason instead of guessed.
"""
