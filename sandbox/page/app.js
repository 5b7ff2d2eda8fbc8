// The sandbox's page: a phone beside X. It shows what the sandbox knows and sends what people do; nothing else.
"use strict";
const $ = (id) => document.getElementById(id);
const ALLOWED = new Set(["B", "STRONG", "I", "EM", "U", "S", "CODE", "PRE", "A", "BLOCKQUOTE"]);
let state = null;
let toastShown = "";

async function send(path, body) {
  const answer = await fetch(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  return answer.json();
}

// Telegram's few tags, rebuilt one by one: nothing else of a text becomes markup.
function formatted(html, into) {
  const source = new DOMParser().parseFromString(html.replaceAll("</blockquote>\n", "</blockquote>"), "text/html").body;
  const copy = (from, to) => {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) { to.append(node.textContent); continue; }
      if (!ALLOWED.has(node.tagName)) { to.append(node.textContent); continue; }
      const made = document.createElement(node.tagName);
      if (node.tagName === "A" && /^https?:/.test(node.href)) { made.href = node.href; made.target = "_blank"; made.rel = "noopener"; }
      copy(node, made);
      to.append(made);
    }
  };
  copy(source, into);
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

const clock = (seconds) => new Date(seconds * 1000).toTimeString().slice(0, 5);
const person = () => Number($("person").value);
const room = () => Number($("where").value.split(":")[0]) || undefined;
const topic = () => Number($("where").value.split(":")[1]) || undefined;

function options(select, items, value, label) {
  const key = JSON.stringify(items.map((i) => [value(i), label(i)]));
  if (select.dataset.key === key) return;
  const before = select.value;
  select.replaceChildren(...items.map((i) => { const o = element("option", label(i)); o.value = value(i); return o; }));
  if ([...select.options].some((o) => o.value === before)) select.value = before;
  select.dataset.key = key;
}

function message(m) {
  const mine = m.from.id === person();
  const bubble = element("div", undefined, "bubble" + (mine ? " mine" : ""));
  if (m.document && !m.animation) {
    const link = element("span", "📄 " + m.document.file_name, "file");
    bubble.append(link, element("br"));
  }
  const photo = m.photo && m.photo[m.photo.length - 1];
  if (photo) {
    const shown = element("img", undefined, "photo");
    shown.src = "/sandbox/telegram/file/" + photo.file_id;
    shown.onload = () => { $("chat").scrollTop = $("chat").scrollHeight; };
    bubble.append(shown);
  }
  if (m.video || m.animation) bubble.append(element("span", "🎬 " + (m.video || m.animation).file_name, "file"), element("br"));
  if (m.html) formatted(m.html, bubble); else bubble.append(m.text || m.caption || "");
  const happened = Object.keys(m).find((k) => /^(forum_topic|migrate)_/.test(k));
  if (happened) bubble.append(element("i", happened.replaceAll("_", " ") + (m[happened].name ? ": " + m[happened].name : "")));
  bubble.append(element("time", clock(m.date) + (m.edit_date ? " edited" : "")));
  const rows = m.reply_markup ? m.reply_markup.inline_keyboard : [];
  if (!rows.length) return bubble;
  const group = element("div", undefined, "group");
  const keys = element("div", undefined, "keys");
  for (const row of rows) {
    const line = element("div");
    for (const b of row) {
      const key = element("button", b.text);
      key.onclick = () => b.url ? window.open(b.url, "_blank") : send("/sandbox/telegram/press", { person: person(), message_id: m.message_id, data: b.callback_data, chat: room() });
      line.append(key);
    }
    keys.append(line);
  }
  group.append(bubble, keys);
  return group;
}

// What people do to groups: found one, make a topic, close or delete it, take the bot out, make it a supergroup.
function groupActs(chat) {
  const act = (label, body) => {
    const chip = element("button", label, "act");
    chip.onclick = () => send("/sandbox/telegram/group", { person: person(), chat: chat.id, topic: topic(), ...body });
    return chip;
  };
  if (!chat.group) return [act("+ forum", { act: "found", title: "Mesa", forum: true })];
  const now = chat.inside.topics.find((t) => t.id === topic());
  return [
    ...(chat.inside.forum ? [act("+ topic", { act: "topic", name: "Tema " + (chat.inside.topics.length + 1) })] : []),
    ...(now ? [act(now.closed ? "open it" : "close it", { act: now.closed ? "reopen" : "close" }), act("delete it", { act: "delete" })] : []),
    ...(chat.inside.supergroup ? [] : [act("→ supergroup", { act: "migrate" })]),
    ...(chat.inside.bot === "member" ? [act("bot out", { act: "bot", status: "kicked" }), act("bot mute", { act: "bot", status: "restricted" })]
      : [act("bot in", { act: "bot", status: "member" })]),
  ];
}

