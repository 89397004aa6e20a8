// The picture on a canvas, and over it boxes, points and masks with labels that do not cover each other.

// Those of drawn pictures and reports, in their order, and the same ink on them: Sources/Rendering/Palette.swift; a test compares.
const colors = [
  "#2f7de1", "#f08a24", "#2fa866", "#e5484d", "#9061e8", "#12a5a5", "#e0559f", "#d4a017", "#39a7e8", "#a9714b", "#7cb518",
];
const [dark, white] = ["#0b0e13", "#ffffff"];

const channels = (color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

/** Dark letters where they read better than white ones (luma of BT.601). */
export function ink(color) {
  const [red, green, blue] = channels(color);
  return 299 * red + 587 * green + 114 * blue > 120000 ? dark : white;
}

/** Fits the picture into the canvas's width; `marked` is the prediction that stands out, -1 for none. */
export function draw(canvas, picture, predictions, marked) {
  const wide = Math.max(1, canvas.parentElement.clientWidth - 2);
  const ratio = devicePixelRatio || 1;
  const scale = Math.min(wide / picture.width, (innerHeight * 0.6) / picture.height);
  const size = [picture.width * scale, picture.height * scale];
  canvas.width = Math.max(1, Math.round(size[0] * ratio));
  canvas.height = Math.max(1, Math.round(size[1] * ratio));
  canvas.style.width = `${size[0]}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.drawImage(picture, 0, 0, ...size);
  const names = [...new Set(predictions.map((one) => one.label ?? one.kind))];
  const color = (one) => colors[names.indexOf(one.label ?? one.kind) % colors.length];
  predictions.forEach((one, index) => {
    pen.globalAlpha = marked < 0 || marked === index ? 1 : 0.25;
    if (one.mask) mask(pen, one.mask, color(one), size);
    if (one.box) box(pen, one.box, color(one), size, marked === index);
    if (one.points) points(pen, one.points, color(one), size);
  });
  pen.globalAlpha = 1;
  labels(pen, predictions, color, size, marked);
}

function box(pen, [x, y, width, height], color, [wide, tall], isMarked) {
  pen.lineWidth = isMarked ? 4 : 2;
  pen.strokeStyle = color;
  pen.strokeRect(x * wide, y * tall, width * wide, height * tall);
}

function points(pen, all, color, [wide, tall]) {
  for (const { x, y, score } of all) {
    if (score !== undefined && score < 0.2) continue;
    pen.beginPath();
    pen.arc(x * wide, y * tall, 3.5, 0, 2 * Math.PI);
    pen.fillStyle = color;
    pen.fill();
    pen.lineWidth = 1;
    pen.strokeStyle = "#fff";
    pen.stroke();
  }
}

/** Uncompressed run lengths down the columns, outside first (COCO). */
function mask(pen, { size: [rows, columns], counts }, color, [wide, tall]) {
  const cells = new OffscreenCanvas(columns, rows);
  const context = cells.getContext("2d");
  const data = context.createImageData(columns, rows);
  const [red, green, blue] = channels(color);
  let [cell, isInside] = [0, false];
  for (const length of counts) {
    for (const end = Math.min(cell + length, rows * columns); isInside && cell < end; cell += 1) {
      data.data.set([red, green, blue, 110], ((cell % rows) * columns + Math.floor(cell / rows)) * 4);
    }
    if (!isInside) cell += length;
    isInside = !isInside;
  }
  context.putImageData(data, 0, 0);
  pen.drawImage(cells, 0, 0, wide, tall);
}

function labels(pen, predictions, color, size, marked) {
  pen.font = "600 12px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const order = predictions.map((_, index) => index).filter((index) => predictions[index].box);
  if (marked >= 0 && predictions[marked]?.box) order.unshift(...order.splice(order.indexOf(marked), 1));
  const texts = order.map((index) => {
    const one = predictions[index];
    return `${one.label ?? one.kind}${typeof one.score === "number" ? ` ${one.score.toFixed(2)}` : ""}`;
  });
  const places = place(
    order.map((index, number) => ({ box: predictions[index].box, width: pen.measureText(texts[number]).width + 10 })), size);
  places.forEach((spot, number) => {
    if (!spot) return;
    const index = order[number];
    pen.globalAlpha = marked < 0 || marked === index ? 1 : 0.25;
    pen.fillStyle = color(predictions[index]);
    pen.fillRect(spot.x, spot.y, spot.width, spot.height);
    pen.fillStyle = ink(color(predictions[index]));
    pen.fillText(texts[number], spot.x + 5, spot.y + spot.height / 2 + 0.5);
  });
  pen.globalAlpha = 1;
}

/**
 * Where labels go: over the box, else inside it at the top, under it, inside at the bottom; `null` for those that find
 * no free place inside the picture. The first ones choose first.
 */
export function place(wanted, [wide, tall], height = 18) {
  const taken = [];
  return wanted.map(({ box: [x, y, w, h], width }) => {
    const left = Math.min(Math.max(0, x * wide), Math.max(0, wide - width));
    const right = Math.min(Math.max(0, (x + w) * wide - width), Math.max(0, wide - width));
    const [top, bottom] = [y * tall, (y + h) * tall];
    const tries = [top - height, top + 1, bottom, bottom - height - 1].flatMap((at) => [[left, at], [right, at]]);
    for (const [at, line] of tries) {
      const spot = { x: at, y: line, width, height };
      if (width > wide || line < 0 || line + height > tall || taken.some((other) => overlap(spot, other))) continue;
      taken.push(spot);
      return spot;
    }
    return null;
  });
}

const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
