
// The page's side: what a kernel would be, without a kernel. One state for all explorers of the page, kept in the address.
const bytesOf = (id) => Uint8Array.from(atob(document.getElementById(id).textContent.trim()), (letter) => letter.charCodeAt(0));
const hosts = [];
const slim = !document.getElementById("cjm-plotly");

shared.plotly = null;
Object.defineProperty(shared, "plotly", {
  configurable: true,
  get() {
    const loaded = inflate(bytesOf("cjm-plotly")).then((source) => (runScript(source), globalThis.Plotly));
    Object.defineProperty(shared, "plotly", { value: loaded, writable: true });
    return loaded;
  },
});

const fromAddress = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

function hosted(block) {
  const values = { payload: bytesOf(block.dataset.blob), live: false, slim, selection: { ...JSON.parse(block.dataset.selection || "{}"), ...fromAddress() } };
  const listeners = {};
  const model = {
    get: (name) => values[name],
    set: (name, value) => (values[name] = value),
    on: (name, listener) => (listeners[name] ??= []).push(listener),
    send: () => {},
    save_changes() {
      const told = new URLSearchParams(Object.entries(values.selection).map(([name, value]) => [name, String(value)]));
      history.replaceState(null, "", `#${told}`);
      hosts.filter((other) => other !== model).forEach((other) => other.follow(values.selection));
    },
    follow(selection) {
      values.selection = selection;
      (listeners["change:selection"] ?? []).forEach((listener) => listener());
    },
  };
  hosts.push(model);
  return model;
}

addEventListener("hashchange", () => hosts.forEach((host) => host.follow(fromAddress())));

async function open(block) {
  if (block.dataset.kind === "explorer") return explorer.render({ model: hosted(block), el: block });
  const figure = JSON.parse(await inflate(bytesOf(block.dataset.blob)));
  const place = make("div", { class: "cjm-figure" });
  const frame = make("div", { class: "cjm-frame" }, make("div", { class: "cjm-sheet" }, place));
  block.replaceChildren(make("div", { class: "cjm" }, frame));
  figure.layout.shapes ??= [];
  const quick = canSketch(figure);
  if (quick) await draw(sketch, place, frame, figure);
  new ResizeObserver(() => frame._fit?.()).observe(frame);
  block.dataset.ready = "figure";
  if (slim) return;
  if (quick) await new Promise((rest) => (globalThis.requestIdleCallback ?? setTimeout)(rest));
  await draw(await shared.plotly, place, frame, figure);
}

for (const block of document.querySelectorAll(".cjm-host")) {
  open(block).catch((error) => {
    block.prepend(make("p", { class: "note failure" }, String(error)));
    console.error(error);
  });
}
