// The map: outlines, and every town with its sign on one canvas.

import { calm, h } from "./dom.js";
import { drawTown } from "./symbols.js";

/* global L */

const LONGEST_NAME = 60;
const ALL_NAMED_FROM = 8;
const FIRST = 10;
const HOME = { centre: [35.05, 38.6], zoom: 7 };
const BOUNDS = [[27, 27], [43, 51]];
const LABELS = [
  ["Turkey", 37.62, 36.2], ["Iraq", 34.6, 42.6], ["Jordan", 31.6, 37.1], ["Lebanon", 33.95, 35.85], ["Israel", 31.9, 34.95],
  ["Cyprus", 35.0, 33.1], ["Saudi Arabia", 30.6, 39.8], ["Mediterranean Sea", 35.75, 34.75],
];

const Signs = L.Layer.extend({
  initialize(world) { this.world = world; },
  onAdd(map) {
    this.canvas = L.DomUtil.create("canvas", "signs leaflet-zoom-hide", this.getPane());
    map.on("moveend zoomend resize viewreset", this.draw, this);
    this.draw();
  },
  draw() {
    const map = this._map;
    if (!map) return;
    const size = map.getSize();
    const scale = devicePixelRatio || 1;
    const margin = 200;
    const origin = map.containerPointToLayerPoint([-margin, -margin]);
    L.DomUtil.setPosition(this.canvas, origin);
    const width = size.x + 2 * margin;
    const height = size.y + 2 * margin;
    this.canvas.width = width * scale;
    this.canvas.height = height * scale;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const ctx = this.canvas.getContext("2d");
    ctx.scale(scale, scale);
    this.world.paint(ctx, (lat, lon) => map.latLngToLayerPoint([lat, lon]).subtract(origin), { width, height });
  },
});

