"""The child process in which files from elsewhere are parsed.

It is started by `io.foreign` with nothing but the standard library loaded, shuts itself in
(`cage`), reads the one job list it is given, and answers with what stands in the files:
numbers, texts and well-known binary. A format is one module here, with a function
``read(path, job)`` that gives a `Parsed`; it decides nothing about the content, only refuses
what it cannot understand, as a whole or row by row.
"""
