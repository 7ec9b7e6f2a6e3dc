"""Reflectance of what the lab paints, and how vegetation goes with the season.

Typical surface reflectances in the six bands of ``BANDS``, rounded from what
Sentinel-2 shows over such surfaces; every use of them is varied at random.
"""

import numpy as np

BANDS = ("blue", "green", "red", "nir", "swir16", "swir22")

_TABLE = {
    # surface            blue   green  red    nir    swir16 swir22
    "leaf": (0.030, 0.060, 0.035, 0.380, 0.180, 0.085),
    "soil": (0.080, 0.110, 0.145, 0.210, 0.270, 0.230),
    "litter": (0.050, 0.070, 0.085, 0.160, 0.200, 0.140),
    "roof": (0.130, 0.145, 0.160, 0.200, 0.210, 0.190),
    "asphalt": (0.080, 0.085, 0.090, 0.110, 0.125, 0.115),
    "concrete": (0.170, 0.195, 0.215, 0.255, 0.280, 0.260),
    "plastic": (0.250, 0.270, 0.280, 0.360, 0.300, 0.230),
    "dry_sand": (0.180, 0.235, 0.280, 0.350, 0.420, 0.380),
    "wet_sand": (0.080, 0.105, 0.125, 0.150, 0.120, 0.080),
    "mud": (0.070, 0.085, 0.095, 0.095, 0.055, 0.030),
    "rock": (0.085, 0.100, 0.110, 0.150, 0.150, 0.120),
    "marsh": (0.050, 0.075, 0.075, 0.180, 0.110, 0.060),
    "water": (0.050, 0.042, 0.020, 0.008, 0.004, 0.003),
    "sediment": (0.110, 0.155, 0.175, 0.095, 0.012, 0.007),
    "rubble": (0.140, 0.165, 0.190, 0.235, 0.275, 0.250),
    "kelp": (0.055, 0.085, 0.080, 0.180, 0.055, 0.030),
    "hull": (0.300, 0.310, 0.320, 0.330, 0.280, 0.240),
    "cloud": (0.620, 0.610, 0.610, 0.640, 0.420, 0.330),
}
SPECTRA = {name: np.array(values, np.float32) for name, values in _TABLE.items()}

FORESHORE = {
    "bedrock": "rock",
    "sandy": "wet_sand",
    "muddy": "mud",
    "biological": "marsh",
    "restored": "wet_sand",
    "estuary": "mud",
    "artificial": "concrete",
}
"""What lies bare at low water, by segment kind."""


def greenness(cover: str, day_of_year: int) -> float:
    """Share of a plant cover that is green on a day, 0-1, in the climate of Shandong.

    Winter wheat stands green from November to May, maize from July to September;
    pines keep their needles, oaks and acacias leaf from late April to early November.
    """

    def bump(peak: float, width: float) -> float:
        away = (day_of_year - peak + 182.5) % 365 - 182.5
        return float(np.exp(-((away / width) ** 2)))

    if cover == "wheat":
        return min(1.0, 0.9 * bump(118, 32) + 0.4 * bump(340, 45) + 0.9 * bump(225, 32))
    if cover == "pine":
        return 0.75 + 0.15 * bump(200, 80)
    return 0.12 + 0.85 * bump(205, 75)
