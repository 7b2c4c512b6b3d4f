// Shows the phones and sends replies; asks again whenever the simulator says so.
import { TEXTS } from "./texts.js";

const LATEST_PUSHES = 20;
const MOST_RECORDS = 50;
const GOOD_STATES = ["LAUNCHED", "REVIEW_PASSED", "Adopted"];
const PAUSE = 150;
const byId = (id) => document.getElementById(id);
const cards = new Map();
let language = localStorage.getItem("language");
if (!(language in TEXTS)) {
  language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}
let isLive = false;
let loading = false;
let stale = false;

function text(name, values = {}) {
  return TEXTS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

function element(tag, className, content) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = content;
  return made;
}

function stateOf(entry) {
  if (entry.state === "DELIVRD") return ["good", text("delivered")];
  if (entry.state === "accepted") return ["", text("travelling")];
  return ["bad", text("failed", { code: entry.state })];
}

function bubble(entry) {
  const item = element("li", entry.direction, "");
  const time = entry.at.slice(11, 16);
  const details = element("div", "details", "");
  if (entry.direction === "received") {
    const [tone, state] = stateOf(entry);
    item.append(element("div", "sender", entry.channel_number));
    details.append(element("span", tone, state));
    if (entry.parts > 1) {
      details.append(element("span", "", text("parts", { count: entry.parts })));
    }
  }
  details.append(element("time", "", time));
  item.append(element("div", "bubble", entry.text), details);
  return item;
}

async function sendReply(event, number) {
  event.preventDefault();
  const form = event.target;
  const problem = form.parentElement.querySelector(".problem");
  const input = form.elements.text;
  const content = input.value;
  input.value = "";
  const response = await fetch("/sim/reply", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ number, text: content }),
  });
  const { error, push } = await response.json();
  problem.textContent = error ?? problemOf(push);
  problem.hidden = problem.textContent === "";
}

function problemOf(push) {
  if (push === null) return text("noUplink");
  const { http_status: status, error } = push;
  if (status >= 200 && status < 300) return "";
  return text("refused", { answer: status ?? error });
}

function card(number) {
  if (!cards.has(number)) {
    const made = byId("phone").content.cloneNode(true).firstElementChild;
    made.querySelector("h2").textContent = number;
    made.querySelector("form").addEventListener("submit", (event) =>
      sendReply(event, number).catch(() => setLive(false)),
    );
    cards.set(number, { node: made, shown: "" });
    byId("phones").append(made);
  }
  return cards.get(number);
}

function showPhone(phone, position) {
  const own = card(phone.number);
  own.node.style.order = position;
  const input = own.node.querySelector("input");
  input.placeholder = text("placeholder");
  input.setAttribute("aria-label", text("replyTo", { number: phone.number }));
  own.node.querySelector("button").textContent = text("send");
  const content = language + JSON.stringify(phone.conversation);
  if (content === own.shown) return;
  own.shown = content;
  const list = own.node.querySelector("ol");
  list.replaceChildren(...phone.conversation.map(bubble));
  list.scrollTop = list.scrollHeight;
}

function pushRow(push) {
  const row = document.createElement("tr");
  const answer = push.http_status ?? push.error ?? text("waiting");
  const tone = push.http_status >= 200 && push.http_status < 300 ? "good" : "bad";
  const kind = text(push.kind) + (push.signed ? ` · ${text("signed")}` : "");
  row.append(
    element("td", "", push.at.slice(11, 19)),
    element("td", "", kind),
    element("td", "address", push.address),
    element("td", push.http_status || push.error ? tone : "", String(answer)),
  );
  return row;
}

function recordRow(kind, record, status, details) {
  const row = document.createElement("tr");
  row.append(
    element("td", "", `${text(kind)} ${record.record_id}`),
    element("td", "", record.name),
    element("td", GOOD_STATES.includes(status) ? "good" : "bad", status),
    element("td", "address", details ?? ""),
  );
  return row;
}

function recordRows({ applications, signatures, templates }) {
  return [
    ...applications.map((one) =>
      recordRow("application", one, one.status, one.uplink_url),
    ),
    ...signatures.map((one) =>
      recordRow("signature", one, one.status, one.review_desc || one.channel_number),
    ),
    ...templates
      .slice(0, MOST_RECORDS)
      .map((one) =>
        recordRow("template", one, one.flow_status, one.review_desc || one.text),
      ),
  ];
}

async function get(path) {
  const response = await fetch(path);
  return response.json();
}

async function load() {
  const [state, { phones }, { pushes }] = await Promise.all([
    get("/sim/state"),
    get("/sim/phones"),
    get(`/sim/pushes?last=${LATEST_PUSHES}`),
  ]);
  for (const name of ["requests", "accepted", "pushes"]) {
    byId(name).textContent = state[name];
  }
  const numbers = new Set(phones.map((phone) => phone.number));
  for (const [number, { node }] of cards) {
    if (!numbers.has(number)) {
      node.remove();
      cards.delete(number);
    }
  }
  byId("empty").hidden = phones.length > 0;
  byId("phones").hidden = phones.length === 0;
  phones.forEach(showPhone);
  byId("console").replaceChildren(...recordRows(state));
  byId("push-log").replaceChildren(...pushes.reverse().map(pushRow));
}

async function refresh() {
  stale = true;
  if (loading) return;
  loading = true;
  try {
    while (stale) {
      stale = false;
      await load();
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  } catch {
    setLive(false);
  } finally {
    loading = false;
  }
}

function setLive(value) {
  isLive = value;
  byId("live").textContent = text(value ? "live" : "lost");
  byId("live").classList.toggle("lost", !value);
}

function showTexts() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  document.title = text("title");
  for (const node of document.querySelectorAll("[data-text]")) {
    node.textContent = text(node.dataset.text);
  }
  byId("language").textContent = text("other");
  setLive(isLive);
}

byId("language").addEventListener("click", () => {
  language = language === "zh" ? "en" : "zh";
  localStorage.setItem("language", language);
  showTexts();
  refresh();
});
showTexts();
const events = new EventSource("/sim/events");
events.addEventListener("open", () => setLive(true));
events.addEventListener("message", refresh);
events.addEventListener("error", () => setLive(false));
