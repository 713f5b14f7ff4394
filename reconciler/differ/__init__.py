"""The comparison: what differs, what would be sent, what that did. Pure: no I/O, no clock.

One walker (`compare`) decides everywhere: for the plan, for the look after a write, for an in-doubt
write. Whatever leaves this room for an eye has been through `public`, so a plan can be printed and
saved without a second thought about secrets.
"""
