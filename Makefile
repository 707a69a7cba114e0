# posetop: everything a newcomer needs is `make run` and `make test`.

SWIFT ?= swift
BUILD := .build
TEST_BUILD := .build-test
RELEASE := $(BUILD)/release

.DEFAULT_GOAL := help
.PHONY: help deps build run test device-check soak tsan asan fuzz bench lint format screenshots peers dist \
  device-programs install uninstall clean

help: ## these targets, one line each
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

deps: ## install the system packages that are missing
	@bash .ci/dependencies

build: deps ## build both programs in release mode
	@$(SWIFT) build -c release --scratch-path $(BUILD)

run: build ## everything from a fresh machine to a live training
	@bash .ci/run-example $(RELEASE)/posetop

test: deps ## every test that needs no GPU and nothing outside the repository
	@POSETOP_BIN=$(abspath $(TEST_BUILD)/release) SWIFT=$(SWIFT) TEST_BUILD=$(TEST_BUILD) bash .ci/test

device-check: deps ## every op on this machine's NVIDIA GPU against a float64 reference, and crops
	@POSETOP_DEVICE_CHECK=1 $(SWIFT) build -c release -Xswiftc -enable-testing --scratch-path $(TEST_BUILD) \
	  --product posetop-device-check
	@$(TEST_BUILD)/release/posetop-device-check ops
	@$(TEST_BUILD)/release/posetop-device-check crops

soak: deps ## the long forms: 200 kills, 20,000 mutants a reader, every step stopped at, ...
	@POSETOP_LONG_TESTS=1 POSETOP_BIN=$(abspath $(TEST_BUILD)/release) SWIFT=$(SWIFT) TEST_BUILD=$(TEST_BUILD) bash .ci/test

tsan: deps ## the tests under the thread sanitizer
	@SWIFT=$(SWIFT) bash .ci/sanitize thread

asan: deps ## the tests under the address sanitizer, with its search for leaks
	@SWIFT=$(SWIFT) bash .ci/sanitize address

fuzz: deps ## libFuzzer on every reader: FUZZ_SECONDS=60 FUZZ_READERS="png torch"
	@SWIFT=$(SWIFT) bash .ci/fuzz

bench: build ## training steps measured, beside PyTorch where BENCH_PYTHON or python3 has it
	@bash .ci/bench $(RELEASE)/posetop

lint: deps ## formatter and structural checks
	@bash .ci/lint

format: ## format all sources in place
	@$(SWIFT) format --in-place --recursive --parallel --configuration .ci/swift-format.json Package.swift Sources Tests

RUN ?= $(shell ls -td runs/*/ 2>/dev/null | head -1)
SHOTS ?= $(BUILD)/screenshots

screenshots: deps ## the main screens of a recorded run as PNG: RUN=... SHOTS=... (libfreetype-dev)
	@test -n "$(RUN)" || { echo "posetop: no run to draw: make screenshots RUN=FOLDER"; exit 1; }
	@POSETOP_SCREENSHOTS=1 $(SWIFT) build -c release --scratch-path $(BUILD) --product posetop-screenshots
	@$(RELEASE)/posetop-screenshots $(RUN) $(SHOTS)

peers: ## a virtual environment with PyTorch and the other tools that we compare with
	@bash .ci/peers

dist: deps ## one archive that runs on a bare box: .build-dist/dist/posetop-*.tar.gz
	@SWIFT=$(SWIFT) bash .ci/dist

PREFIX ?= /usr/local
SHARE = $(DESTDIR)$(PREFIX)/share

device-programs: deps ## the same with the program that checks an NVIDIA GPU, for .ci/device-check on such a box
	@SWIFT=$(SWIFT) POSETOP_DEVICE_CHECK=1 bash .ci/dist

install: build ## programs, themes, man page and completions: PREFIX=/usr/local DESTDIR=
	@install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/posetop $(SHARE)/posetop/themes
	@install -m 755 $(RELEASE)/posetop $(DESTDIR)$(PREFIX)/bin/posetop
	@install -m 755 $(RELEASE)/posetop-engine $(DESTDIR)$(PREFIX)/libexec/posetop/posetop-engine
	@install -m 644 themes/*.theme $(SHARE)/posetop/themes/
	@bash .ci/install-pages $(RELEASE)/posetop $(SHARE)
	@echo "installed in $(DESTDIR)$(PREFIX); the programs need this machine's Swift and C libraries (make dist does not)"

uninstall: ## remove what install put there, and the folders that are empty then
	rm -f $(DESTDIR)$(PREFIX)/bin/posetop $(DESTDIR)$(PREFIX)/libexec/posetop/posetop-engine
	rm -f $(patsubst themes/%,$(SHARE)/posetop/themes/%,$(wildcard themes/*.theme))
	rm -f $(SHARE)/man/man1/posetop.1.gz $(SHARE)/bash-completion/completions/posetop
	rm -f $(SHARE)/zsh/site-functions/_posetop $(SHARE)/fish/vendor_completions.d/posetop.fish
	@-rmdir $(DESTDIR)$(PREFIX)/libexec/posetop $(SHARE)/posetop/themes $(SHARE)/posetop 2>/dev/null || true
	@case $(PREFIX) in /usr|/usr/local) ;; *) cd $(DESTDIR)$(PREFIX) && \
	  rmdir -p --ignore-fail-on-non-empty bin libexec share/man/man1 share/bash-completion/completions \
	  share/zsh/site-functions share/fish/vendor_completions.d 2>/dev/null; \
	  cd / && rmdir $(abspath $(DESTDIR)$(PREFIX)) 2>/dev/null || true;; esac

clean: ## remove what was built
	rm -rf $(BUILD) $(TEST_BUILD) .build-dist .build-lint .build-thread .build-address .build-fuzz
