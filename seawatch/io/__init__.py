"""The only folder that reads files. What passes this door has been checked."""

import os

# decoded blocks of rasters that are kept: two rows of windows; the default grows with the machine
os.environ.setdefault("GDAL_CACHEMAX", "192")
