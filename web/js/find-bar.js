// SPDX-License-Identifier: Apache-2.0
// The bar above the waterfall: find in the trace, walk through matches and errors, open and close.

import { announce, h } from "./dom.js";
import { formatCount, plural } from "./format.js";
import { findSpans } from "./span-rows.js";

/** @typedef {import("./types.js").Span} Span */
/** @typedef {import("./types.js").Trace} Trace */

/** Typing settles for this long before a large trace is searched. */
const settleMilliseconds = 80;

export class FindBar {
    /**
     * @param {object} actions
     * @param {(spans: Span[]) => void} actions.found
     * @param {(span: Span) => void} actions.show
     * @param {() => void} actions.focusRows
     * @param {(open: boolean) => void} actions.expand
     * @param {() => boolean} actions.critical
     * @param {() => void} actions.zoomOut
     */
    constructor(actions) {
        this.actions = actions;
        /** @type {Trace|null} */
        this.trace = null;
        /** @type {Span[]} */
        this.matches = [];
        /** @type {Span[]} */
        this.errors = [];
        this.position = { match: -1, error: -1 };
        /** @type {ReturnType<typeof setTimeout>|undefined} */
        this.timer = undefined;

        this.input = h("input", {
            type: "search", placeholder: "Find in this trace  ( / )", "aria-label": "Find in this trace",
            autocomplete: "off", spellcheck: "false",
        });
        this.input.addEventListener("input", () => {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.update(), settleMilliseconds);
        });
        this.input.addEventListener("keydown", (event) => this.inputKey(event));
        this.count = h("span", { class: "find-count", role: "status" });
        this.previous = step("↑", "Previous match (N)", () => this.go("match", -1));
        this.next = step("↓", "Next match (n)", () => this.go("match", 1));
        this.errorButton = h("button", {
            type: "button", class: "button quiet error-step", title: "Next error (e)",
            onclick: () => this.go("error", 1),
        });
        this.criticalButton = h("button", {
            type: "button", class: "button quiet", "aria-pressed": "true",
            title: "Mark the critical path (c)", hidden: true, onclick: () => this.toggleCritical(),
        }, "Critical path");
        this.wholeButton = tool("Whole trace", "Zoom out to the whole trace (0)", () => actions.zoomOut());
        this.element = h(
            "div", { class: "find-bar", role: "toolbar", "aria-label": "Waterfall" },
            h("div", { class: "find", role: "search" }, this.input, this.count, this.previous, this.next),
            this.errorButton, h("span", { class: "spacer" }), this.criticalButton,
            tool("Expand all", "Expand all (])", () => actions.expand(true)),
            tool("Collapse all", "Collapse all ([)", () => actions.expand(false)),
            this.wholeButton,
        );
    }

    /** @param {Trace} trace */
    set(trace) {
        this.trace = trace;
        this.errors = trace.spans.filter((span) => span.status === "error");
        this.errorButton.hidden = this.errors.length === 0;
        this.errorButton.textContent = `${plural(this.errors.length, "error")} ↓`;
        this.position.error = -1;
        this.input.value = "";
        this.criticalButton.hidden = trace.critical.length === 0;
        this.update();
    }

    /** @param {boolean} zoomed the waterfall shows a part of the time only */
    setZoomed(zoomed) {
        this.wholeButton.hidden = !zoomed;
    }

    toggleCritical() {
        this.criticalButton.setAttribute("aria-pressed", String(this.actions.critical()));
    }

    /** @param {string} query */
    search(query) {
        this.input.value = query;
        this.update();
        this.go("match", 1);
    }

    update() {
        clearTimeout(this.timer);
        this.matches = this.trace ? findSpans(this.trace, this.input.value) : [];
        this.position.match = -1;
        this.actions.found(this.matches);
        this.drawCount();
    }

    drawCount() {
        const empty = this.input.value.trim() === "";
        const at = this.position.match;
        this.count.textContent = empty ? "" : this.matches.length === 0 ? "none"
            : `${at < 0 ? "" : `${formatCount(at + 1)} / `}${formatCount(this.matches.length)}`;
        this.previous.disabled = this.matches.length === 0;
        this.next.disabled = this.matches.length === 0;
    }

    /**
     * @param {"match"|"error"} what
     * @param {number} direction
     */
    go(what, direction) {
        const spans = what === "match" ? this.matches : this.errors;
        if (spans.length === 0) return;
        const from = this.position[what];
        const start = direction > 0 ? 0 : spans.length - 1;
        const at = from < 0 ? start : (from + direction + spans.length) % spans.length;
        this.position[what] = at;
        this.drawCount();
        announce(`${what} ${at + 1} of ${spans.length}: ${spans[at].name}`);
        this.actions.show(spans[at]);
    }

    /** @param {KeyboardEvent} event */
    inputKey(event) {
        if (event.key === "Enter") {
            event.preventDefault();
            // Before the first step the typed text may still be settling.
            if (this.position.match < 0) this.update();
            this.go("match", event.shiftKey ? -1 : 1);
        } else if (event.key === "Escape") {
            event.preventDefault();
            this.input.value = "";
            this.update();
            this.actions.focusRows();
        }
    }

    /**
     * @param {KeyboardEvent} event
     * @returns {boolean} whether the key was for this bar
     */
    keyDown(event) {
        switch (event.key) {
        case "/":
            this.input.focus();
            this.input.select();
            return true;
        case "n":
            this.go("match", 1);
            return true;
        case "N":
            this.go("match", -1);
            return true;
        case "e":
            this.go("error", 1);
            return true;
        case "E":
            this.go("error", -1);
            return true;
        case "c":
            if (!this.criticalButton.hidden) this.toggleCritical();
            return true;
        default:
            return false;
        }
    }
}

/**
 * @param {string} face
 * @param {string} label
 * @param {() => void} action
 */
function step(face, label, action) {
    return h("button", {
        type: "button", class: "icon-button small", "aria-label": label, title: label, onclick: action,
    }, face);
}

/**
 * @param {string} label
 * @param {string} title
 * @param {() => void} action
 */
function tool(label, title, action) {
    return h("button", { type: "button", class: "button quiet", title, onclick: action }, label);
}
