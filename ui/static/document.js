// Copies the official reference: of the words selected, else of those cited, else of the speech.
"use strict";
(() => {
  const button = document.querySelector(".copy");
  const label = document.querySelector(".reference");
  const text = document.querySelector("main");

  function chosen() {
    const selection = document.getSelection();
    const words = selection ? selection.toString().trim() : "";
    if (words && text.contains(selection.anchorNode)) {
      const range = selection.getRangeAt(0).startContainer;
      const paragraph = (range.nodeType === Node.ELEMENT_NODE ? range : range.parentElement).closest("p");
      return [words, paragraph ? paragraph.dataset.reference : ""];
    }
    const marked = [...text.querySelectorAll("mark")].map((mark) => mark.textContent).join("");
    return [marked, label.textContent.trim()];
  }

  async function put(words) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(words);
    const field = document.createElement("textarea"); // plain http on an intranet has no clipboard of its own
    field.value = words;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }

  button.hidden = false;
  button.addEventListener("pointerdown", (event) => event.preventDefault()); // the selection stays
  button.addEventListener("click", async () => {
    const [quote, reference] = chosen();
    await put(quote ? `“${quote}”（${reference}）` : reference);
    const said = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => (button.textContent = said), 2000);
  });
})();
