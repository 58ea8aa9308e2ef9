// <speech-qa endpoint token token-url lang theme mode>: ask an organisation's speeches from any page.
//
// endpoint   where SpeechQA is; left out, where this script came from
// token      a token of POST /v1/tokens; left out where the service needs none
// token-url  an address of the portal that gives {"token": "…"}; asked for the first and when one has expired
// lang       zh or en; left out, the browser's
// theme      light or dark; left out, the system's
// mode       button (floating, the default) or inline
//
// Everything from the service is put in as text, never as markup. No inline style or script, no eval: it runs under a
// strict Content-Security-Policy that names the service in script-src and connect-src.

const HOME = new URL(document.currentScript?.src ?? location.href).origin;

const TEXTS = {
  zh: {
    title: "讲话问答", open: "打开讲话问答", close: "关闭", ask: "请输入问题", send: "提问", thinking: "正在查阅讲话……",
    near: "最接近的段落", source: "原文", copy: "复制出处", copied: "已复制", back: "返回", again: "新对话",
    expired: "登录已过期，请刷新页面后再试。", offline: "无法连接讲话问答服务，请稍后重试。",
  },
  en: {
    title: "Ask the speeches", open: "Ask the speeches", close: "Close", ask: "Your question", send: "Ask",
    thinking: "Looking through the speeches …", near: "Nearest passages", source: "Passage", copy: "Copy reference",
    copied: "Copied", back: "Back", again: "New conversation",
    expired: "Your sign-in has expired. Reload the page and try again.",
    offline: "SpeechQA cannot be reached. Try again shortly.",
  },
};

const AROUND = 300; // characters of a speech shown before and after a quotation

const STYLE = `
  :host { --bg: #fff; --fg: #1b2430; --soft: #f1f4f8; --line: #d4dbe4; --accent: #1d4ed8; --on-accent: #fff; --mark: #fff1b8;
    font: 15px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: var(--fg); }
  :host([data-dark]) { --bg: #151b23; --fg: #e6ebf1; --soft: #202a36; --line: #384454; --accent: #8ab4ff; --on-accent: #101720; --mark: #5b4a00; }
  * { box-sizing: border-box; }
  button, textarea { font: inherit; color: inherit; }
  button { cursor: pointer; border: 1px solid var(--line); border-radius: 8px; background: var(--bg); padding: 4px 12px; }
  button:focus-visible, textarea:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
  .launch { position: fixed; right: 24px; bottom: 24px; z-index: 2147483000; background: var(--accent); color: var(--on-accent);
    border-color: transparent; border-radius: 999px; padding: 12px 20px; box-shadow: 0 4px 16px #0004; }
  .panel { display: flex; flex-direction: column; background: var(--bg); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
  .floating { position: fixed; right: 24px; bottom: 84px; z-index: 2147483000; width: min(420px, calc(100vw - 32px));
    height: min(620px, calc(100vh - 120px)); box-shadow: 0 8px 32px #0005; }
  .inline { height: 100%; min-height: 420px; }
  [hidden] { display: none !important; }
  header { display: flex; gap: 8px; align-items: center; padding: 8px 12px; border-bottom: 1px solid var(--line); }
  header strong { flex: 1; }
  .log, .passage { flex: 1; overflow: auto; padding: 12px; }
  .said { margin: 0 0 12px; overflow-wrap: anywhere; }
  .mine { background: var(--soft); border-radius: 10px; padding: 6px 12px; margin-left: 15%; }
  .sentence { display: block; margin-bottom: 4px; white-space: pre-wrap; }
  .passage button { margin-right: 8px; }
  .cite { padding: 0 6px; margin-left: 4px; border-radius: 6px; font-size: 12px; color: var(--accent); }
  .label { font-size: 13px; opacity: 0.8; }
  mark { background: var(--mark); color: inherit; }
  .passage p { white-space: pre-wrap; }
  form { display: flex; gap: 8px; padding: 10px 12px; border-top: 1px solid var(--line); }
  textarea { flex: 1; resize: none; background: var(--bg); border: 1px solid var(--line); border-radius: 8px; padding: 6px 10px; }
  .send { background: var(--accent); color: var(--on-accent); border-color: transparent; }
`;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

