// SPDX-License-Identifier: Apache-2.0
// The files of web/, compiled in: the program has nothing to install beside it, and a changed file rebuilds this one.

#include "CWebAssets.h"

// `#embed` is C23; clang has it in every C mode and would warn about that.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char css_base_css[] = {
#embed "../../../web/css/base.css"
};
static const unsigned char css_controls_css[] = {
#embed "../../../web/css/controls.css"
};
static const unsigned char css_details_css[] = {
#embed "../../../web/css/details.css"
};
static const unsigned char css_search_css[] = {
#embed "../../../web/css/search.css"
};
static const unsigned char css_trace_css[] = {
#embed "../../../web/css/trace.css"
};
static const unsigned char css_waterfall_css[] = {
#embed "../../../web/css/waterfall.css"
};
static const unsigned char favicon_svg[] = {
#embed "../../../web/favicon.svg"
};
static const unsigned char index_html[] = {
#embed "../../../web/index.html"
};
static const unsigned char js_analysis_js[] = {
#embed "../../../web/js/analysis.js"
};
static const unsigned char js_api_js[] = {
#embed "../../../web/js/api.js"
};
static const unsigned char js_attribute_suggestions_js[] = {
#embed "../../../web/js/attribute-suggestions.js"
};
static const unsigned char js_attribute_table_js[] = {
#embed "../../../web/js/attribute-table.js"
};
static const unsigned char js_breakdown_js[] = {
#embed "../../../web/js/breakdown.js"
};
static const unsigned char js_colors_js[] = {
#embed "../../../web/js/colors.js"
};
static const unsigned char js_column_resizer_js[] = {
#embed "../../../web/js/column-resizer.js"
};
static const unsigned char js_dom_js[] = {
#embed "../../../web/js/dom.js"
};
static const unsigned char js_find_bar_js[] = {
#embed "../../../web/js/find-bar.js"
};
static const unsigned char js_format_js[] = {
#embed "../../../web/js/format.js"
};
static const unsigned char js_help_js[] = {
#embed "../../../web/js/help.js"
};
static const unsigned char js_log_list_js[] = {
#embed "../../../web/js/log-list.js"
};
static const unsigned char js_main_js[] = {
#embed "../../../web/js/main.js"
};
static const unsigned char js_minimap_js[] = {
#embed "../../../web/js/minimap.js"
};
static const unsigned char js_onboarding_js[] = {
#embed "../../../web/js/onboarding.js"
};
static const unsigned char js_otlp_spans_js[] = {
#embed "../../../web/js/otlp-spans.js"
};
static const unsigned char js_otlp_js[] = {
#embed "../../../web/js/otlp.js"
};
static const unsigned char js_result_list_js[] = {
#embed "../../../web/js/result-list.js"
};
static const unsigned char js_scatter_plot_js[] = {
#embed "../../../web/js/scatter-plot.js"
};
static const unsigned char js_search_form_js[] = {
#embed "../../../web/js/search-form.js"
};
static const unsigned char js_search_hints_js[] = {
#embed "../../../web/js/search-hints.js"
};
static const unsigned char js_search_state_js[] = {
#embed "../../../web/js/search-state.js"
};
static const unsigned char js_search_view_js[] = {
#embed "../../../web/js/search-view.js"
};
static const unsigned char js_span_details_js[] = {
#embed "../../../web/js/span-details.js"
};
static const unsigned char js_span_rows_js[] = {
#embed "../../../web/js/span-rows.js"
};
static const unsigned char js_theme_start_js[] = {
#embed "../../../web/js/theme-start.js"
};
static const unsigned char js_theme_js[] = {
#embed "../../../web/js/theme.js"
};
static const unsigned char js_time_ruler_js[] = {
#embed "../../../web/js/time-ruler.js"
};
static const unsigned char js_time_window_js[] = {
#embed "../../../web/js/time-window.js"
};
static const unsigned char js_trace_header_js[] = {
#embed "../../../web/js/trace-header.js"
};
static const unsigned char js_trace_logs_js[] = {
#embed "../../../web/js/trace-logs.js"
};
static const unsigned char js_trace_tree_js[] = {
#embed "../../../web/js/trace-tree.js"
};
static const unsigned char js_trace_view_js[] = {
#embed "../../../web/js/trace-view.js"
};
static const unsigned char js_types_js[] = {
#embed "../../../web/js/types.js"
};
static const unsigned char js_waterfall_row_js[] = {
#embed "../../../web/js/waterfall-row.js"
};
static const unsigned char js_waterfall_js[] = {
#embed "../../../web/js/waterfall.js"
};
static const unsigned char not_found_html[] = {
#embed "../../../web/not-found.html"
};

