# The commands of everyday work. Each is a line or two here, or a script in scripts/.

.DEFAULT_GOAL := help
.PHONY: help run test lint web bench lambda fuzz clean build-tools web-tools

help: ## Print this
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build-tools ## Build Weir with its dashboard and start both with ten days of made-up data, then live
	scripts/run.sh $(ARGS)

test: ## Run all tests, with the servers they need; ARGS="-E 'test(settle)'" selects some
	scripts/test.sh $(if $(ARGS),-- $(ARGS))

web: ## Build the dashboard into web/dist, for the binary to take in; quick if nothing changed
	scripts/web.sh build

lint: build-tools web-tools web ## Check formatting, lints, scripts and the rules of the house
	scripts/web.sh lint
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@if command -v shellcheck >/dev/null; then \
		shellcheck -x scripts/*.sh .ci/run; \
	else \
		echo 'lint: no shellcheck here, so the scripts were not checked'; \
	fi
	cargo xtask tidy

bench: ## Run the benchmarks against a MariaDB that flushes to disk; ARGS="..." go to them
	scripts/bench.sh $(ARGS)

lambda: ## Package the Lambda functions, and check size, C library and cold start
	scripts/lambda.sh

fuzz: ## Fuzz every parser for a short while (needs a nightly toolchain and cargo-fuzz)
	scripts/fuzz.sh

clean: ## Remove what was built here (not the caches in ~/.cache/weir)
	cargo clean
	rm -rf .venv .venv-lambda .venv-contract web/node_modules
	find web/dist -mindepth 1 ! -name .gitignore -delete

# A C compiler: SQLite and the TLS library are compiled from C.
build-tools:
	@scripts/install.sh build

# Before `web`, which would do with fewer packages.
web-tools:
	@scripts/install.sh web
