"""The section `policy` of `reconcile.yaml`: read and checked, every mistake with its place.

CEL is checked by its library, which is imported for files that have rules of that kind only.
"""
