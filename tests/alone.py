"""Imported before all else: tests run as commands do, on one thread a task and without pyarrow."""

from seawatch import process

process.tune()
process.leave_out()
