"""Cities in which a demo day can take place."""

from __future__ import annotations

import math
from dataclasses import dataclass

KM_PER_DEGREE = 111.195


@dataclass(frozen=True)
class City:
    """A centre in degrees, a radius in kilometres, and what people there use."""

    name: str
    lon: float
    lat: float
    radius_km: float
    timezone: str
    currency: str
    streets: str
    chinese: float

    @property
    def slug(self) -> str:
        """The name as part of an address: `st-louis`."""
        return "-".join(self.name.lower().replace(".", "").split())

    def place(self, east_km: float, north_km: float) -> tuple[float, float]:
        """(longitude, latitude) of a point given in kilometres from the centre."""
        lon = self.lon + east_km / (KM_PER_DEGREE * math.cos(math.radians(self.lat)))
        return round(lon, 6), round(self.lat + north_km / KM_PER_DEGREE, 6)


# streets: the language of addresses. chinese: the share of people and customers with Chinese names.
CITIES = (
    City("Shanghai", 121.4737, 31.2304, 14, "Asia/Shanghai", "CNY", "zh", 0.6),
    City("Beijing", 116.3975, 39.9087, 16, "Asia/Shanghai", "CNY", "zh", 0.8),
    City("Shenzhen", 114.0579, 22.5431, 12, "Asia/Shanghai", "CNY", "zh", 0.8),
    City("Hong Kong", 114.1694, 22.3193, 6, "Asia/Hong_Kong", "HKD", "en", 0.6),
    City("Singapore", 103.8198, 1.3521, 10, "Asia/Singapore", "SGD", "en", 0.5),
    City("London", -0.1278, 51.5074, 15, "Europe/London", "GBP", "en", 0.2),
    City("Manchester", -2.2426, 53.4808, 10, "Europe/London", "GBP", "en", 0.15),
    City("Berlin", 13.4050, 52.5200, 14, "Europe/Berlin", "EUR", "en", 0.15),
    City("New York", -73.9857, 40.7484, 12, "America/New_York", "USD", "en", 0.25),
    City("St. Louis", -90.1994, 38.6270, 11, "America/Chicago", "USD", "en", 0.1),
)


def find(name: str) -> City:
    """The city with this name, however it is written. Raises ValueError naming those that are known."""
    wanted = City(name, 0, 0, 0, "", "", "", 0).slug
    for city in CITIES:
        if city.slug == wanted:
            return city
    raise ValueError(f"{name!r} is not one of: {', '.join(city.name for city in CITIES)}.")
