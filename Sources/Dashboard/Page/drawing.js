// The picture on a canvas, and over it boxes, points and masks with labels that do not cover each other.

// Those of drawn pictures and reports, in their order, and the same ink on them: Sources/Rendering/Palette.swift; a test compares.
const colors = [
  "#2f7de1", "#f08a24", "#2fa866", "#e5484d", "#9061e8", "#12a5a5", "#e0559f", "#d4a017", "#39a7e8", "#a9714b", "#7cb518",
  "#870f69", "#0f5a4b", "#0000f0", "#e1a5ff", "#96d2c3", "#ff00ff", "#6900c3", "#962d00", "#695a87", "#b400b4", "#4b7800",
  "#a587b4", "#004ba5", "#ffa5a5", "#00e100", "#c30069", "#5a3cff", "#d269f0", "#b4d25a", "#007887", "#c30fff", "#00d296",
  "#00d2ff", "#a55a96", "#785a1e", "#9696ff", "#96a578", "#ff78d2", "#a5b4e1", "#87871e", "#f07887", "#873ca5", "#9600e1",
  "#5a5ac3", "#e11ec3", "#964b5a", "#c3001e", "#693c5a", "#d2b487", "#009600", "#5a8769", "#5a87a5", "#ff0078", "#ffb400",
  "#c34b00", "#5a3c96", "#0fc3c3", "#0f4be1", "#d296c3", "#c38778", "#ff5a00", "#780096", "#3c5a00", "#2d5a78", "#96003c",
  "#4b00e1", "#0069b4", "#00e1d2", "#7878c3", "#b44bd2", "#96c387", "#69e169", "#ff69ff", "#a51e87", "#00c300", "#c36987",
  "#5a69ff", "#873cff", "#b4872d", "#ff4bc3", "#c33ca5", "#ffa569", "#6987ff", "#d26900", "#783cd2", "#d278c3", "#966978",
  "#00785a", "#e1b4d2", "#78a5c3", "#4b3cc3", "#b4b400", "#a578ff", "#a569c3", "#e10f5a",
];
const places = { of: [], at: new Map() };

/** As every drawing has it: by the label's place in its model's list, else by its name (FNV-1a, 64 bits, folded). */
export function color(label, order = []) {
  if (places.of !== order) Object.assign(places, { of: order, at: new Map(order.map((one, index) => [one, index]).reverse()) });
  if (places.at.has(label)) return colors[places.at.get(label) % colors.length];
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(label)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return colors[Number((hash ^ (hash >> 32n)) % BigInt(colors.length))];
}

const [dark, white] = ["#0b0e13", "#ffffff"];

const channels = (color) => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));

/** Dark letters where they read better than white ones (luma of BT.601). */
export function ink(color) {
  const [red, green, blue] = channels(color);
  return 299 * red + 587 * green + 114 * blue > 120000 ? dark : white;
}

/**
 * Fits a picture, or what a video shows, into the canvas's width; `marked` is the prediction that stands out, -1 for none,
 * and `order` the labels in their model's order. What is of a frame before is faint.
 */
export function draw(canvas, picture, predictions, marked, order, isFaint = false) {
  const [width, height] = [picture.videoWidth ?? picture.naturalWidth ?? picture.width, picture.videoHeight ?? picture.naturalHeight ?? picture.height];
  const wide = Math.max(1, canvas.parentElement.clientWidth - 2);
  const ratio = devicePixelRatio || 1;
  const scale = Math.min(wide / width, (innerHeight * 0.6) / height);
  const size = [width * scale, height * scale];
  const cells = size.map((length) => Math.max(1, Math.round(length * ratio)));
  // Another size makes another canvas, which takes longer than drawing on it.
  if (canvas.width !== cells[0] || canvas.height !== cells[1]) [canvas.width, canvas.height] = cells;
  canvas.style.width = `${size[0]}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, ...size);
  pen.drawImage(picture, 0, 0, ...size);
  const shade = (one) => color(one.label ?? one.kind, order);
  predictions.forEach((one, index) => {
    pen.globalAlpha = !isFaint && (marked < 0 || marked === index) ? 1 : 0.25;
    if (one.mask) mask(pen, one.mask, shade(one), size);
    // A box that is turned is told by its corners.
    if (one.points?.[0].name === "corner-1") outline(pen, one.points, shade(one), size, marked === index);
    else {
      if (one.box) box(pen, one.box, shade(one), size, marked === index);
      if (one.points) points(pen, one.points, shade(one), size);
    }
  });
  pen.globalAlpha = 1;
  if (!isFaint) labels(pen, predictions, shade, size, marked);
}

function box(pen, [x, y, width, height], color, [wide, tall], isMarked) {
  pen.lineWidth = isMarked ? 4 : 2;
  pen.strokeStyle = color;
  pen.strokeRect(x * wide, y * tall, width * wide, height * tall);
}

function outline(pen, corners, color, [wide, tall], isMarked) {
  pen.lineWidth = isMarked ? 4 : 2;
  pen.strokeStyle = color;
  pen.beginPath();
  for (const { x, y } of corners) pen.lineTo(x * wide, y * tall);
  pen.closePath();
  pen.stroke();
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

function mask(pen, one, color, [wide, tall]) {
  if (painted.get(one)?.color !== color) painted.set(one, { color, cells: paint(one, color) });
  pen.drawImage(painted.get(one).cells, 0, 0, wide, tall);
}

// A frame is drawn more often than it comes.
const painted = new WeakMap();

/** Uncompressed run lengths down the columns, outside first (COCO). */
function paint({ size: [rows, columns], counts }, color) {
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
  return cells;
}

function labels(pen, predictions, shade, size, marked) {
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
    pen.fillStyle = shade(predictions[index]);
    pen.fillRect(spot.x, spot.y, spot.width, spot.height);
    pen.fillStyle = ink(shade(predictions[index]));
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
