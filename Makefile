# Hearthmail: `make help` lists what there is to make.

.DEFAULT_GOAL := help
.PHONY: help run dev build app test check lint fmt bench fuzz firefox soak screenshots deps deps-test clean

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo development)
LISTEN   ?= 127.0.0.1:8080
FUZZTIME ?= 30s
GOLANGCI := 2.12.0

CACHE  := $(CURDIR)/.cache
LINTER := $(CACHE)/bin/golangci-lint-$(GOLANGCI)
GOBUILD := CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)'

# What tests talk to: a real mail server, and real browsers with fonts for the
# scripts people write in.
DEBIAN := dovecot-imapd dovecot-pop3d dovecot-submissiond dovecot-sieve dovecot-managesieved \
          postfix chromium firefox-esr fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji
SUDO   := $(if $(filter 0,$(shell id -u)),,sudo)

help: ## list what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything and serve it with a demo mail provider
	bin/hearthmail demo -listen $(LISTEN)

dev: deps ## the same, but a reload of the page builds the app anew
	go run ./web/pack -fast
	go run ./web/pack -fast -serve $(LISTEN) -- go run ./bridge demo -app web/dist/app

build: app ## build bin/hearthmail, one static binary with the app in it
	$(GOBUILD) -o bin/hearthmail ./bridge

app: deps ## build the browser's side into web/dist/app
	go run ./web/pack

test: app deps-test ## install what tests need and run them all
	go test -race -shuffle=on -timeout 20m ./...

check: lint ## lint, vet for both targets, look for known vulnerabilities
	go vet ./...
	GOOS=js GOARCH=wasm go vet ./web/...
	@go tool govulncheck ./... || { status=$$?; \
		if [ $$status -eq 3 ]; then exit 3; fi; echo "govulncheck: its database was out of reach, nothing was checked"; }

lint: $(LINTER)
	$(LINTER) run ./...
	GOOS=js GOARCH=wasm $(LINTER) run ./web/...

fmt: $(LINTER) ## format the Go files
	$(LINTER) fmt ./...

$(LINTER):
	GOBIN=$(CACHE)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v$(GOLANGCI)
	mv $(CACHE)/bin/golangci-lint $@

bench: app deps-test ## measure: sizes, memory, time and round trips of what people do
	go test -run '^$$' -bench . -benchmem -timeout 60m ./...

fuzz: ## fuzz each target for FUZZTIME (30s)
	@for dir in $$(grep -rl '^func Fuzz' --include='*_test.go' bridge shared web | xargs -n1 dirname | sort -u); do \
		for target in $$(grep -ho '^func Fuzz[A-Za-z0-9_]*' $$dir/*_test.go | cut -c6-); do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) ./$$dir || exit 1; \
		done; \
	done

firefox: app deps-test ## run all that is tested in Firefox too
	FIREFOX=1 go test -count=1 -timeout 30m -run '^TestFirefox$$' ./bridge/e2e

soak: app deps-test ## run the tests that depend on luck many times over
	DRAFTS=100 go test -count=1 -timeout 1h -run "^TestDraftsSurvive$$" ./bridge/e2e
	go test -race -shuffle=on -count=20 -timeout 3h ./bridge/... ./web/store ./web/client ./web/action

screenshots: app deps-test ## make the pictures of the README anew, and others to look at in .cache
	@mkdir -p $(CACHE)/screenshots
	SCREENSHOTS=$(CACHE)/screenshots go test -count=1 -run '^TestScreenshots$$' ./bridge/e2e
	cp $(CACHE)/screenshots/desktop-*-newsletter.png .github/

deps: $(CACHE)/npm
deps-test: $(CACHE)/debian

# Stamps: made anew when what they stand for changes.
$(CACHE)/npm: web/static/package-lock.json
	npm ci --prefix web/static --no-audit --no-fund
	@mkdir -p $(CACHE) && touch $@

$(CACHE)/debian: Makefile
	@missing=$$(for p in $(DEBIAN); do dpkg-query -W -f '$${db:Status-Status}\n' $$p 2>/dev/null | grep -qx installed || echo $$p; done); \
	if [ -n "$$missing" ]; then \
		$(SUDO) apt-get update -q && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	fi
	@mkdir -p $(CACHE) && touch $@

clean: ## remove all that was built
	rm -rf bin web/dist/app/* $(CACHE) web/static/node_modules
