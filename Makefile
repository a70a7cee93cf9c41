# SPDX-License-Identifier: Apache-2.0
.PHONY: demo test lint bench compliance docs

demo: ; @Scripts/demo $(ARGS)
test: ; @Scripts/test $(ARGS)
lint: ; @Scripts/lint
bench: ; @Scripts/bench $(ARGS)
compliance: ; @Scripts/compliance
docs: ; @Scripts/docs
