// SPDX-License-Identifier: Apache-2.0
// The search page: form on the left, results on the right. The address bar holds the whole state.

import { APIError, fetchServices, fetchTraces } from "./api.js";
import { announce, h } from "./dom.js";
import { onboarding } from "./onboarding.js";
import { ResultList } from "./result-list.js";
import { SearchForm } from "./search-form.js";
import { emptyState, problemsOf, queryOf, readState, writeState } from "./search-state.js";

/** @typedef {import("./types.js").SearchState} SearchState */
/** @typedef {import("./types.js").TraceSummary} TraceSummary */

/** How often live results and the first-span wait ask again. */
const pollMilliseconds = 2000;

export class SearchView {
    constructor() {
        /** Where this search lives, for the way back from a trace. */
        this.address = "/";
        /** @type {SearchState} */
        this.state = { ...emptyState };
        /** @type {string|null} what the list on the screen answers */
        this.loaded = null;
        /** @type {TraceSummary[]} */
        this.traces = [];
        /** @type {string|null} */
        this.nextCursor = null;
        this.pages = 0;
        this.live = false;
        this.visible = false;
        this.waiting = false;
        this.scrollTop = 0;
        /** @type {AbortController|null} */
        this.request = null;
        /** @type {ReturnType<typeof setTimeout>|undefined} */
        this.timer = undefined;

        this.form = new SearchForm((state) => this.submit(state));
        this.list = new ResultList({
            more: () => this.load(true),
            live: (on) => this.setLive(on),
            narrow: (changes) => this.submit({ ...this.state, ...changes }),
        });
        // On narrow screens only: results come first there.
        this.toggle = h("button", {
            type: "button", class: "button form-toggle", "aria-expanded": "false",
            onclick: () => this.toggleForm(),
        }, "Change the search");
        const side = h(
            "aside", { class: "search-side", "aria-label": "Search" }, this.toggle, this.form.element,
        );
        this.results = h("section", { class: "search-results", "aria-label": "Traces" });
        this.element = h(
            "div", { class: "search-page" }, h("h1", { class: "visually-hidden" }, "Search traces"), side,
            this.results,
        );
    }

    /** @param {URLSearchParams} parameters */
    show(parameters) {
        const returning = !this.visible;
        this.visible = true;
        document.title = "Traces · Contrail";
        this.state = readState(parameters);
        const written = writeState(this.state).toString();
        this.address = written === "" ? "/" : `/?${written}`;
        this.form.set(this.state);
        void this.loadServices();
        if (this.loaded === this.address && returning) {
            const main = this.element.parentElement;
            if (main) main.scrollTop = this.scrollTop;
            this.schedule();
        } else {
            void this.load(false);
        }
    }

    hide() {
        this.visible = false;
        this.scrollTop = this.element.parentElement?.scrollTop ?? 0;
        clearTimeout(this.timer);
        this.request?.abort();
    }

    toggleForm() {
        const open = this.toggle.getAttribute("aria-expanded") === "true";
        this.toggle.setAttribute("aria-expanded", String(!open));
    }

    /** @param {SearchState} state */
    submit(state) {
        const problems = problemsOf(state);
        this.form.showProblems(problems);
        if (Object.keys(problems).length > 0) return;
        const written = writeState(state).toString();
        const address = written === "" ? "/" : `/?${written}`;
        if (address === this.address) {
            this.state = state;
            void this.load(false);
            return;
        }
        document.dispatchEvent(new CustomEvent("contrail-go", { detail: address }));
    }

    async loadServices() {
        try {
            this.form.setServices(await fetchServices());
        } catch {
            // The list of traces reports an API that does not answer.
        }
    }

