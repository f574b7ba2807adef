# Each target calls one program; `make help` is the index. What they do is in crates/devstack/README.md.
# UVOTE_PORT_BASE=20000 moves a stack's ports and gives it a state folder of its own.
.PHONY: help up down status logs psql clean superadmin retention resume-election demo seed pictures bench-neighbours test test-browser build lint guard snapshots
.DEFAULT_GOAL := help
devstack = cargo run -q --bin devstack --

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-18s%s\n", $$1, $$2 }' Makefile
up: ## Build and start everything in the background; returns when it is ready
	@cargo run --bin devstack -- up
down: ## Stop everything, keep the data
	@$(devstack) down
status: ## Say what runs, on which port
	@$(devstack) status
logs: ## Show the logs (SERVICE=voting for one)
	@$(devstack) logs $(SERVICE)
psql: ## Open the database as its owner (ROLE=voting_service for a service); SQL may come on standard input
	@$(devstack) psql $(if $(ROLE),--role $(ROLE))
clean: ## Stop everything and remove its data, keys and logs
	@$(devstack) clean
superadmin: ## Make somebody a superadmin (EMAIL=ann@example.org); shows the password of a new account once
	@$(devstack) run auth -- superadmin "$(EMAIL)"
retention: ## Anonymise elections that were archived long enough ago (DAYS=90)
	@$(devstack) run admin -- retention $(if $(DAYS),--days $(DAYS))
resume-election: ## Let a halted election take ballots again (ID=7 REASON="what had happened", public)
	@$(devstack) run election -- resume-election "$$ID" "$$REASON"
demo: ## Run a whole election, from CSV to result, and leave the stack up
	@cargo run --bin devstack -- demo
seed: ## Make a draft with candidates and voters to begin with (LARGE=1 for very many)
	@cargo run --bin devstack -- seed $(if $(LARGE),--large)
pictures: ## Take the pictures of docs/images anew, with Chromium
	@scripts/test-browser pictures
bench-neighbours: ## Measure in a release build how long voters of one election wait for a large other one (VOTERS=100000)
	@cargo run --release --bin devstack -- bench-neighbours $(if $(VOTERS),--voters $(VOTERS))
test: ## Everything a change must pass; sets itself up and ends by itself
	@scripts/test
test-browser: ## Drive Chromium through the pages: a whole election, accessibility; sets itself up
	@scripts/test-browser
build: ## Compile everything
	@cargo build --workspace --all-targets
lint: ## Check the code against the lints
	@cargo clippy --workspace --all-targets -- -D warnings
guard: ## Check the architecture: which crate depends on which, no unfinished code
	@cargo test -q -p guard
snapshots: ## Write migrations/schema.sql and grants.snap anew
	@cargo run -q -p testkit --bin with-servers -- cargo run -q -p migrator -- snapshot migrations
