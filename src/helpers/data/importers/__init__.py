"""Bring exports into a study: an export is read, mapped, checked, translated, merged, and told of in a log.

``formats`` holds one file per layout of an export, ``engine.import_file`` brings a file in. This file imports nothing,
so that the checks of a study can name the formats without loading what needs a study itself.
"""
