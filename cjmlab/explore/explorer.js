// The explorer's page: controls → a key → a stored state, or a question to the kernel. It computes nothing.
const shared = (globalThis.__cjmlab ??= {});

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

function runScript(source) {
  const script = document.createElement("script");
  script.textContent = source;
  document.head.append(script);
  script.remove();
}

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child != null));
  return node;
}

const percent = (value, language) => new Intl.NumberFormat(language, { style: "percent" }).format(value);

function signedIn(language) {
  const point = (0.5).toLocaleString(language)[1]; // toFixed rounds as the map does, Intl does not
  return (value) => {
    if (value == null) return "–";
    const text = Math.abs(value).toFixed(2);
    return (Number(text) === 0 ? "" : value > 0 ? "+" : "−") + text.replace(".", point);
  };
}

const fill = (text, places) => text.replace(/\{(\w+)\}/g, (all, name) => places[name] ?? all);

// ---- pens: the small one draws the pictures of the house at once; Plotly, where it travels, takes over when it is there
function plotly(model, waiting) {
  if (model.get("slim")) return Promise.resolve(null);
  shared.plotly ??= new Promise((resolve) => {
    if (globalThis.Plotly) return resolve(globalThis.Plotly);
    waiting.plotly = async (bytes) => {
      runScript(await inflate(bytes));
      resolve(globalThis.Plotly);
    };
    model.send({ ask: "plotly" });
  });
  return shared.plotly;
}

function expand(store, number) {
  const part = store.pool[number];
  const take = (numbers) => numbers.map((each) => structuredClone(store.pool[each]));
  return {
    data: take(part.data),
    layout: { ...structuredClone(store.pool[part.rest]), shapes: take(part.shapes), annotations: take(part.annotations), images: take(part.images) },
  };
}

const listen = (place, pick) => place.on("plotly_click", pick);

export async function draw(Plotly, place, frame, figure) {
  const config = { displaylogo: false, displayModeBar: "hover", modeBarButtonsToRemove: ["sendDataToCloud", "sendChartToCloud", "select2d", "lasso2d"], responsive: false, showTips: false };
  if (place._sketched && Plotly !== sketch) {
    place.replaceChildren();
    place._sketched = place._listens = false;
    delete place.on;
  } else if (Plotly === sketch && place._fullLayout) {
    globalThis.Plotly.purge(place);
    place._listens = false;
  }
  await Plotly.react(place, figure.data, figure.layout, config);
  const width = figure.layout.width;
  frame.classList.toggle("cjm-wide", Boolean(width));
  const fit = () => {
    if (!width || !frame.clientWidth) return;
    const edge = width > 900 ? 18 : 0; // the blank edge of a picture hangs over, so that picture and page share one left side
    const least = frame.clientWidth < 700 ? 0.8 : 0.55; // a telephone scrolls sideways anyway: let it be read
    const scale = Math.max(least, Math.min(1.3, frame.clientWidth / (width - 2 * edge)));
    place.style.transform = `translateX(${-edge * scale}px) scale(${scale})`;
    place.parentElement.style.height = `${Math.ceil((figure.layout.height || place.offsetHeight) * scale)}px`;
    place.parentElement.style.width = `${Math.floor((width - 2 * edge) * scale)}px`;
  };
  fit();
  frame._fit = fit;
}

