// SPDX-License-Identifier: Apache-2.0
// A field for attribute conditions that proposes keys and values: a combobox with a list (WAI-ARIA 1.2).

import { fetchAttributeKeys, fetchAttributeValues } from "./api.js";
import { h } from "./dom.js";
import { keyHints, typedAt, valueHints } from "./search-hints.js";

/** @typedef {import("./search-hints.js").Hint} Hint */

/** Typing settles for this long before the server is asked. */
const settleMilliseconds = 60;
const hintsMax = 12;

export class AttributeSuggestions {
    /** @param {HTMLInputElement} input */
    constructor(input) {
        this.input = input;
        /** @type {Hint[]} */
        this.hints = [];
        this.chosen = -1;
        this.start = 0;
        /** @type {ReturnType<typeof setTimeout>|undefined} */
        this.timer = undefined;
        /** @type {AbortController|undefined} */
        this.question = undefined;
        this.list = h("ul", {
            class: "suggestions", role: "listbox", id: "attribute-suggestions",
            "aria-label": "Suggestions", hidden: true,
        });
        this.element = h("div", { class: "suggestion-box" }, input, this.list);
        input.setAttribute("role", "combobox");
        input.setAttribute("aria-autocomplete", "list");
        input.setAttribute("aria-controls", this.list.id);
        input.setAttribute("aria-expanded", "false");
        input.addEventListener("input", () => this.ask());
        input.addEventListener("blur", () => this.close());
        input.addEventListener("keydown", (event) => this.keyDown(event));
    }

    ask() {
        clearTimeout(this.timer);
        this.question?.abort();
        this.timer = setTimeout(() => void this.propose(), settleMilliseconds);
    }

    async propose() {
        const caret = this.input.selectionStart ?? this.input.value.length;
        const typed = typedAt(this.input.value, caret);
        if (!typed) return this.close();
        this.question = new AbortController();
        const { signal } = this.question;
        try {
            const { scope, key, value } = typed;
            const hints = value === null
                ? keyHints(typed, await fetchAttributeKeys(scope, key, hintsMax, signal))
                : valueHints(typed, await fetchAttributeValues(scope, key, value, hintsMax, signal));
            if (signal.aborted || document.activeElement !== this.input) return;
            this.start = typed.start;
            this.show(hints);
        } catch {
            // The list of traces reports an API that does not answer.
            if (!signal.aborted) this.close();
        }
    }

    /** @param {Hint[]} hints */
    show(hints) {
        this.hints = hints;
        this.chosen = -1;
        this.list.replaceChildren(...hints.map((hint, index) => h(
            "li",
            {
                role: "option", id: `attribute-suggestion-${index}`, "aria-selected": "false",
                // Before the field loses the focus.
                onmousedown: (/** @type {Event} */ event) => {
                    event.preventDefault();
                    this.accept(index);
                },
            },
            h("span", { class: "suggestion-text" }, hint.label), h("span", { class: "suggestion-note" }, hint.note),
        )));
        this.list.hidden = hints.length === 0;
        this.input.setAttribute("aria-expanded", String(hints.length > 0));
        this.input.removeAttribute("aria-activedescendant");
    }

    close() {
        clearTimeout(this.timer);
        this.question?.abort();
        this.show([]);
    }

    /** @param {number} index */
    choose(index) {
        this.chosen = (index + this.hints.length) % this.hints.length;
        [...this.list.children].forEach((option, at) => {
            option.setAttribute("aria-selected", String(at === this.chosen));
            if (at === this.chosen) {
                option.scrollIntoView({ block: "nearest" });
                this.input.setAttribute("aria-activedescendant", option.id);
            }
        });
    }

    /** @param {number} index */
    accept(index) {
        const { value } = this.input;
        const caret = this.input.selectionStart ?? value.length;
        // What stands behind the caret up to the next space belongs to what was typed.
        const rest = value.slice(caret).replace(/^[^\s"]*/, "").trimStart();
        const text = value.slice(0, this.start) + this.hints[index].text;
        this.input.value = text + rest;
        this.input.setSelectionRange(text.length, text.length);
        this.close();
        this.ask();
    }

    /** @param {KeyboardEvent} event */
    keyDown(event) {
        if (this.hints.length === 0) {
            if (event.key === "ArrowDown") {
                event.preventDefault();
                this.ask();
            }
            return;
        }
        switch (event.key) {
        case "ArrowDown":
            this.choose(this.chosen + 1);
            break;
        case "ArrowUp":
            this.choose(this.chosen < 0 ? this.hints.length - 1 : this.chosen - 1);
            break;
        case "Enter":
            // Without a choice it searches.
            if (this.chosen < 0) return this.close();
            this.accept(this.chosen);
            break;
        case "Escape":
            this.close();
            break;
        default:
            return;
        }
        event.preventDefault();
        event.stopPropagation();
    }
}