    /**
     * @param {boolean} more the next page, below what is there
     * @param {boolean} [quiet] a repeat by itself: nothing flickers, nothing is announced
     */
    async load(more, quiet = false) {
        clearTimeout(this.timer);
        this.request?.abort();
        const request = new AbortController();
        this.request = request;
        const problems = problemsOf(this.state);
        this.form.showProblems(problems);
        if (Object.keys(problems).length > 0) {
            this.say("Correct the marked fields to search.");
            return;
        }
        const query = queryOf(this.state);
        if (more && this.nextCursor) query.set("cursor", this.nextCursor);
        if (!quiet) this.list.setBusy(true);
        const slow = setTimeout(() => {
            if (!quiet && this.loaded === null) this.say("Searching…");
        }, 250);
        try {
            const page = await fetchTraces(query, request.signal);
            this.traces = more ? [...this.traces, ...page.traces] : page.traces;
            this.nextCursor = page.nextCursor;
            this.pages = more ? this.pages + 1 : 1;
            this.loaded = this.address;
            await this.draw(request.signal);
            if (!quiet) announce(`${this.traces.length} traces`);
        } catch (error) {
            if (request.signal.aborted) return;
            this.fail(error);
        } finally {
            clearTimeout(slow);
            if (this.request === request) this.list.setBusy(false);
        }
        this.schedule();
    }

    /** @param {AbortSignal} signal */
    async draw(signal) {
        this.waiting = false;
        if (this.traces.length > 0) {
            this.list.set(this.traces, this.nextCursor !== null);
            // Put back only when it is not there: moving it would lose the focus.
            if (!this.results.contains(this.list.element)) this.results.replaceChildren(this.list.element);
            return;
        }
        const services = await fetchServices(signal);
        if (services.length === 0) {
            this.waiting = true;
            if (!this.results.querySelector(".onboarding")) this.results.replaceChildren(onboarding());
            return;
        }
        this.form.setServices(services);
        this.results.replaceChildren(this.nothingFound());
    }

    /** @param {string} text */
    say(text) {
        this.results.replaceChildren(h("p", { class: "message" }, text));
    }

    nothingFound() {
        const anyTime = this.state.range !== "all" && h(
            "button", {
                type: "button", class: "button",
                onclick: () => this.submit({ ...this.state, range: "all" }),
            },
            "Search any time",
        );
        const reset = writeState({ ...this.state, range: emptyState.range }).toString() !== "" && h(
            "a", { class: "button", href: "/", "data-nav": true }, "Clear the search",
        );
        const live = h(
            "button", { type: "button", class: "button", onclick: () => this.setLive(!this.live) },
            this.live ? "Waiting for new traces… stop" : "Wait for new traces",
        );
        return h(
            "div", { class: "message" },
            h("h2", {}, "No trace matches"),
            h("p", {}, "Nothing like this has arrived in the chosen time range."),
            h("p", { class: "button-row" }, anyTime, reset, live),
        );
    }

    /** @param {unknown} error */
    fail(error) {
        this.loaded = null;
        const message = error instanceof Error ? error.message : String(error);
        const known = error instanceof APIError ? error : null;
        const field = known ? this.form.fieldOf(known.parameter) : null;
        if (field) this.form.showProblems({ [field]: message });
        this.results.replaceChildren(h(
            "div", { class: "message error", role: "alert" },
            h("h2", {}, known?.status === 0 ? "No connection" : "The search was refused"),
            h("p", {}, message),
            h("p", {}, h("button", {
                type: "button", class: "button", onclick: () => void this.load(false),
            }, "Try again")),
        ));
    }

    /** @param {boolean} on */
    setLive(on) {
        this.live = on;
        this.list.setLive(on);
        void this.load(false, this.traces.length > 0);
    }

    /** Repeats the first page when live, or while there is nothing at all yet. */
    schedule() {
        clearTimeout(this.timer);
        if (!this.visible || !(this.waiting || this.live) || this.pages > 1) return;
        this.timer = setTimeout(() => {
            if (document.visibilityState === "visible") void this.repeat();
            else this.schedule();
        }, pollMilliseconds);
    }

    async repeat() {
        if (this.waiting) await this.loadServices();
        await this.load(false, true);
    }

    /** @param {KeyboardEvent} event */
    keyDown(event) {
        if (event.key === "/") {
            event.preventDefault();
            this.toggle.setAttribute("aria-expanded", "true");
            this.form.focus();
        } else if (event.key === "j" || event.key === "k") {
            event.preventDefault();
            this.list.moveFocus(event.key === "j" ? 1 : -1);
        }
    }
}