function drawPhone() {
  options($("person"), state.people, (p) => p.id, (p) => p.name + " · " + p.language);
  const groups = state.chats.filter((c) => c.group && !c.inside.moved_to).flatMap((c) => [c,
    ...c.inside.topics.map((t) => ({ id: c.id + ":" + t.id, title: c.title + " # " + t.name + (t.closed ? " (closed)" : "") }))]);
  options($("where"), [{ id: 0, title: "Canales" }, ...groups], (c) => c.id, (c) => c.title);
  const chat = state.chats.find((c) => c.id === (room() || person()));
  const log = $("chat");
  const key = JSON.stringify([chat, topic()]);
  if (log.dataset.key !== key) {
    log.dataset.key = key;
    log.replaceChildren(...chat.messages.filter((m) => !topic() || m.message_thread_id === topic()).map(message));
    log.scrollTop = log.scrollHeight;
  }
  const language = state.people.find((p) => p.id === person()).language;
  const commands = state.commands[language] || state.commands[""] || [];
  $("menu").replaceChildren(...commands.map((c) => {
    const item = element("button", "/" + c.command);
    item.append(element("small", c.description));
    item.onclick = () => { $("menu").hidden = true; say("/" + c.command); };
    return item;
  }));
  const typed = chat.group ? [{ es: "/mesa" }[language] || "/desk", { es: "/pendientes" }[language] || "/held"] : chat.messages.length ? state.typed[language] || state.typed.en : ["/start"];
  $("chips").replaceChildren(...typed.map((t) => {
    const chip = element("button", t.length > 34 ? t.slice(0, 33) + "…" : t);
    chip.title = t;
    chip.onclick = () => say(t);
    return chip;
  }), ...groupActs(chat));
  const toast = state.toasts[person()] || "";
  if (toast !== toastShown) {
    toastShown = toast;
    $("toast").textContent = toast;
    $("toast").hidden = !toast;
    setTimeout(() => { $("toast").hidden = true; }, 5000);
  }
}

function drawX() {
  options($("account"), state.users.filter((u) => u.channel), (u) => u.handle, (u) => "@" + u.handle);
  options($("author"), state.users.filter((u) => !u.channel), (u) => u.handle, (u) => u.name + " @" + u.handle);
  const account = $("account").value;
  $("lines").replaceChildren(...state.lines.map((l) => {
    const chip = element("button", ({ dm: "✉️ ", post: "📢 " }[l.kind] || "💬 ") + l.text);
    chip.title = l.note + ": " + l.text;
    chip.onclick = () => { $("author").value = l.handle; $("kind").value = l.kind; $("kind").onchange(); $("post").value = l.text.replace("@TraficoValle", "@" + account); };
    return chip;
  }));
  const channels = new Set(state.users.filter((u) => u.channel).map((u) => u.handle));
  const named = (p) => p.text.toLowerCase().includes("@" + account.toLowerCase());
  const posts = state.posts.filter((p) => !channels.has(p.handle) && !/@\w/.test(p.text) || p.handle === account || named(p));
  $("timeline").replaceChildren(...posts.map((p) => {
    const own = p.handle === account;
    const item = element("article", undefined, (p.deleted ? "gone " : "") + (own ? "own" : "other"));
    item.append(element("div", p.repost ? "🔁 " + p.name + " reposted" : own ? "" : named(p) ? "mentions @" + account : "posts", "by"));
    item.append(element("b", p.writer), element("span", "@" + p.writer_handle), element("time", clock(p.at)), element("p", p.text));
    if (p.answers) item.classList.add("answer");
    for (const m of p.media) {
      const shown = element(m.mime.startsWith("video") ? "video" : "img", undefined, "photo");
      shown.src = "/sandbox/x/media/" + m.id;
      shown.alt = shown.title = m.alt;
      item.append(shown);
    }
    return item;
  }));
  if (!posts.length) $("timeline").append(element("div", "Nothing here yet. Pick a message above and send it.", "empty"));
}

// A fault as the page sets it: what its row says, for whom and on which calls.
function fault(row) {
  const value = (name) => row.querySelector(`[name=${name}]`)?.value;
  const set = { rate: row.querySelector("input[type=checkbox]").checked ? 1 : 0 };
  if (value("seconds")) set.seconds = Number(value("seconds"));
  for (const name of ["answer", "on", "whose"]) if (value(name)) set[name] = value(name);
  return send("/sandbox/faults", { [row.dataset.fault]: set });
}

function choice(name, label, items) {
  const select = element("select");
  select.name = name;
  select.setAttribute("aria-label", label);
  select.append(...items.map(([value, text]) => { const o = element("option", text); o.value = value; return o; }));
  return select;
}

