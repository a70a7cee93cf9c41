// SPDX-License-Identifier: Apache-2.0
// The list of keys, on `?`.

import { byId, h } from "./dom.js";

/** @type {[string, [string, string][]][]} */
const sections = [
    ["Everywhere", [
        ["?", "this help"],
        ["/", "search or find"],
        ["Esc", "close, clear"],
    ]],
    ["Results", [
        ["j  k", "next, previous trace"],
        ["Enter", "open it"],
    ]],
    ["Waterfall", [
        ["↓ ↑  j k", "next, previous span"],
        ["→ ←", "open or go in, close or go out"],
        ["Enter", "details of the span"],
        ["Home End", "first, last span"],
        ["PgDn PgUp", "a screen further, back"],
        ["[  ]", "collapse all, expand all"],
        ["n  N", "next, previous match"],
        ["e  E", "next, previous error"],
        ["+  −  0", "zoom in, out, whole trace"],
        ["⇧ ←  ⇧ →", "earlier, later"],
        ["c", "critical path"],
        ["u", "back to the results"],
    ]],
];

/** @type {HTMLDialogElement|null} */
let dialog = null;

/** Opens the help, or closes it. */
export function toggleHelp() {
    dialog ??= build();
    if (dialog.open) dialog.close();
    else dialog.showModal();
}

/** Makes the top bar's button open it. */
export function startHelp() {
    byId("help-open", HTMLButtonElement).addEventListener("click", toggleHelp);
}

function build() {
    const close = h("button", {
        type: "button", class: "icon-button", "aria-label": "Close", onclick: toggleHelp,
    }, "✕");
    const made = h(
        "dialog", { class: "help", "aria-labelledby": "help-title" },
        h("header", {}, h("h2", { id: "help-title" }, "Keyboard"), close),
        h("div", { class: "help-sections" }, sections.map(([title, keys]) => h(
            "section", {},
            h("h3", {}, title),
            h("dl", {}, keys.flatMap(([key, meaning]) => [
                h("dt", {}, key.split(/\s+/).map((each) => h("kbd", {}, each))),
                h("dd", {}, meaning),
            ])),
        ))),
    );
    made.addEventListener("click", (event) => {
        if (event.target === made) made.close();
    });
    document.body.append(made);
    return made;
}