/** Makes the map. `chosen` is called with a town's key, `moved` with where the map looks. */
export class World {
  constructor(element, { chosen, moved, hovered, theme }) {
    this.towns = [];
    this.selected = null;
    this.theme = theme;
    this.spots = [];
    this.map = L.map(element, {
      zoomControl: false, attributionControl: false, minZoom: 6, maxZoom: 13, zoomSnap: 0.5, maxBounds: BOUNDS,
      maxBoundsViscosity: 0.8, zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
    L.control.zoom({ position: "topright" }).addTo(this.map);
    L.control.attribution({ position: "bottomright", prefix: false })
      .addAttribution("Outlines: Natural Earth · Places: OCHA, GeoNames").addTo(this.map);
    L.control.scale({ imperial: false, position: "bottomright" }).addTo(this.map);
    this.map.setView(HOME.centre, HOME.zoom);
    this.signs = new Signs(this);
    this.map.on("moveend", () => moved(this.view()));
    this.map.on("click", (event) => { const spot = this.at(event.containerPoint); if (spot) chosen(spot.key); });
    this.map.on("mousemove", (event) => {
      const spot = this.at(event.containerPoint);
      element.classList.toggle("pointing", Boolean(spot));
      hovered(spot, event.containerPoint);
    });
    this.map.on("mouseout", () => hovered(null));
  }

  outlines(countries) {
    L.geoJSON(countries, {
      interactive: false, smoothFactor: 0.6,
      style: (feature) => ({ className: feature.properties.name === "Syria" ? "home" : "abroad", weight: 1 }),
    }).addTo(this.map);
    for (const [name, lat, lon] of LABELS) {
      const icon = L.divIcon({ className: name.endsWith("Sea") ? "country sea" : "country", html: h("span", {}, name), iconSize: null });
      L.marker([lat, lon], { icon, interactive: false, keyboard: false }).addTo(this.map);
    }
    this.signs.addTo(this.map);
  }

  /** Shows towns: each a key, a place, a state and a rank, by which the names that have room are chosen. */
  show(towns, selected) {
    this.towns = towns;
    this.selected = selected;
    this.signs.draw();
  }

  redraw() { this.signs.draw(); }

  view() {
    const { lat, lng } = this.map.getCenter();
    return `${this.map.getZoom()}/${lat.toFixed(3)}/${lng.toFixed(3)}`;
  }

  look(view) {
    const [zoom, lat, lon] = (view ?? "").split("/").map(Number);
    if ([zoom, lat, lon].every(Number.isFinite)) this.map.setView([lat, lon], zoom, { animate: false });
    else {
      // On a wide map the legend takes the sea, so the land moves a little to the right of it.
      const { x: width } = this.map.getSize();
      const [northing, easting] = HOME.centre;
      this.map.setView([northing, width > 800 ? easting - 0.75 : easting], width < 500 ? 6 : HOME.zoom, { animate: false });
    }
  }

  /** Brings a place into view, if it is not. */
  reveal(place) {
    if (place.lat === null) return;
    const inner = this.map.getBounds().pad(-0.12);
    if (!inner.contains([place.lat, place.lon])) this.map.setView([place.lat, place.lon], Math.max(this.map.getZoom(), 8));
  }

  radius() { return Math.max(7.5, Math.min(13, 7.5 + (this.map.getZoom() - 6) * 1.5)); }

  at(point) {
    let best = null;
    let nearest = this.radius() + 6;
    for (const spot of this.spots) {
      const distance = Math.hypot(spot.x - point.x, spot.y - point.y);
      if (distance < nearest) { nearest = distance; best = spot; }
    }
    return best;
  }

  paint(ctx, project, { width, height }) {
    const radius = this.radius();
    const margin = 200;
    const theme = this.theme();
    this.spots = [];
    const shown = [];
    for (const town of this.towns) {
      const { x, y } = project(town.place.lat, town.place.lon);
      if (x < 0 || y < 0 || x > width || y > height) continue;
      shown.push({ ...town, x, y });
      this.spots.push({ key: town.key, x: x - margin, y: y - margin, town });
    }
    // The least known first, so that what matters most lies on top.
    shown.sort((a, b) => (a.key === this.selected) - (b.key === this.selected) || a.rank - b.rank);
    for (const town of shown) {
      if (town.key === this.selected) halo(ctx, town.x, town.y, radius, theme);
      drawTown(ctx, town.x, town.y, radius, town.state, theme);
    }
    // From afar, what nobody is known to hold goes without its name.
    const named = shown.reverse().filter(({ state }) => state.status !== "unknown" || this.map.getZoom() >= ALL_NAMED_FROM);
    label(ctx, named, radius, theme, [margin, width - margin]);
  }
}

function halo(ctx, x, y, radius, { ink, paper }) {
  for (const [colour, width] of [[paper, 6], [ink, 3]]) {
    ctx.beginPath();
    ctx.arc(x, y, radius + 10, 0, 2 * Math.PI);
    ctx.strokeStyle = colour;
    ctx.lineWidth = width;
    ctx.stroke();
  }
}

/** Writes the names for which there is room inside, the first towns first; the very first may cover lesser signs. */
function label(ctx, towns, radius, { ink, paper }, [west, east]) {
  ctx.font = "600 11.5px system-ui, sans-serif";
  ctx.textBaseline = "middle";
  ctx.textAlign = "left";
  ctx.lineJoin = "round";
  const signs = towns.map(({ x, y }) => [x - radius, y - radius, x + radius, y + radius]);
  const names = [];
  towns.forEach(({ x, y, place }, index) => {
    const name = calm(place.name).slice(0, LONGEST_NAME);
    const width = ctx.measureText(name).width;
    const reach = radius + 5;
    const spots = [[x + reach, y], [x - reach - width, y], [x - width / 2, y - reach - 6], [x - width / 2, y + reach + 6]]
      .map(([left, middle]) => [left, middle - 7, left + width, middle + 7])
      .filter((box) => box[0] > west && box[2] < east && !names.some((other) => meet(box, other)));
    const beside = (others) => spots.find((box) => !others.some((other) => meet(box, other)));
    const free = beside(signs) ?? (index < FIRST ? beside(signs.slice(0, FIRST)) : null);
    if (!free) return;
    names.push(free);
    ctx.strokeStyle = paper;
    ctx.lineWidth = 3.5;
    ctx.strokeText(name, free[0], free[1] + 7);
    ctx.fillStyle = ink;
    ctx.fillText(name, free[0], free[1] + 7);
  });
}

const meet = (one, other) => one[0] < other[2] && one[2] > other[0] && one[1] < other[3] && one[3] > other[1];
