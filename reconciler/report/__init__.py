"""Renderers: a plan or outcomes in, text or documents out.

One renderer for each format, all of them pure: no file, no terminal, no clock. What a renderer
gets may be shown (the plan is made of public values), but it may hold anything that somebody wrote
into a manifest or a console, so every foreign text goes through `plain`. Nothing here decides what
differs or whether a run succeeded.
"""
