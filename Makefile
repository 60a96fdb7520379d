# The two commands: `make run` shows it, `make test` proves it. The rest are their parts.
.PHONY: run demo test prove mutate tools portal bench-portal fmt clippy buf bench clean-run

# A server on an empty data directory, a seeded demo clinic, three simulated phones and two clinicians. Ctrl-C ends it.
run:
	@tools/run.sh

# The sync story in one terminal, step by step: Enter is the next one.
demo:
	@tools/demo.sh

# Everything, in small counts; installs what it needs.
test:
	@tools/test.sh

# The same binaries with the counts that the issues name. Takes long.
prove:
	@TMPDIR=$${TMPDIR:-/tmp} OSTEON_CASES=$${OSTEON_CASES:-20000} OSTEON_SEEDS=$${OSTEON_SEEDS:-2000} OSTEON_SCRIPTS=$${OSTEON_SCRIPTS:-100} OSTEON_ROUNDS=$${OSTEON_ROUNDS:-50} \
	 OSTEON_REFRESHES=$${OSTEON_REFRESHES:-100000} OSTEON_PROBES=$${OSTEON_PROBES:-100000} OSTEON_DEVICES=$${OSTEON_DEVICES:-100} OSTEON_PHONES=$${OSTEON_PHONES:-50} \
	 OSTEON_SOAK_S=$${OSTEON_SOAK_S:-600} OSTEON_CUT_MS=$${OSTEON_CUT_MS:-30000} OSTEON_EVERY=$${OSTEON_EVERY:-1} PROPTEST_CASES=$${OSTEON_CASES:-20000} tools/test.sh
	@tools/portal.sh prove
	@$(MAKE) --no-print-directory mutate

# One condition of the access decision turned at a time: the tests notice each.
mutate:
	@tools/mutate_decide.py --target $${CARGO_TARGET_DIR:-target}/mutate

tools:
	@tools/install.sh

# The portal's files; the next build of the server takes them in.
portal:
	@tools/portal.sh

# The portal in Chromium as a slow hospital PC: each figure beside its budget. OSTEON_BIN= for another server than target/debug/osteon.
bench-portal:
	@tools/portal.sh bench

fmt:
	cargo fmt --all

clippy:
	cargo clippy --workspace --all-targets -- -D warnings

buf: tools
	tools/buf.sh

# Criterion for the pure core, then a whole server beside a bare one (docs/performance.md). BENCH= for other flags.
bench:
	cargo bench -p osteon-sync-core -p osteon-proto --benches
	cargo build --release -p osteon-server
	target/release/osteon bench $(BENCH)

clean-run:
	rm -rf run
