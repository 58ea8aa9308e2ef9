// Copies the official reference: of the words selected, else of those cited, else of the speech.
"use strict";
(() => {
  const button = document.querySelector(".copy");
  const label = document.querySelector(".reference").textContent.trim();
  const text = document.querySelector("main");
  const copy = button.textContent;
  let restoring;

  // Where the selection begins in the speech, in code points; -1 where it is not in a paragraph of it.
  function place(range) {
    const node = range.startContainer;
    const paragraph = (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("main p");
    if (!paragraph) return -1;
    const before = document.createRange();
    before.selectNodeContents(paragraph);
    before.setEnd(range.startContainer, range.startOffset);
    return Number(paragraph.dataset.start) + [...before.toString()].length;
  }

  async function chosen() {
    const selection = document.getSelection();
    const words = selection ? selection.toString().trim() : "";
    const start = words ? place(selection.getRangeAt(0)) : -1;
    if (start >= 0) {
      const told = await fetch(`${location.pathname}/reference?start=${start}`);
      if (told.ok) return [words, (await told.json()).reference];
    }
    return [[...text.querySelectorAll("mark")].map((mark) => mark.textContent).join(""), label];
  }

  async function put(words) {
    if (navigator.clipboard && window.isSecureContext) {
      await navigator.clipboard.writeText(words);
      return true;
    }
    const field = document.createElement("textarea"); // plain http on an intranet has no clipboard of its own
    field.value = words;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }

  button.hidden = false;
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  button.addEventListener("click", async () => {
    const [quote, reference] = await chosen();
    if (!(await put(quote ? `“${quote}”（${reference}）` : reference))) return;
    button.textContent = button.dataset.done;
    clearTimeout(restoring);
    restoring = setTimeout(() => (button.textContent = copy), 2000);
  });
})();
