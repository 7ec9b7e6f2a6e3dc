"""Imported before all else: tests run without pyarrow, as commands do."""

from seawatch import process

process.leave_out()