class ServiceError extends Error {
  constructor(status, error) {
    super([error.message, error.hint].filter(Boolean).join(" "));
    this.status = status;
    this.code = error.code;
  }
}

class SpeechQA extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });
  #token = "";
  #conversation = null;
  #parts = {};
  #busy = false;

  connectedCallback() {
    if (this.#parts.panel) return;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.#root.adoptedStyleSheets = [sheet];
    this.#token = this.getAttribute("token") ?? "";
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const paint = () => this.toggleAttribute("data-dark", (this.getAttribute("theme") ?? (dark.matches ? "dark" : "light")) === "dark");
    dark.addEventListener("change", paint);
    paint();
    this.#build();
  }

  get #language() {
    return (this.getAttribute("lang") || navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en";
  }

  get #texts() {
    return TEXTS[this.#language];
  }

  get #endpoint() {
    return (this.getAttribute("endpoint") ?? HOME).replace(/\/+$/, "");
  }

  #build() {
    const texts = this.#texts;
    const inline = this.getAttribute("mode") === "inline";
    const log = element("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": texts.title });
    const passage = element("section", { class: "passage", tabindex: "-1", "aria-label": texts.source, hidden: "" });
    const question = element("textarea", { rows: "1", maxlength: "2000", "aria-label": texts.ask, placeholder: texts.ask });
    const send = element("button", { class: "send", type: "submit" }, texts.send);
    const form = element("form", {}, question, send);
    const again = element("button", { type: "button" }, texts.again);
    const close = element("button", { type: "button", "aria-label": texts.close }, "✕");
    const header = element("header", {}, element("strong", {}, texts.title), again, ...(inline ? [] : [close]));
    const panel = element("div", { class: `panel ${inline ? "inline" : "floating"}`, role: inline ? "region" : "dialog", "aria-label": texts.title }, header, log, passage, form);
    this.#parts = { log, passage, question, send, panel };
    form.addEventListener("submit", (event) => { event.preventDefault(); this.#ask(question.value); });
    question.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    });
    again.addEventListener("click", () => { this.#conversation = null; log.replaceChildren(); this.#show(null); question.focus(); });
    this.#root.append(panel);
    if (inline) return;
    const launch = element("button", { class: "launch", type: "button", "aria-expanded": "false" }, texts.open);
    const toggle = (open) => {
      panel.hidden = !open;
      launch.setAttribute("aria-expanded", String(open));
      (open ? question : launch).focus();
    };
    panel.hidden = true;
    launch.addEventListener("click", () => toggle(panel.hidden));
    close.addEventListener("click", () => toggle(false));
    panel.addEventListener("keydown", (event) => { if (event.key === "Escape") passage.hidden ? toggle(false) : this.#show(null); });
    this.#root.prepend(launch);
  }

  async #fetch(path, options = {}, renewed = false) {
    if (!this.#token && this.hasAttribute("token-url")) await this.#renew();
    const headers = { "Accept-Language": this.#language, ...options.headers };
    if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
    const answer = await fetch(this.#endpoint + path, { ...options, headers, credentials: "omit" });
    if (answer.ok) return answer;
    const error = (await answer.json().catch(() => ({}))).error ?? { message: answer.statusText };
    if (answer.status === 401 && !renewed && (await this.#renew())) return this.#fetch(path, options, true);
    throw new ServiceError(answer.status, answer.status === 401 ? { code: error.code, message: this.#texts.expired } : error);
  }

  // A page may also set `renewToken`, a function that gives the next token.
  async #renew() {
    let token = null;
    if (typeof this.renewToken === "function") token = await this.renewToken();
    else if (this.hasAttribute("token-url")) {
      const answer = await fetch(this.getAttribute("token-url"), { method: "POST", credentials: "same-origin" });
      if (answer.ok) token = (await answer.json()).token;
    }
    if (!token) return false;
    this.#token = token;
    return true;
  }

  async #ask(text) {
    if (!text.trim() || this.#busy) return;
    const { log, question, send } = this.#parts;
    this.#busy = send.disabled = true;
    question.value = "";
    this.#show(null);
    const said = element("div", { class: "said" }, this.#texts.thinking);
    log.append(element("p", { class: "said mine" }, text), said);
    log.scrollTop = log.scrollHeight;
    try {
      const body = JSON.stringify({ question: text, stream: true, ...(this.#conversation && { conversation_id: this.#conversation }) });
      const answer = await this.#fetch("/v1/ask", { method: "POST", body, headers: { "Content-Type": "application/json" } });
      let sources = [];
      for await (const [name, data] of events(answer.body)) {
        if (name === "sources") { sources = data.citations; said.replaceChildren(); }
        if (name === "sentence") said.append(this.#sentence(data, sources));
        if (name === "answer") { this.#conversation = data.conversation_id; this.#finish(said, data); }
        if (name === "error") throw new ServiceError(0, data.error ?? data);
        log.scrollTop = log.scrollHeight;
      }
    } catch (error) {
      said.replaceChildren(error instanceof ServiceError ? error.message : this.#texts.offline);
      said.setAttribute("role", "alert");
    } finally {
      this.#busy = send.disabled = false;
      question.focus();
    }
  }

  #finish(said, answer) {
    said.replaceChildren(...answer.sentences.map((sentence) => this.#sentence(sentence, answer.citations)));
    if (!answer.sentences.length) said.append(answer.answer);
    if (answer.abstained && answer.near_misses.length) {
      said.append(element("p", { class: "label" }, this.#texts.near, ...answer.near_misses.map((near) => this.#cite(near))));
    }
  }

  #sentence(sentence, sources) {
    const cited = sources.filter((source) => sentence.citations.includes(source.number));
    return element("span", { class: "sentence" }, sentence.text, ...cited.map((source) => this.#cite(source)));
  }

  #cite(citation) {
    const button = element("button", { class: "cite", type: "button", title: citation.label, "aria-label": `[${citation.number}] ${citation.label}` }, `[${citation.number}]`);
    button.addEventListener("click", () => this.#open(citation, button));
    return button;
  }

  // The passage, its quotation marked, around it the speech; offsets count code points.
  async #open(citation, from) {
    let text = citation.quote;
    let [start, end] = [0, Array.from(text).length];
    try {
      const answer = await this.#fetch(`/v1/documents/${encodeURIComponent(citation.document_id)}/text`);
      text = (await answer.json()).text;
      [start, end] = [citation.start, citation.end];
    } catch (error) {
      if (!(error instanceof ServiceError)) return;
    }
    const points = Array.from(text);
    const slice = (a, b) => points.slice(Math.max(0, a), b).join("");
    const mark = element("mark", {}, slice(start, end));
    const copy = element("button", { type: "button" }, this.#texts.copy);
    copy.addEventListener("click", async () => { await navigator.clipboard?.writeText(citation.label); copy.textContent = this.#texts.copied; });
    const back = element("button", { type: "button" }, this.#texts.back);
    back.addEventListener("click", () => { this.#show(null); from.focus(); });
    this.#show([
      element("p", { class: "label" }, citation.label),
      copy,
      back,
      element("p", {}, start > AROUND ? "…" : "", slice(start - AROUND, start), mark, slice(end, end + AROUND), end + AROUND < points.length ? "…" : ""),
    ]);
    mark.scrollIntoView?.({ block: "center" });
  }

  #show(children) {
    const { log, passage } = this.#parts;
    passage.hidden = children === null;
    log.hidden = children !== null;
    passage.replaceChildren(...(children ?? []));
    if (children) passage.focus();
  }
}

// Server-sent events of a response, as [name, data].
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    buffer += value.replaceAll("\r", "");
    let end;
    while ((end = buffer.indexOf("\n\n")) >= 0) {
      const lines = buffer.slice(0, end).split("\n");
      buffer = buffer.slice(end + 2);
      const field = (name) => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, "")).join("\n");
      if (field("data")) yield [field("event") || "message", JSON.parse(field("data"))];
    }
  }
}

if (!customElements.get("speech-qa")) customElements.define("speech-qa", SpeechQA);
