"""The one way in which manifests are written, and nothing that changes what they say.

The text is cut into tokens along the parser's events and put together again: the lines stay as
their author broke them, only what stands between the tokens is ours. No value, quoting style,
comment or anchor is touched, and `formatted` proves that before it hands a text back.
"""
