// The small pen: draws the pictures of the house (paths, points, texts on a pixel canvas) as SVG, without a library.
const SVG = "http://www.w3.org/2000/svg";
const SYMBOLS = {
  circle: (r) => `M${r},0A${r},${r} 0 1,1 0,${-r}A${r},${r} 0 0,1 ${r},0Z`,
  square: (r) => `M${-r},${-r}H${r}V${r}H${-r}Z`,
  diamond: (r) => `M0,${-r * 1.3}L${r * 1.3},0L0,${r * 1.3}L${-r * 1.3},0Z`,
  "triangle-up": (r) => `M${-r * 2 / Math.sqrt(3)},${r / 2}H${r * 2 / Math.sqrt(3)}L0,${-r}Z`,
  "triangle-down": (r) => `M${-r * 2 / Math.sqrt(3)},${-r / 2}H${r * 2 / Math.sqrt(3)}L0,${r}Z`,
  "x-thin": (r) => `M${-r},${-r}L${r},${r}M${-r},${r}L${r},${-r}`,
  star: (r) => `M${[...Array(10).keys()].map((i) => [i % 2 ? r * 0.535 : r * 1.4, (i * Math.PI) / 5 - Math.PI / 2]).map(([d, a]) => `${(d * Math.cos(a)).toFixed(2)},${(d * Math.sin(a)).toFixed(2)}`).join("L")}Z`,
};
const DASHES = { dot: [1, 1], dash: [3, 3], longdash: [5, 5], dashdot: [3, 1, 1, 1] };

function dashes(dash, width) {
  const parts = DASHES[dash] ? DASHES[dash].map((part) => part * Math.max(width, 3)) : dash && dash !== "solid" ? dash.split(",").map(parseFloat) : null;
  return parts?.join(",");
}

export const canSketch = (figure) =>
  figure.layout.xaxis?.visible === false && !figure.layout.annotations?.length && !figure.layout.images?.length &&
  figure.data.every((trace) => trace.type === "scatter" && (trace.mode === "text" || (trace.mode === "markers" && [trace.marker?.symbol].flat().every((name) => SYMBOLS[name])))) &&
  figure.layout.shapes.every((shape) => shape.type === "path");

// Texts are escaped by Python; of markup only line breaks, bold and italics exist.
const letters = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&#36;/g, "$").replace(/&quot;/g, '"').replace(/&amp;/g, "&");

function node(name, attributes, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function rich(text) {
  const found = [];
  let tags = [];
  for (const piece of text.split(/(<\/?[bi]>|<br>)/)) {
    if (piece === "<br>") found.push(document.createElement("br"));
    else if (/^<[bi]>$/.test(piece)) tags.push(piece[1]);
    else if (/^<\/[bi]>$/.test(piece)) tags = tags.filter((tag) => tag !== piece[2]);
    else if (piece) found.push(tags.reduce((inner, tag) => (((outer) => (outer.append(inner), outer)))(document.createElement(tag)), document.createTextNode(letters(piece))));
  }
  return found;
}

function write(trace) {
  const font = trace.textfont, anchor = { center: "middle", left: "end", right: "start" }[trace.textposition.split(" ")[1]];
  const look = { "font-size": `${font.size}px`, fill: font.color, "font-weight": font.weight, "font-style": font.style, "text-anchor": anchor };
  return node("g", { ...look, "data-name": trace.name }, ...trace.text.map((text, i) => node("text", { x: trace.x[i], y: trace.y[i] + 0.75 * font.size, "xml:space": "preserve" },
    ...text.split("<br>").map((line, at) => node("tspan", { x: trace.x[i], dy: at ? `${1.3 * font.size}px` : 0 }, letters(line))))));
}

const each = (value, i) => (Array.isArray(value) ? value[i] : value);

function dot(trace) {
  const marker = trace.marker, line = marker.line ?? {};
  return node("g", { opacity: marker.opacity, "data-name": trace.name }, ...trace.x.map((x, i) => trace.y[i] == null || x == null ? "" : node("path", {
    d: SYMBOLS[each(marker.symbol, i)](each(marker.size, i) / 2), transform: `translate(${x},${trace.y[i]})`, fill: each(marker.color, i), stroke: each(line.color, i), "stroke-width": each(line.width, i) })));
}

const shaped = (shape) => node("path", { d: shape.path, fill: shape.fillcolor, stroke: shape.line.color, "stroke-width": shape.line.width, "stroke-dasharray": dashes(shape.line.dash, shape.line.width), "data-name": shape.name });

function nearest(place, x, y) {
  let best = null, least = Infinity;
  for (const trace of place.data) {
    if (!trace.customdata || trace.mode !== "markers") continue;
    trace.x.forEach((left, i) => {
      const off = Math.hypot(left - x, trace.y[i] - y) - Math.max(3, each(trace.marker.size, i) / 2);
      if (off < 6 && off < least) [best, least] = [{ x: left, y: trace.y[i], customdata: trace.customdata[i] }, off];
    });
  }
  return best;
}

function hover(place, layout) {
  const box = document.createElement("div");
  box.className = "cjm-hover";
  box.hidden = true;
  const at = (event) => {
    const frame = place.getBoundingClientRect(), scale = frame.width / layout.width;
    return nearest(place, (event.clientX - frame.x) / scale, (event.clientY - frame.y) / scale);
  };
  const picture = place.querySelector("svg");
  picture.onpointermove = (event) => {
    const point = at(event);
    picture.style.cursor = point ? "pointer" : "";
    box.hidden = !point?.customdata[1];
    if (box.hidden) return;
    box.replaceChildren(...rich(point.customdata[1] + (point.customdata[2] ?? "")));
    Object.assign(box.style, point.x > layout.width / 2 ? { right: `${layout.width - point.x + 14}px`, left: "auto" } : { left: `${point.x + 14}px`, right: "auto" });
    box.style.top = `${Math.max(0, point.y - 20)}px`;
  };
  picture.onpointerleave = () => (box.hidden = true);
  picture.onclick = (event) => {
    const point = at(event);
    if (point) place._picked?.({ points: [point] });
  };
  place.append(box);
}

export const sketch = {
  react(place, data, layout) {
    const shapes = (layer) => layout.shapes.filter((shape) => (shape.layer ?? "above") === layer).map(shaped);
    const of = (mode, draw) => data.filter((trace) => trace.mode === mode).map(draw);
    const picture = node("svg", { class: "main-svg", width: layout.width, height: layout.height, viewBox: `0 0 ${layout.width} ${layout.height}`, "font-family": layout.font.family },
      node("rect", { width: "100%", height: "100%", fill: layout.paper_bgcolor }), ...shapes("below"), ...of("markers", dot), ...of("text", write), ...shapes("above"));
    place.replaceChildren(picture);
    Object.assign(place, { data, _sketched: true, on: (name, pick) => (place._picked = pick) });
    place.style.width = `${layout.width}px`;
    place.style.height = `${layout.height}px`;
    hover(place, layout);
  },
};

