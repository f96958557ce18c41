// A pad to sign on. The strokes go into a hidden field as whole numbers (quarters of a pixel); the
// server draws them. Loaded only by pages that have a pad; the typed name beside it is as good.

import SignaturePad from "./signature_pad.min.js";

const SCALE = 4;
const MOST_POINTS = 4000;
const SETTINGS = { minWidth: 0.8, maxWidth: 2.4, penColor: "#16242b", minDistance: 2, throttle: 12 };

export function startSignature(root) {
  root.dataset.started = "1";
  const place = root.querySelector("[data-signature-pad]");
  const canvas = root.querySelector("canvas");
  const field = root.querySelector("[data-signature-strokes]");
  const undo = root.querySelector("[data-signature-undo]");
  const clear = root.querySelector("[data-signature-clear]");
  const status = root.querySelector("[data-signature-status]");
  place.hidden = false;
  const pad = new SignaturePad(canvas, SETTINGS);
  let width = 0;

  function fit() {
    const wide = canvas.offsetWidth;
    if (!wide || wide === width) return;
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    const groups = width ? scaled(pad.toData(), wide / width) : read(field.value, wide);
    canvas.width = wide * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    width = wide;
    pad.clear();
    pad.fromData(groups);
    tell();
  }

  function tell(words = "") {
    const groups = pad.toData();
    field.value = groups.length ? written(groups, canvas) : "";
    undo.disabled = clear.disabled = !groups.length;
    status.textContent = words || (groups.length ? `已写 ${groups.length} 笔` : "");
  }

  pad.addEventListener("endStroke", () => tell());
  undo.addEventListener("click", () => {
    pad.fromData(pad.toData().slice(0, -1));
    tell(pad.isEmpty() ? "手写区已空" : "");
    if (undo.disabled) canvas.closest("[data-signature]").querySelector("input").focus();
  });
  clear.addEventListener("click", () => {
    pad.clear();
    tell("手写区已空");
    canvas.closest("[data-signature]").querySelector("input").focus();
  });
  new ResizeObserver(fit).observe(canvas);
  fit();
}

function written(groups, canvas) {
  const most = [canvas.offsetWidth * SCALE, canvas.offsetHeight * SCALE];
  const within = (value, side) => Math.min(Math.max(Math.round(value * SCALE), 0), most[side]);
  const count = groups.reduce((sum, group) => sum + group.points.length, 0);
  const step = Math.ceil(count / MOST_POINTS);
  const lines = groups.map(({ points }) =>
    points.filter((_, i) => i % step === 0 || i === points.length - 1).map(({ x, y }) => [within(x, 0), within(y, 1)]));
  return JSON.stringify({ w: most[0], h: most[1], s: lines });
}

function read(text, wide) {
  if (!text) return [];
  try {
    const { w, s } = JSON.parse(text);
    const ratio = wide / w;
    return s.map((line) => ({ ...SETTINGS, dotSize: 0, velocityFilterWeight: 0.7, compositeOperation: "source-over",
      points: line.map(([x, y], i) => ({ x: x * ratio, y: y * ratio, pressure: 0.5, time: i * 16 + 1 })) }));
  } catch {
    return [];
  }
}

function scaled(groups, ratio) {
  return groups.map((group) => ({ ...group, points: group.points.map((p) => ({ ...p, x: p.x * ratio, y: p.y * ratio })) }));
}