function faultRow(name, f) {
  const row = element("div", undefined, "fault");
  row.dataset.fault = name;
  const label = element("label");
  const tick = element("input");
  tick.type = "checkbox";
  tick.dataset.fault = name;
  label.append(tick, element("span", f.says));
  const more = element("div", undefined, "more");
  if (f.seconds !== null) {
    const seconds = element("input");
    Object.assign(seconds, { type: "number", name: "seconds", min: 0, step: "any", value: f.seconds, title: "seconds" });
    more.append(seconds, element("span", "s"));
  }
  if (f.answers.length) more.append(choice("answer", "Which answer", f.answers.map((a) => [a, a])));
  if (f.calls.length) more.append(choice("on", "On which calls", [["", "any call"], ...f.calls.map((c) => [c, c])]));
  if (f.narrows) more.append(choice("whose", "For whom", [["", "everybody"]]));
  row.append(label, more);
  row.onchange = (event) => { if (event.target === tick || tick.checked) fault(row); };
  return row;
}

function drawFaults() {
  const box = $("switches");
  if (!box.children.length) {
    for (const place of new Set(Object.values(state.faults).map((f) => f.place))) {
      const group = element("details");
      group.open = place === "X";
      const rows = Object.entries(state.faults).filter(([, f]) => f.place === place);
      group.append(element("summary", place), ...rows.map(([name, f]) => faultRow(name, f)));
      box.append(group);
    }
  }
  const named = { user: state.users.filter((u) => u.channel).map((u) => [u.handle, "@" + u.handle]), chat: state.chats.map((c) => [String(c.id), c.title]) };
  for (const row of box.querySelectorAll(".fault")) {
    const f = state.faults[row.dataset.fault];
    row.querySelector("input[type=checkbox]").checked = f.rate > 0;
    const whose = row.querySelector("[name=whose]");
    if (whose) options(whose, [["", "everybody"], ...named[f.narrows]], (i) => i[0], (i) => i[1]);
  }
  $("world").checked = state.world.on;
  $("stream").textContent = state.stream.connected ? "stream connected" : "stream down";
  $("stream").classList.toggle("ok", state.stream.connected);
  $("bill").textContent = `X bills $${(state.bill.cost / 1e6).toFixed(3)}`;
  $("bill").title = Object.entries(state.bill.lines).map(([what, [count, cost]]) => `${count} ${what}: $${(cost / 1e6).toFixed(3)}`).join("\n");
}

function draw() { drawPhone(); drawX(); drawFaults(); }

function say(text) { return send("/sandbox/telegram/say", { person: person(), text, chat: room(), topic: topic() }); }

$("write").onsubmit = (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  $("text").value = "";
  if (text) say(text);
};
$("text").onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); $("write").requestSubmit(); }
};
$("attach").onclick = () => $("file").click();
$("file").onchange = async () => {
  const files = [...$("file").files], album = files.length > 1 ? "album" + Date.now() : "";
  const caption = $("text").value.trim();
  $("text").value = "";
  for (const [at, file] of files.entries()) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = "";
    for (let i = 0; i < bytes.length; i += 8192) binary += String.fromCharCode(...bytes.subarray(i, i + 8192));
    const sent = { name: file.name, base64: btoa(binary) };
    await send("/sandbox/telegram/say", { person: person(), file: sent, caption: at ? "" : caption, chat: room(), album });
  }
  $("file").value = "";
};
$("open-menu").onclick = () => { $("menu").hidden = !$("menu").hidden; };
$("person").onchange = draw;
$("where").onchange = draw;
$("account").onchange = draw;
$("kind").onchange = () => { $("encrypting").hidden = $("kind").value !== "dm"; };
$("compose").onsubmit = async (event) => {
  event.preventDefault();
  const kind = $("kind").value, to = $("account").value;
  let text = $("post").value.trim();
  if (!text) return;
  if (kind === "mention" && !text.toLowerCase().includes("@" + to.toLowerCase())) text += " @" + to;
  $("post").value = "";
  const encrypted = kind === "dm" && $("encrypted").checked;
  const answer = await send("/sandbox/x/say", { handle: $("author").value, kind, text, to, encrypted });
  if (answer.detail) alert(answer.detail);
};
$("world").onchange = () => send("/sandbox/world", { on: $("world").checked });
$("raw").onsubmit = (event) => {
  event.preventDefault();
  send("/sandbox/faults", { raw_lines: { text: $("raw-line").value + "\r\n" } });
  $("raw-line").value = "";
};
for (const button of document.querySelectorAll("[data-act]")) {
  button.onclick = () => send("/sandbox/x/act", { act: button.dataset.act, handle: $("account").value });
}

$("phone-keys").onclick = () => send("/sandbox/x/chat", { act: "make_keys", handle: $("account").value, pin: "8315" });

async function follow() {
  for (;;) {
    try {
      const answer = await fetch("/sandbox/state?since=" + (state ? state.version : 0));
      state = await answer.json();
      draw();
    } catch (error) {
      $("stream").textContent = "sandbox stopped";
      $("stream").classList.remove("ok");
      await new Promise((done) => setTimeout(done, 1000));
      state = null;
    }
  }
}
follow();
