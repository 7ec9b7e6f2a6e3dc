"""The sensors seawatch knows: bands, resolution, scale and position error, as data.

A new sensor is one entry in ``SENSORS``; nothing else asks which sensor it is.

Position errors are one standard deviation a coordinate, of an image before it is
matched to another: Sentinel-2 and Landsat from their data quality reports,
Gaofen after orthorectification on national control, drones with RTK. A scene's
item may give its own (``seawatch:sigma_m``).
"""

from dataclasses import dataclass, field

RADAR_BANDS = ("vv", "vh", "amplitude")
BANDS = ("blue", "green", "red", "rededge", "nir", "swir16", "swir22", *RADAR_BANDS)
"""Common names a band may have. ``-`` in a list of bands leaves one out."""

MASK_CODES = ("seawatch", "scl", "qa_pixel")
"""How a mask is coded: seawatch (0 clear, 1 cloud or shadow, 255 no data) or the product's own."""


@dataclass(frozen=True)
class Sensor:
    """What is fixed for every scene of one sensor.

    Attributes
    ----------
    orders : band orders that can be told by their number alone; a file with another
        number of bands must describe them or be given them.
    resolution_m : nominal ground sample distance; None where it is the file's own.
    scale, offset : reflectance = scale * number + offset, for files of whole numbers
        that carry no scale of their own; files of decimals are taken as they are.
    sigma_m : position error, metres; None means half a pixel.
    """

    name: str
    title_en: str
    title_zh: str
    family: str  # optical, sar
    orders: tuple[tuple[str, ...], ...] = ()
    aliases: dict[str, str] = field(default_factory=dict)
    resolution_m: float | None = None
    scale: float = 1.0
    offset: float = 0.0
    sigma_m: float | None = None
    mask_code: str = "seawatch"


_FOUR = ("blue", "green", "red", "nir")
_SIX = (*_FOUR, "swir16", "swir22")

_ALL = (
    Sensor(
        "sentinel-2-l2a",
        "Sentinel-2 surface reflectance",
        "哨兵二号地表反射率",
        "optical",
        orders=(_FOUR, _SIX),
        aliases={
            "b02": "blue",
            "b03": "green",
            "b04": "red",
            "b05": "rededge",
            "b08": "nir",
            "b11": "swir16",
            "b12": "swir22",
        },
        resolution_m=10.0,
        scale=1e-4,
        sigma_m=4.0,
        mask_code="scl",
    ),
    Sensor(
        "landsat-c2-l2",
        "Landsat Collection 2 surface reflectance",
        "陆地卫星二级产品",
        "optical",
        orders=(_SIX,),
        aliases={
            "sr_b2": "blue",
            "sr_b3": "green",
            "sr_b4": "red",
            "sr_b5": "nir",
            "sr_b6": "swir16",
            "sr_b7": "swir22",
        },
        resolution_m=30.0,
        scale=2.75e-5,
        offset=-0.2,
        sigma_m=8.0,
        mask_code="qa_pixel",
    ),
    Sensor(
        "gaofen-pms",
        "Gaofen pan-sharpened multispectral",
        "高分融合多光谱",
        "optical",
        orders=(_FOUR,),
        resolution_m=2.0,
        sigma_m=3.0,
    ),
    Sensor(
        "gaofen-wfv",
        "Gaofen wide field of view",
        "高分宽幅",
        "optical",
        orders=(_FOUR,),
        resolution_m=16.0,
        sigma_m=12.0,
    ),
    Sensor(
        "drone-rgb",
        "Drone orthomosaic, colour",
        "无人机正射影像（彩色）",
        "optical",
        orders=(("red", "green", "blue"), ("red", "green", "blue", "-")),
        resolution_m=0.05,
        sigma_m=0.05,
    ),
    Sensor(
        "drone-multispectral",
        "Drone orthomosaic, multispectral",
        "无人机正射影像（多光谱）",
        "optical",
        orders=(_FOUR, ("blue", "green", "red", "rededge", "nir")),
        resolution_m=0.1,
        sigma_m=0.1,
    ),
    Sensor("generic-optical", "Any optical raster", "其他光学影像", "optical"),
    Sensor(
        "sentinel-1-rtc",
        "Sentinel-1 radar, terrain corrected",
        "哨兵一号雷达（地形校正）",
        "sar",
        orders=(("vv", "vh"), ("vv",)),
        resolution_m=10.0,
        sigma_m=5.0,
    ),
    Sensor(
        "generic-sar",
        "Any radar raster",
        "其他雷达影像",
        "sar",
        orders=(("amplitude",), ("vv", "vh")),
    ),
)

SENSORS = {sensor.name: sensor for sensor in _ALL}
