"use strict";
// The page shows one entity at a time. The part of the address after # names it, so that links and the back button work.
const data = JSON.parse(document.getElementById("data").textContent);
const kinds = ["user", "group", "role", "policy", "outside", "administrator"];
const byARN = new Map();
const members = new Map(); // from the ARN of a group to the ARNs of its members
const uses = new Map(); // from the ARN of a policy to [ARN, how it is used]
const outgoing = new Map();
const incoming = new Map();

function push(map, key, value) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(value);
}

for (const e of data.entities) byARN.set(e.arn, e);
for (const s of data.steps || []) {
  push(outgoing, s.from, s);
  push(incoming, s.to, s);
  for (const name of [s.from, s.to]) {
    if (!byARN.has(name)) {
      const e = { kind: name === data.administrator ? "administrator" : "outside", name: name, arn: name };
      byARN.set(name, e);
      data.entities.push(e);
    }
  }
}
for (const e of data.entities) {
  for (const g of e.groups || []) push(members, g, e.arn);
  for (const p of e.attached || []) push(uses, p, [e.arn, "attached"]);
  if (e.boundary) push(uses, e.boundary, [e.arn, "permissions boundary"]);
  e.text = [e.name, e.arn, e.about, e.trust, e.document, ...(e.inline || []).flatMap((p) => [p.name, p.text]),
    ...(e.tags || []).map((t) => t.key + "=" + t.value)].join("\n").toLowerCase();
}

// element makes an element with attributes and children. Texts become text nodes, so no content is read as HTML.
function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) e.setAttribute(key, value);
  e.append(...children.flat().filter((c) => c !== undefined && c !== null && c !== ""));
  return e;
}

function link(arn) {
  const e = byARN.get(arn);
  if (!e) return element("code", {}, arn);
  return element("a", { href: "#" + encodeURIComponent(arn), title: arn }, e.name);
}

// become returns the ARNs that a principal can become in several steps, with the first and the number of steps.
function become(start, map, end) {
  const found = new Map([[start, 0]]);
  const queue = [start];
  for (const at of queue) {
    for (const s of map.get(at) || []) {
      if (!found.has(s[end])) {
        found.set(s[end], found.get(at) + 1);
        queue.push(s[end]);
      }
    }
  }
  found.delete(start);
  return found;
}

const search = document.getElementById("search");
const list = document.getElementById("list");
const detail = document.getElementById("detail");
let shownKind = "";
const maxListed = 500;

function filterButtons() {
  const box = document.getElementById("kinds");
  for (const kind of ["", ...kinds]) {
    const n = data.entities.filter((e) => kind === "" || e.kind === kind).length;
    if (n === 0 && kind !== "") continue;
    const plural = { "": "all", policy: "policies", outside: "outside", administrator: "administrator" }[kind] || kind + "s";
    const button = element("button", { type: "button", "aria-pressed": String(kind === shownKind) }, plural + " " + n);
    button.addEventListener("click", () => {
      shownKind = kind;
      for (const b of box.children) b.setAttribute("aria-pressed", String(b === button));
      showList();
    });
    box.append(button);
  }
}

function showList() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = data.entities.filter((e) => (shownKind === "" || e.kind === shownKind) && words.every((w) => e.text.includes(w)));
  const current = selected();
  list.replaceChildren(...found.slice(0, maxListed).map((e) => {
    const a = element("a", { href: "#" + encodeURIComponent(e.arn) }, element("span", {}, e.name), element("span", { class: "badge" }, e.kind));
    if (e.arn === current) a.setAttribute("aria-current", "true");
    return element("li", {}, a);
  }));
  document.getElementById("count").textContent = found.length + " found" +
    (found.length > maxListed ? ", the first " + maxListed + " are listed" : "");
}

function selected() {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return "";
  }
}

function policyText(title, text) {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch { /* a text that is not JSON is shown as it is */ }
  return element("details", {}, element("summary", {}, title), element("pre", {}, shown));
}

function section(title, ...children) {
  const content = children.flat().filter(Boolean);
  return content.length === 0 ? [] : [element("h3", {}, title), ...content];
}

function stepItem(s, other) {
  return element("div", { class: "step" + (s.assumes ? "" : " changes") }, link(other), " ",
    element("span", { class: "badge" }, s.assumes ? "assumes the role" : "changes the account"), element("div", {}, s.text),
    s.condition ? element("div", { class: "condition" }, "if " + s.condition) : "");
}

