"""Layers: variables, overlays and patches over the manifests, and where every value came from.

Documents become trees that know the origin of each value (`nodes`); nothing is changed in place, so
a patch that fails leaves the tree as it was. `stack` puts the layers of one target together.
"""
