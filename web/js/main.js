// SPDX-License-Identifier: Apache-2.0
// Start: two views, one address bar.

import { byId } from "./dom.js";
import { startHelp, toggleHelp } from "./help.js";
import { SearchView } from "./search-view.js";
import { startTheme } from "./theme.js";
import { TraceView } from "./trace-view.js";

const main = byId("main", HTMLElement);
const search = new SearchView();
const trace = new TraceView(() => search.address);
/** @type {SearchView|TraceView|null} */
let shown = null;

/** Shows what the address bar says. */
function show() {
    const match = /^\/trace\/([0-9a-fA-F]{32})\/?$/.exec(location.pathname);
    const view = match ? trace : search;
    if (shown !== view) {
        shown?.hide();
        main.replaceChildren(view.element);
        main.dataset.view = match ? "trace" : "search";
        shown = view;
    }
    if (match) trace.show(match[1].toLowerCase(), new URLSearchParams(location.search));
    else search.show(new URLSearchParams(location.search));
}

/**
 * Goes to an address of this page without loading it anew.
 * @param {string} address
 */
function go(address) {
    history.pushState(null, "", address);
    show();
}

document.addEventListener("contrail-go", (event) => go(/** @type {CustomEvent<string>} */ (event).detail));
addEventListener("popstate", show);

document.addEventListener("click", (event) => {
    // With a modifier the browser opens a tab or a window.
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || event.button !== 0 || modified) return;
    const link = event.target instanceof Element ? event.target.closest("a[data-nav]") : null;
    const address = link?.getAttribute("href");
    if (!address) return;
    event.preventDefault();
    go(address);
});

document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
    if (typing) return;
    if (event.key === "?") {
        event.preventDefault();
        toggleHelp();
    } else {
        shown?.keyDown(event);
    }
});

const lookup = byId("lookup-id", HTMLInputElement);
byId("lookup", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    // A pasted traceparent or a whole address has the id in it too.
    const id = /(?:^|[^0-9a-f])([0-9a-f]{32})(?:[^0-9a-f]|$)/.exec(lookup.value.trim().toLowerCase())?.[1];
    lookup.setCustomValidity(id ? "" : "A trace id has 32 hexadecimal digits");
    if (!lookup.reportValidity() || !id) return;
    lookup.value = "";
    lookup.blur();
    go(`/trace/${id}`);
});
lookup.addEventListener("input", () => lookup.setCustomValidity(""));

startTheme();
startHelp();
show();
