"""Which level of government an approving office belongs to, by its name.

A city may be of the prefecture's rank (威海市) or of the county's (荣成市), and its name does not
say: it is read as the higher of the two, so that nobody is doubted for a name.
"""

import pandas as pd

LEVELS = ("county", "city", "province", "nation")
"""From the lowest; a place in this list is a rank."""

# the last that a name matches counts: an office of a county also names its province
_NAMES = (
    ("nation", "国务院|自然资源部|国家海洋局|state council|ministry of natural resources"),
    ("province", "省|自治区|北京市|天津市|上海市|重庆市|province"),
    ("city", "(?<!北京)(?<!天津)(?<!上海)(?<!重庆)市|city|municipal"),
    ("county", "县|市.{1,6}(?<!自治)区|^[^省市]{1,6}(?<!自治)区|county|district"),
)
_NATION = _NAMES[0][1]


def level_of(authorities: pd.Series) -> pd.Series:
    """Level of each office, of `LEVELS`; None where its name does not say.

    >>> level_of(pd.Series(["国务院", "山东省威海市政府", "威海市环翠区政府", "海洋局"])).tolist()
    ['nation', 'city', 'county', None]
    """
    codes, names = pd.factorize(authorities)
    texts = pd.Series(names, dtype=object)
    found = pd.Series([None] * len(texts), dtype=object)
    for level, pattern in _NAMES:
        found[texts.str.contains(pattern, case=False).astype(bool)] = level
    # the ministry's name may hold the others' words, and stands above them
    found[texts.str.contains(_NATION, case=False).astype(bool)] = "nation"
    told = [*found, None]  # no name: -1, the last
    return pd.Series([told[code] for code in codes], index=authorities.index, dtype=object)