// graph draws who can become the entity on the left, and whom it can become on the right.
function graph(e) {
  const max = 12, width = 760, box = 200, row = 34;
  const left = [...new Set((incoming.get(e.arn) || []).map((s) => s.from))].slice(0, max);
  const right = [...new Set((outgoing.get(e.arn) || []).map((s) => s.to))].slice(0, max);
  if (left.length + right.length === 0) return null;
  const height = Math.max(left.length, right.length, 1) * row + 10;
  const space = "http://www.w3.org/2000/svg";
  const make = (name, attributes) => {
    const n = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) n.setAttribute(key, value);
    return n;
  };
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, width: width, role: "img", "aria-label": "Who can become whom" });
  const marker = make("marker", { id: "end", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
  marker.append(make("path", { d: "M0 0 8 4 0 8z" }));
  const defs = make("defs", {});
  defs.append(marker);
  svg.append(defs);
  const y = (i, n) => height / 2 + (i - (n - 1) / 2) * row;
  const node = (arn, x, at, self) => {
    const g = make("g", self ? { class: "self" } : {});
    g.append(make("rect", { x: x, y: at - 13, width: box, height: 26, rx: 5 }));
    const name = (byARN.get(arn) || { name: arn }).name;
    const text = make("text", { x: x + 8, y: at + 4 });
    text.textContent = name.length > 26 ? name.slice(0, 25) + "…" : name;
    const a = make("a", { href: "#" + encodeURIComponent(arn) });
    const title = make("title", {});
    title.textContent = arn;
    a.append(title, text);
    g.append(a);
    svg.append(g);
  };
  const line = (x1, y1, x2, y2, changes) => {
    const half = (x1 + x2) / 2;
    svg.append(make("path", { d: `M${x1} ${y1}C${half} ${y1} ${half} ${y2} ${x2} ${y2}`, "marker-end": "url(#end)", class: changes ? "changes" : "" }));
  };
  const middle = (width - box) / 2;
  const changes = (steps) => steps.every((s) => !s.assumes);
  left.forEach((arn, i) => {
    line(box, y(i, left.length), middle, height / 2, changes(incoming.get(e.arn).filter((s) => s.from === arn)));
    node(arn, 0, y(i, left.length));
  });
  right.forEach((arn, i) => {
    line(middle + box, height / 2, width - box, y(i, right.length), changes(outgoing.get(e.arn).filter((s) => s.to === arn)));
    node(arn, width - box, y(i, right.length));
  });
  node(e.arn, middle, height / 2, true);
  return svg;
}

// about returns what the page says below the name of an entity.
function about(e) {
  if (e.kind === "outside") return ["outside the account"];
  if (e.kind === "administrator") return ["may do everything in the account"];
  return [e.kind + " · ", element("code", {}, e.arn)];
}

function later(title, e, map, end) {
  const far = [...become(e.arn, map, end)].filter(([, steps]) => steps > 1);
  if (far.length === 0) return null;
  return element("p", {}, title + " ", ...far.slice(0, 50).flatMap(([arn, steps], i) => [i ? ", " : "", link(arn), ` (${steps} steps)`]),
    far.length > 50 ? `, and ${far.length - 50} more` : "");
}

function showDetail() {
  const e = byARN.get(selected());
  if (!e) {
    const open = (data.open || []).map((text) => element("li", {}, text));
    detail.replaceChildren(element("h2", {}, "Choose a user, group, role or policy"),
      element("p", {}, "The list has everything in the account. A search finds names, ARNs, tags and words of policies, such as an action."),
      ...section("Not decided", open.length ? element("ul", {}, open) : null));
    return;
  }
  const rows = (title, arns, note) => section(title,
    arns && arns.length ? element("ul", { class: "plain" }, arns.map((x) => element("li", {}, link(Array.isArray(x) ? x[0] : x),
      Array.isArray(x) && note ? element("span", { class: "quiet" }, " " + x[1]) : ""))) : null);
  const policies = [...(e.attached || []).map((arn) => {
    const p = byARN.get(arn);
    return p && p.document ? element("div", {}, link(arn), policyText("document", p.document)) : element("div", {}, link(arn));
  }), ...(e.inline || []).map((p) => policyText("inline policy " + p.name, p.text))];
  detail.replaceChildren(...[
    element("h2", {}, e.name), element("p", { class: "quiet" }, ...about(e)),
    e.about ? element("p", {}, e.about) : null, e.created ? element("p", { class: "quiet" }, "created " + e.created) : null,
    ...section("Who can become whom", graph(e)),
    ...section("Can become", (outgoing.get(e.arn) || []).map((s) => stepItem(s, s.to)), later("In several steps:", e, outgoing, "to")),
    ...section("Can be reached by", (incoming.get(e.arn) || []).map((s) => stepItem(s, s.from)), later("In several steps:", e, incoming, "from")),
    ...rows("Groups", e.groups), ...rows("Members", members.get(e.arn)), ...section("Policies", policies),
    ...rows("Permissions boundary", e.boundary ? [e.boundary] : []), ...rows("Used by", uses.get(e.arn), true),
    ...section("Trust policy", e.trust ? policyText("document", e.trust) : null),
    ...section("Document", e.document ? policyText("default version", e.document) : null),
    ...section("Tags", e.tags && e.tags.length ? element("ul", { class: "plain" }, e.tags.map((t) => element("li", {}, element("code", {}, t.key + " = " + t.value)))) : null),
  ].filter(Boolean));
  detail.querySelectorAll("details").forEach((d, i, all) => { d.open = all.length === 1; });
  detail.focus({ preventScroll: true });
  detail.scrollTop = 0;
}

document.getElementById("made").textContent = "as of " + data.made;
filterButtons();
search.addEventListener("input", showList);
window.addEventListener("hashchange", () => { showList(); showDetail(); });
showList();
showDetail();
