// The sign of a town. Every difference shows without colour too: by shape, pattern and letter.
//
//   held       disc with the party's letter
//   divided    disc in pieces, one a party, with their letters
//   contested  striped diamond
//   besieged   broken ring around it
//   stale      hollow, dotted outline
//   unsure     a question mark

import { line, look } from "./names.js";

/** Draws a state around a point. `radius` in CSS pixels; `ink`, `paper` and `edge` are the theme's. */
export function drawTown(ctx, x, y, radius, state, theme) {
  ctx.save();
  ctx.translate(x, y);
  if (state.besieged.length) ring(ctx, radius + 4.5, line(state.besieged[0], theme), theme);
  if (state.status === "contested") diamond(ctx, radius + 1, state, theme);
  else if (state.status === "divided" && state.shares.length) pie(ctx, radius, state, theme);
  else if (state.status === "held") disc(ctx, radius, state, theme);
  else hollow(ctx, radius * 0.75, state, theme);
  ctx.restore();
}

function disc(ctx, radius, state, theme) {
  const { ink, paper, edge } = theme;
  const { colour, ink: on, letter } = look(state.controller);
  circle(ctx, radius);
  ctx.fillStyle = paper;
  ctx.fill();
  if (!state.stale) {
    ctx.globalAlpha = state.unsure ? 0.35 : 1;
    ctx.fillStyle = colour;
    ctx.fill();
    ctx.globalAlpha = 1;
  }
  outline(ctx, state.stale || state.unsure ? line(state.controller, theme) : edge, state);
  const bare = state.stale || state.unsure;
  text(ctx, state.unsure ? `${letter}?` : letter, 0, 0, radius * (state.unsure || letter.length > 1 ? 0.95 : 1.2), bare ? ink : on);
}

function pie(ctx, radius, state, theme) {
  const { ink, paper, edge } = theme;
  const parts = state.shares.map(({ party, share }) => ({ party, share: share ?? 1 / state.shares.length }));
  const told = parts.reduce((sum, { share }) => sum + share, 0) || 1;
  // Where only one party's part is known, the other half stays empty.
  const whole = parts.length > 1 ? told : 2 * told;
  circle(ctx, radius + 1);
  ctx.fillStyle = paper;
  ctx.fill();
  ctx.strokeStyle = line(state.shares[0].party, theme);
  ctx.lineWidth = 1.5;
  ctx.stroke();
  let angle = -Math.PI / 2;
  for (const { party, share } of parts) {
    const next = angle + (share / whole) * 2 * Math.PI;
    const middle = (angle + next) / 2;
    const { colour, ink: on, letter } = look(party);
    ctx.beginPath();
    ctx.moveTo(0, 0);
    ctx.arc(0, 0, radius + 1, angle, next);
    ctx.closePath();
    ctx.fillStyle = state.stale ? paper : colour;
    ctx.globalAlpha = state.unsure && !state.stale ? 0.5 : 1;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.strokeStyle = state.stale ? line(party, theme) : edge;
    ctx.lineWidth = 1.5;
    ctx.stroke();
    text(ctx, letter, Math.cos(middle) * radius * 0.55, Math.sin(middle) * radius * 0.55, radius * 0.8, state.stale ? ink : on);
    angle = next;
  }
  if (state.stale || state.unsure) {
    circle(ctx, radius + 1);
    outline(ctx, ink, state);
  }
}

function diamond(ctx, radius, state, { ink, paper }) {
  const colours = state.parties.length ? state.parties.map((id) => look(id).colour) : [ink];
  if (colours.length === 1) colours.push(paper);
  const reach = radius + 2;
  const shape = new Path2D(`M0 ${-reach}L${reach} 0L0 ${reach}L${-reach} 0Z`);
  const width = Math.max(3, radius / 2.4);
  ctx.save();
  ctx.clip(shape);
  ctx.rotate(-Math.PI / 4);
  for (let at = -2 * reach, turn = 0; at < 2 * reach; at += width, turn += 1) {
    ctx.fillStyle = colours[turn % colours.length];
    ctx.fillRect(at, -2 * reach, width, 4 * reach);
  }
  ctx.restore();
  outline(ctx, ink, state, shape);
}

function hollow(ctx, radius, state, theme) {
  const { ink, paper } = theme;
  circle(ctx, radius);
  ctx.fillStyle = paper;
  ctx.fill();
  ctx.setLineDash([2, 2.5]);
  ctx.strokeStyle = state.before ? line(state.before.parties[0], theme) : ink;
  ctx.lineWidth = 1.4;
  ctx.stroke();
  ctx.setLineDash([]);
  text(ctx, "?", 0, 0, radius * 1.2, ink);
}

function ring(ctx, radius, colour, { paper }) {
  circle(ctx, radius);
  ctx.strokeStyle = paper;
  ctx.lineWidth = 5;
  ctx.stroke();
  ctx.strokeStyle = colour;
  ctx.lineWidth = 3;
  ctx.setLineDash([(radius * Math.PI) / 6, (radius * Math.PI) / 12]);
  ctx.stroke();
  ctx.setLineDash([]);
}

function outline(ctx, colour, state, shape = null) {
  ctx.strokeStyle = colour;
  ctx.lineWidth = 1.6;
  if (state.stale) ctx.setLineDash([1.6, 2.4]);
  else if (state.unsure) ctx.setLineDash([4, 3]);
  if (shape) ctx.stroke(shape);
  else ctx.stroke();
  ctx.setLineDash([]);
}

function circle(ctx, radius) {
  ctx.beginPath();
  ctx.arc(0, 0, radius, 0, 2 * Math.PI);
}

function text(ctx, words, x, y, size, colour) {
  ctx.fillStyle = colour;
  ctx.font = `700 ${Math.max(7, size)}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillText(words, x, y + 0.5);
}

/** A sign on a small canvas of its own, for legend and lists. */
export function sign(state, theme, radius = 8) {
  const canvas = document.createElement("canvas");
  const size = 2 * (radius + 7);
  const scale = devicePixelRatio || 1;
  canvas.width = canvas.height = size * scale;
  canvas.className = "sign";
  canvas.setAttribute("aria-hidden", "true");
  const ctx = canvas.getContext("2d");
  ctx.scale(scale, scale);
  drawTown(ctx, size / 2, size / 2, radius, state, theme);
  return canvas;
}