export async function render({ model, el }) {
  const waiting = {};
  const ask = (message) => model.send(message);
  const payload = JSON.parse(await inflate(model.get("payload")));
  const words = payload.words, store = new Map(), signed = signedIn(payload.language);
  const learn = (part) => Object.entries(part.states).forEach(([key, state]) => store.set(key, { ...state, from: part }));
  learn(payload);

  const chosen = { ...model.get("selection") };
  let view = chosen.view && payload.views.some((each) => each.key === chosen.view) ? chosen.view : payload.views[0]?.key;
  const everything = (filter) => (filter.key === "segment" ? filter.options[0].value : "");
  payload.filters.forEach((filter) => {
    const known = filter.options.find((option) => String(option.value) === String(chosen[filter.key] ?? ""));
    chosen[filter.key] = known ? known.value : everything(filter);
  });

  // ---- what stands on the page
  const id = `cjm${(shared.count = (shared.count ?? 0) + 1)}`;
  const selects = {}, tabs = {};
  const status = make("p", { class: "cjm-status", role: "status", "aria-live": "polite" });
  const bar = make("div", { class: "cjm-bar", role: "group", "aria-label": words.filters });
  for (const filter of payload.filters) {
    const select = make("select", { id: `${id}-${filter.key}`, "aria-label": filter.label, onchange: () => choose({ [filter.key]: filter.options[select.selectedIndex - (filter.key === "segment" ? 0 : 1)]?.value ?? "" }) });
    if (filter.key !== "segment") select.append(make("option", { value: "" }, words.all));
    filter.options.forEach((option) => select.append(make("option", { value: String(option.value) }, option.label)));
    selects[filter.key] = select;
    bar.append(make("label", { class: "cjm-filter", for: select.id }, make("span", {}, filter.label), select));
  }
  const strip = make("div", { class: "cjm-tabs", role: "tablist" });
  for (const each of payload.views) {
    tabs[each.key] = make("button", { type: "button", role: "tab", id: `${id}-tab-${each.key}`, "aria-controls": `${id}-figure`, onclick: () => choose({ view: each.key }), onkeydown: turn }, each.label);
    strip.append(tabs[each.key]);
  }
  const place = make("div", { class: "cjm-figure" });
  const ring = make("div", { class: "cjm-ring", hidden: true });
  const frame = make("div", { class: "cjm-frame", id: `${id}-figure`, role: "tabpanel", tabindex: "0", onkeydown: walk }, make("div", { class: "cjm-sheet" }, place));
  place.append(ring);
  const panel = make("aside", { class: "cjm-panel", hidden: true, tabindex: "-1", onkeydown: (event) => event.key === "Escape" && choose({ touchpoint: "" }) });
  const rows = make("tbody");
  const head = make("tr", {}, ...["stage", "touchpoint", "n", "experience", "interval"].map((name) => make("th", { scope: "col" }, words[name])));
  const table = make("details", { class: "cjm-numbers" }, make("summary", {}, words.table), make("table", {}, make("thead", {}, head), rows));
  const hint = make("p", { class: "cjm-hint" }, words.click_hint);
  el.replaceChildren(make("section", { class: "cjm", lang: payload.language, style: `font-family: ${payload.face}` }, bar, payload.views.length > 1 ? strip : null, status, make("div", { class: "cjm-body" }, frame, panel), hint, table));
  new ResizeObserver(() => frame._fit?.()).observe(frame);

  // ---- choosing
  const filtersOf = (values) => Object.fromEntries(payload.filters.map((filter) => [filter.key, values[filter.key]]));
  const lacks = (key) => !store.has(key) || (store.get(key).partial && store.get(key).views[view] == null);
  const keyOf = (values) => payload.filters.map((filter) => filter.options.findIndex((option) => option.value === values[filter.key]) + 1).join(".");

  function relax() {
    const given = [];
    for (const filter of [...payload.filters].reverse()) {
      if (store.has(keyOf(chosen))) break;
      if (filter.key === "segment" || filter.key === chosen.last || chosen[filter.key] === "") continue;
      chosen[filter.key] = "";
      given.push(filter.label);
    }
    return given;
  }

  async function choose(change, quiet) {
    for (const [name, value] of Object.entries(change)) {
      if (name === "view") view = value;
      chosen[name] = value;
      if (payload.filters.some((filter) => filter.key === name)) chosen.last = name;
    }
    let note = "";
    if (lacks(keyOf(chosen)) && model.get("live")) note = await compute(keyOf(chosen));
    if (!store.has(keyOf(chosen))) {
      const names = relax();
      note ||= fill(words.relaxed, { names: names.join(", "), all: words.all });
    }
    if (!quiet) tell();
    await show(note);
  }

  function compute(key) {
    status.textContent = words.computing;
    el.firstElementChild.setAttribute("aria-busy", "true");
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(words.no_kernel), 20000);
      waiting[key] = (message) => (clearTimeout(timer), resolve(message.text ?? ""));
      ask({ ask: "state", key, filters: filtersOf(chosen), views: [view], glance: true });
    }).finally(() => el.firstElementChild?.removeAttribute("aria-busy"));
  }

  function tell() {
    const told = { view };
    for (const name of [...payload.filters.map((filter) => filter.key), "touchpoint"]) if (chosen[name] !== "" && chosen[name] != null) told[name] = chosen[name];
    model.set("selection", told);
    model.save_changes();
  }

  // ---- showing
  let current = null, lastNote = "";
  async function show(note = lastNote) {
    if (!store.has(keyOf(chosen))) return; // a choice is being computed; it shows itself when it is there
    current = store.get(keyOf(chosen));
    lastNote = note;
    const idle = payload.views.find((each) => each.key === view)?.ignores ?? [];
    payload.filters.forEach((filter) => {
      const select = selects[filter.key], off = idle.includes(filter.key);
      select.value = String(chosen[filter.key]);
      select.parentElement.classList.toggle("cjm-idle", off);
      select.title = off ? words.idle : "";
    });
    for (const [name, tab] of Object.entries(tabs)) {
      tab.setAttribute("aria-selected", String(name === view));
      tab.tabIndex = name === view ? 0 : -1;
    }
    const cells = current.from.pool[current.cells];
    const filtered = payload.filters.some((filter) => filter.key !== "segment" && chosen[filter.key] !== "");
    status.textContent = [note, filtered && !cells.some((cell) => cell.n) ? words.nothing_left : ""].filter(Boolean).join(" ");
    fillTable(cells);
    fillPanel(cells);
    if (view) {
      frame.hidden = current.views[view] == null;
      if (frame.hidden) {
        status.textContent ||= words.nothing_left;
        return void (el.dataset.ready = keyOf(chosen));
      }
      const number = current.views[view], mine = current;
      if (drawn?.from !== current.from || drawn.number !== number) {
        const figure = expand(current.from, number);
        const pen = canSketch(figure) ? sketch : (await plotly(model, waiting)) ?? sketch;
        if (mine !== current) return;
        await paint(pen, figure, { from: current.from, number });
      }
      place.setAttribute("role", "img");
      place.setAttribute("aria-label", `${tabs[view].textContent}: ${payload.filters.map((f) => selects[f.key].selectedOptions[0]?.label).join(" · ")}`);
      mark();
    }
    el.dataset.ready = keyOf(chosen);
    if (current.partial && model.get("live")) complete(keyOf(chosen));
  }

  // The small pen draws every choice, in a tenth of the time; when the page is at rest, Plotly takes over (its button
  // saves a picture), and the picture stays the same.
  let drawn = null, resting = 0, turns = Promise.resolve();
  const paint = (...what) => (turns = turns.catch(() => null).then(() => put(...what)));
  async function put(pen, figure, what) {
    drawn = what;
    await draw(pen, place, frame, figure);
    el.dataset.pen = pen === sketch ? "sketch" : "plotly";
    if (!place._listens) {
      place._listens = true;
      listen(place, (event) => {
        const told = event.points?.[0]?.customdata;
        const name = Array.isArray(told) ? told[0] : told;
        const segment = Array.isArray(told) ? told[5] : null;
        const target = current.from.pool[current.cells].find((cell) => cell.id === name || escaped(cell.id) === name);
        if (!target) return;
        const other = payload.filters[0].options.find((option) => segment != null && (option.value === segment || escaped(option.value) === segment));
        choose({ touchpoint: target.id, ...(other ? { segment: other.value } : {}) });
      });
    }
    clearTimeout(resting);
    if (pen === sketch && canSketch(figure) && !model.get("slim")) resting = setTimeout(() => rest(what), shared.rested ? 1200 : 300);
  }

  async function rest(what) {
    const idle = globalThis.requestIdleCallback ?? ((call) => setTimeout(call, 100));
    const library = await plotly(model, waiting);
    shared.rested = true;
    if (!library) return;
    idle(async () => {
      if (what !== drawn || frame.hidden) return;
      await paint(library, expand(what.from, what.number), what);
      mark();
    });
  }

  // A state that answered at once lacks what needs the outcomes of every customer; it follows when nobody chooses on.
  function complete(key) {
    setTimeout(() => {
      if (keyOf(chosen) !== key || !store.get(key)?.partial) return;
      waiting[`${key}/whole`] = () => keyOf(chosen) === key && show();
      ask({ ask: "state", key: `${key}/whole`, filters: filtersOf(chosen) });
    }, 400);
  }

  const escaped = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\$/g, "&#36;");

  function mark() {
    ring.hidden = true;
    const layout = place._fullLayout;
    if (!chosen.touchpoint || !place.data) return;
    for (const trace of place.data) {
      const index = (trace.customdata ?? []).findIndex?.((row) => Array.isArray(row) && (row[0] === chosen.touchpoint || row[0] === escaped(chosen.touchpoint)) && (row[3] === "point" || row[3] === undefined));
      if (index == null || index < 0 || trace.y?.[index] == null) continue;
      const spot = place._sketched ? [trace.x[index], trace.y[index]] : inPixels(layout, trace, index);
      if (!spot) continue;
      [ring.style.left, ring.style.top] = spot.map((part) => `${part}px`);
      ring.hidden = false;
      place.append(ring);
      panel.classList.toggle("cjm-left", spot[0] > (place.offsetWidth || 1) / 2);
      return;
    }
  }

  function inPixels(layout, trace, index) {
    const x = layout[(trace.xaxis ?? "x").replace("x", "xaxis")], y = layout[(trace.yaxis ?? "y").replace("y", "yaxis")];
    return x?.d2p && y?.d2p ? [x._offset + x.d2p(trace.x[index]), y._offset + y.d2p(trace.y[index])] : null;
  }

  const amount = (cell) => (cell.withheld ? fill(words.withheld, { k: payload.smallest }) : cell.n ? String(cell.n) : words.no_evidence);

  function fillTable(cells) {
    rows.replaceChildren(...cells.map((cell) => make("tr", { "aria-current": cell.id === chosen.touchpoint ? "true" : null },
      make("td", {}, cell.stage),
      make("th", { scope: "row" }, make("button", { type: "button", onclick: () => choose({ touchpoint: cell.id }).then(() => panel.focus()) }, cell.name)),
      make("td", { class: "cjm-figures" }, amount(cell)),
      make("td", { class: "cjm-figures" }, signed(cell.x)),
      make("td", { class: "cjm-figures" }, cell.low == null ? "–" : `${signed(cell.low)} … ${signed(cell.high)}`))));
  }

  function fillPanel(cells) {
    const cell = cells.find((each) => each.id === chosen.touchpoint);
    panel.hidden = !cell;
    if (!cell) return frame._fit?.();
    const said = current.from.verbatims;
    const quote = (saying) => make("li", { class: "cjm-quote" }, make("q", { lang: saying.language || null }, saying.text),
      make("small", {}, [words[saying.source_type] ?? saying.source_type, saying.wave, saying.x == null ? "" : signed(saying.x)].filter(Boolean).join(" · ")));
    const card = (each) => make("li", { class: `cjm-card cjm-${each.kind}` }, make("strong", {}, words[each.kind] ?? each.kind, each.rank ? ` ${each.rank}` : ""),
      make("small", {}, [each.n ? `n = ${each.n}` : "", each.share == null ? "" : percent(each.share, payload.language), each.gain[0] == null ? "" : `${signed(each.gain[0])}${each.gain[1] == null ? "" : ` [${signed(each.gain[1])} … ${signed(each.gain[2])}]`}`].filter(Boolean).join(" · ")),
      each.quote == null || cell.cards.find((card) => card.quote === each.quote) !== each ? null : make("ul", {}, quote(said[each.quote])));
    const carded = new Set(cell.cards.map((each) => each.quote));
    const rest = cell.quotes.filter((number) => !carded.has(number));
    const spot = make("div", {}, rest.length || [...carded].some((each) => each != null) ? make("ul", { class: "cjm-quotes" }, ...rest.map((number) => quote(said[number]))) : make("p", { class: "cjm-hint" }, words.no_verbatims));
    if (!said.length && model.get("live") && !cell.withheld) askWords(cell, spot, quote);
    panel.setAttribute("aria-label", cell.name);
    panel.replaceChildren(
      make("button", { type: "button", class: "cjm-close", "aria-label": words.close, onclick: () => choose({ touchpoint: "" }) }, "×"),
      make("p", { class: "cjm-over" }, cell.stage), make("h3", {}, cell.name),
      make("p", { class: "cjm-value" }, make("b", { class: cell.x < 0 ? "cjm-low" : "cjm-high" }, signed(cell.x)), cell.low == null ? "" : ` ${signed(cell.low)} … ${signed(cell.high)}`),
      make("p", { class: "cjm-hint" }, cell.withheld || !cell.n ? amount(cell) : `n = ${cell.n}${cell.people ? ` · ${cell.people} ${words.customers}` : ""}`),
      cell.cards.length ? make("ul", { class: "cjm-cards" }, ...cell.cards.map(card)) : "",
      make("h4", {}, words.verbatims),
      spot);
    frame._fit?.();
  }

  function askWords(cell, spot, quote) {
    const key = `${keyOf(chosen)}/${cell.id}`;
    waiting[key] = (message) => message.verbatims?.length && spot.replaceChildren(make("ul", { class: "cjm-quotes" }, ...message.verbatims.map(quote)));
    ask({ ask: "verbatims", key, touchpoint: cell.id, filters: filtersOf(chosen) });
  }

  // ---- keys: arrows turn the tabs and walk along the journey
  function turn(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const names = payload.views.map((each) => each.key);
    const next = names[(names.indexOf(view) + step + names.length) % names.length];
    choose({ view: next }).then(() => tabs[next].focus());
    event.preventDefault();
  }

  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape") return choose({ touchpoint: "" });
    if (!step || event.target !== frame) return;
    const cells = current.from.pool[current.cells];
    const at = cells.findIndex((cell) => cell.id === chosen.touchpoint);
    const next = at < 0 ? (step > 0 ? 0 : cells.length - 1) : Math.min(cells.length - 1, Math.max(0, at + step));
    choose({ touchpoint: cells[next]?.id ?? "" });
    event.preventDefault();
  }

  model.on("msg:custom", async (message, buffers) => {
    const bytes = buffers?.[0];
    if (message.answer === "plotly") return waiting.plotly?.(bytes);
    if (message.answer === "state") learn(JSON.parse(await inflate(bytes)));
    waiting[message.key]?.(message);
    delete waiting[message.key];
  });
  model.on("change:selection", () => {
    const wanted = model.get("selection");
    const change = {};
    for (const name of [...payload.filters.map((filter) => filter.key), "touchpoint", "view"]) {
      const value = wanted[name] ?? (name === "view" ? view : name === "segment" ? chosen.segment : "");
      if (String(value) !== String((name === "view" ? view : chosen[name]) ?? "")) change[name] = payload.filters.find((filter) => filter.key === name)?.options.find((option) => String(option.value) === String(value))?.value ?? value;
    }
    if (Object.keys(change).length) choose(change, true);
  });
  await choose({}, true);
}

export default { render };
