# Thin: each rule calls meson, ninja or a script.
#
#   make run [MAIL=PATH]   build and show the program at work on the stories in tests/cases, and on PATH
#   make test              everything that proves it, under the sanitizers; works without a network
#   make build             build/sekimori, optimised
#   make bench [MAIL=DIR] [QUICK=yes]
#                          time a message, beside Rspamd where it is installed; the service under load; finding among a million records
#   make bench-peer        judge the development mail by Sekimori and by Rspamd, like against like
#   make bench-store       time a store of a million rows (3 GB in a temporary folder)
#   make fuzz [MINUTES=10] each fuzz harness for so long
#   make docs              write the pages that are made from the sources
#   make install           PREFIX=/usr/local, DESTDIR=
#   make deps              install what is missing from Debian

PREFIX  = /usr/local
MINUTES = 10
MAIL    =
QUICK   =
SETUP   = meson setup
TESTING = -Db_sanitize=address,undefined -Db_lundef=false -Dcount_work=true

.PHONY: run build test bench bench-peer bench-store fuzz docs install deps clean

# Exit status 1 of scan means that some message is not clean: so it must be, some stories are attacks. 2 is a failure.
run: build
	@lines=$$(build/sekimori scan --summary tests/cases); status=$$?; echo "$$lines"; [ $$status -le 1 ]
	@echo
	@build/sekimori scan --explain tests/cases/m365-echo-recipient || [ $$? -eq 1 ]
ifneq ($(MAIL),)
	@echo
	@build/sekimori scan --explain --summary $(MAIL) || [ $$? -eq 1 ]
endif
	@echo
	@echo 'Yours: make run MAIL=folder. To put it in front of Postfix: README.md, "Run it as a service" (日本語: README.ja.md).'

build: deps
	@[ -f build/build.ninja ] || { $(SETUP) build --buildtype=release -Db_lto=true -Dtests=false --prefix=$(PREFIX) && echo "$(PREFIX)" >build/prefix && \
	    echo "make build: compiling, which takes some minutes the first time"; }
	@ninja -C build --quiet sekimori

test:
	@tools/deps build test
	@[ -f build-test/build.ninja ] || $(SETUP) build-test $(TESTING)
	@ninja -C build-test --quiet
	@meson test -C build-test --no-rebuild --print-errorlogs

# Each tells its goals; a temporary folder holds the million records, 1.5 GB (quick: a tenth).
bench: build
	@ninja -C build --quiet bench/measure bench/client bench/hunt
	@status=0; folder=$$(mktemp -d); \
	bench/run $(MAIL) || status=$$?; echo; \
	bench/load $(if $(QUICK),--quick) $(MAIL) || status=$$?; echo; \
	bench/load --milter $(if $(QUICK),--quick) $(MAIL) || status=$$?; echo; \
	bench/load --doors $(if $(QUICK),--quick) $(MAIL) || status=$$?; echo; \
	build/bench/hunt $$folder/hunt.db $(if $(QUICK),100000) || status=$$?; \
	rm -rf $$folder; exit $$status

# Exit status 77: the mail or rspamd is not there, and it says so.
bench-peer: build
	@bench/peer $(MAIL) || [ $$? -eq 77 ]

bench-store: build
	@ninja -C build --quiet bench/store
	@folder=$$(mktemp -d) && build/bench/store $$folder 1000000 two; status=$$?; rm -rf $$folder; exit $$status

fuzz:
	@tools/deps build test fuzz
	@tools/fuzz $(MINUTES)

docs: build
	@tools/make-docs build/sekimori

install: build
	@[ "$$(cat build/prefix 2>/dev/null)" = "$(PREFIX)" ] || { meson configure build -Dprefix=$(PREFIX) && echo "$(PREFIX)" >build/prefix; }
	@ninja -C build --quiet sekimori
	@meson install -C build --no-rebuild --quiet

deps:
	@tools/deps build

clean:
	rm -rf build build-test build-fuzz
