"""Shapes on the map: GeoJSON polygons, and whether a point lies in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.errors import RulesError

Position = Annotated[tuple[float, ...], Field(min_length=2, max_length=3)]
"""[longitude, latitude] in WGS84 degrees; a height may follow and does not matter."""
Ring = Annotated[tuple[Position, ...], Field(min_length=3)]
"""Corners in order; the last may repeat the first."""


class _Geometry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", use_attribute_docstrings=True)


class Polygon(_Geometry):
    """GeoJSON: an outline, and holes in it."""

    type: Literal["Polygon"]
    coordinates: tuple[Ring, ...]


class MultiPolygon(_Geometry):
    """GeoJSON: several polygons."""

    type: Literal["MultiPolygon"]
    coordinates: tuple[tuple[Ring, ...], ...]


Geometry = Annotated[Polygon | MultiPolygon, Field(discriminator="type")]
_GEOMETRY: TypeAdapter[Polygon | MultiPolygon] = TypeAdapter(Geometry)


@dataclass(frozen=True, slots=True)
class Outline:
    """Polygons as flat edges, with the box around them."""

    edges: tuple[tuple[float, float, float, float], ...]
    """Longitude and latitude of both ends of each edge."""
    box: tuple[float, float, float, float]
    """West, south, east, north."""

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies inside: a ray to the east crosses the edges an odd number of times."""
        west, south, east, north = self.box
        if not (west <= lon <= east and south <= lat <= north):
            return False
        crossed = False
        for x1, y1, x2, y2 in self.edges:
            if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
                crossed = not crossed
        return crossed


def outline_of(rings: tuple[Ring, ...]) -> Outline:
    """The outline of rings; a ring inside another one is a hole."""
    edges = tuple(
        (start[0], start[1], end[0], end[1])
        for ring in rings
        for start, end in zip(ring, ring[1:] + ring[:1], strict=True)
    )
    xs, ys = [edge[0] for edge in edges], [edge[1] for edge in edges]
    return Outline(edges, (min(xs), min(ys), max(xs), max(ys)))


def rings_of(geometry: Polygon | MultiPolygon) -> tuple[Ring, ...]:
    """All rings of a geometry."""
    polygons = (geometry.coordinates,) if isinstance(geometry, Polygon) else geometry.coordinates
    return tuple(ring for polygon in polygons for ring in polygon)


def read_geojson(name: str, raw: bytes) -> MultiPolygon:
    """The polygons of a GeoJSON file: of a geometry, a feature, or a collection of either.

    Args:
        name: How messages name the file.
        raw: Its bytes.

    Raises:
        RulesError: If it is no GeoJSON, or holds no polygon.

    Source:
        RFC 7946.
    """
    try:
        found = [_GEOMETRY.validate_python(one) for one in _polygons(orjson.loads(raw))]
    except orjson.JSONDecodeError as error:
        raise RulesError(f"{name}:{error.lineno}: is no JSON: {error.msg}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RulesError(
            f"{name}: {where}: {first['msg']}; a polygon is a list of rings of [longitude, latitude]"
        ) from None
    if not found:
        raise RulesError(f"{name}: holds no Polygon or MultiPolygon")
    polygons = (one.coordinates if isinstance(one, MultiPolygon) else (one.coordinates,) for one in found)
    return MultiPolygon(type="MultiPolygon", coordinates=tuple(polygon for group in polygons for polygon in group))


def _polygons(data: Any) -> Iterator[Any]:
    if not isinstance(data, dict):
        return
    if data.get("type") in ("Polygon", "MultiPolygon"):
        yield data
    for inner in (data.get("geometry"), *(data.get("features") or ()), *(data.get("geometries") or ())):
        yield from _polygons(inner)