#define HTML "text/html; charset=utf-8"
#define CSS "text/css; charset=utf-8"
#define JAVASCRIPT "text/javascript; charset=utf-8"
#define SVG "image/svg+xml"
#define ASSET(path, type, bytes) { path, type, bytes, sizeof bytes }

static const struct web_asset assets[] = {
    ASSET("css/base.css", CSS, css_base_css),
    ASSET("css/controls.css", CSS, css_controls_css),
    ASSET("css/details.css", CSS, css_details_css),
    ASSET("css/search.css", CSS, css_search_css),
    ASSET("css/trace.css", CSS, css_trace_css),
    ASSET("css/waterfall.css", CSS, css_waterfall_css),
    ASSET("favicon.svg", SVG, favicon_svg),
    ASSET("index.html", HTML, index_html),
    ASSET("js/analysis.js", JAVASCRIPT, js_analysis_js),
    ASSET("js/api.js", JAVASCRIPT, js_api_js),
    ASSET("js/attribute-suggestions.js", JAVASCRIPT, js_attribute_suggestions_js),
    ASSET("js/attribute-table.js", JAVASCRIPT, js_attribute_table_js),
    ASSET("js/breakdown.js", JAVASCRIPT, js_breakdown_js),
    ASSET("js/colors.js", JAVASCRIPT, js_colors_js),
    ASSET("js/column-resizer.js", JAVASCRIPT, js_column_resizer_js),
    ASSET("js/dom.js", JAVASCRIPT, js_dom_js),
    ASSET("js/find-bar.js", JAVASCRIPT, js_find_bar_js),
    ASSET("js/format.js", JAVASCRIPT, js_format_js),
    ASSET("js/help.js", JAVASCRIPT, js_help_js),
    ASSET("js/log-list.js", JAVASCRIPT, js_log_list_js),
    ASSET("js/main.js", JAVASCRIPT, js_main_js),
    ASSET("js/minimap.js", JAVASCRIPT, js_minimap_js),
    ASSET("js/onboarding.js", JAVASCRIPT, js_onboarding_js),
    ASSET("js/otlp-spans.js", JAVASCRIPT, js_otlp_spans_js),
    ASSET("js/otlp.js", JAVASCRIPT, js_otlp_js),
    ASSET("js/result-list.js", JAVASCRIPT, js_result_list_js),
    ASSET("js/scatter-plot.js", JAVASCRIPT, js_scatter_plot_js),
    ASSET("js/search-form.js", JAVASCRIPT, js_search_form_js),
    ASSET("js/search-hints.js", JAVASCRIPT, js_search_hints_js),
    ASSET("js/search-state.js", JAVASCRIPT, js_search_state_js),
    ASSET("js/search-view.js", JAVASCRIPT, js_search_view_js),
    ASSET("js/span-details.js", JAVASCRIPT, js_span_details_js),
    ASSET("js/span-rows.js", JAVASCRIPT, js_span_rows_js),
    ASSET("js/theme-start.js", JAVASCRIPT, js_theme_start_js),
    ASSET("js/theme.js", JAVASCRIPT, js_theme_js),
    ASSET("js/time-ruler.js", JAVASCRIPT, js_time_ruler_js),
    ASSET("js/time-window.js", JAVASCRIPT, js_time_window_js),
    ASSET("js/trace-header.js", JAVASCRIPT, js_trace_header_js),
    ASSET("js/trace-logs.js", JAVASCRIPT, js_trace_logs_js),
    ASSET("js/trace-tree.js", JAVASCRIPT, js_trace_tree_js),
    ASSET("js/trace-view.js", JAVASCRIPT, js_trace_view_js),
    ASSET("js/types.js", JAVASCRIPT, js_types_js),
    ASSET("js/waterfall-row.js", JAVASCRIPT, js_waterfall_row_js),
    ASSET("js/waterfall.js", JAVASCRIPT, js_waterfall_js),
    ASSET("not-found.html", HTML, not_found_html),
};

const struct web_asset *web_assets(void) { return assets; }

size_t web_asset_count(void) { return sizeof assets / sizeof assets[0]; }
