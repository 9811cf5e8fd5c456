// The course of the war under the map: how much was reported of each week, and the day that is looked at.

/* global uPlot */

import { iso, long, number } from "./days.js";
import { count } from "./names.js";

const STEP_MS = 220;

function years(first, last) {
  const found = [];
  for (let year = Number(iso(first).slice(0, 4)) + 1; number(`${year}-01-01`) <= last; year += 1) found.push(number(`${year}-01-01`) * 86400);
  return found;
}

export class Timeline {
  constructor({ strip, slider, day, play, speed, chosen, theme }) {
    Object.assign(this, { strip, slider, field: day, playButton: play, speed, chosen, theme });
    this.first = number("2011-03-15");
    this.last = this.first + 1;
    this.days = [];
    this.timer = null;
    slider.addEventListener("input", () => { this.stop(); chosen(iso(Number(slider.value))); });
    day.addEventListener("change", () => { this.stop(); if (day.value) chosen(iso(this.within(number(day.value)))); });
    play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
    new ResizeObserver(() => this.draw()).observe(strip);
  }

  /** Days that there are, and what was reported of each. */
  span(first, last, activity) {
    this.first = number(first);
    this.last = Math.max(number(last), this.first + 1);
    this.days = activity;
    this.slider.min = this.first;
    this.slider.max = this.last;
    this.field.min = iso(this.first);
    this.field.max = iso(this.last);
    this.draw();
  }

  within(day) { return Math.max(this.first, Math.min(this.last, day)); }

  show(day) {
    this.day = number(day);
    this.slider.value = this.day;
    this.slider.setAttribute("aria-valuetext", long(day));
    if (document.activeElement !== this.field) this.field.value = day;
    this.plot?.redraw(false);
  }

  step(days) { this.stop(); this.chosen(iso(this.within(this.day + days))); }

  start() {
    if (this.day >= this.last) this.chosen(iso(this.first));
    this.playButton.textContent = "Pause";
    this.playButton.setAttribute("aria-pressed", "true");
    this.timer = setInterval(() => {
      const next = this.within(this.day + Number(this.speed.value));
      this.chosen(iso(next), true);
      if (next >= this.last) this.stop();
    }, STEP_MS);
  }

  stop() {
    if (!this.timer) return;
    clearInterval(this.timer);
    this.timer = null;
    this.playButton.textContent = "Play";
    this.playButton.setAttribute("aria-pressed", "false");
    this.chosen(iso(this.day));
  }

  weeks() {
    const weeks = [];
    for (let week = this.first - (this.first % 7); week <= this.last; week += 7) weeks.push([week, 0, 0]);
    for (const { day, events, killed } of this.days) {
      const week = weeks[Math.floor((number(day) - weeks[0][0]) / 7)];
      if (week) { week[1] += events; week[2] += killed; }
    }
    return weeks;
  }

  draw() {
    const { width } = this.strip.getBoundingClientRect();
    if (!width) return;
    this.plot?.destroy();
    const weeks = this.weeks();
    const { ink, accent, faint } = this.theme();
    const seconds = (day) => day * 86400;
    this.plot = new uPlot({
      width, height: 58, legend: { show: false }, cursor: { show: false }, padding: [4, 0, 0, 0],
      scales: { x: { time: true, range: [seconds(this.first), seconds(this.last)] }, y: { range: (_, low, high) => [0, Math.max(1, high)] } },
      axes: [
        { stroke: ink, grid: { stroke: faint, width: 1 }, ticks: { show: false }, size: 18, gap: 2, font: "11px system-ui",
          splits: () => years(this.first, this.last), values: (_, stamps) => stamps.map((stamp) => iso(stamp / 86400).slice(0, 4)) },
        { show: false },
      ],
      tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1000), "Etc/UTC"),
      series: [{}, { fill: accent, stroke: accent, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.8, 24] }) }],
      hooks: { draw: [(plot) => this.mark(plot, seconds(this.day ?? this.last), ink)] },
    }, [weeks.map(([week]) => seconds(week + 3)), weeks.map(([, events]) => events)], this.strip);
    this.strip.querySelector(".u-over").addEventListener("pointerdown", (event) => {
      const box = event.currentTarget.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      this.stop();
      this.chosen(iso(this.within(Math.round(this.first + share * (this.last - this.first)))));
    });
    const busiest = weeks.reduce((most, week) => (week[1] > most[1] ? week : most), weeks[0]);
    this.strip.title = `Events by week; most, ${count(busiest[1])}, in the week of ${long(iso(busiest[0]))}`;
  }

  mark(plot, at, ink) {
    const x = Math.round(plot.valToPos(at, "x", true));
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = ink;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }
}
