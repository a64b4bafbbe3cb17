# SPDX-License-Identifier: MIT
# Thin: CMake builds (see CMakePresets.json), these are the words for it.
PREFIX ?= /usr/local

# How long `make fuzz` runs each target.
SECONDS ?= 60

.PHONY: help setup build demo test test-interop bench sizes sizes-record fuzz explore mutate install clean

help:
	@echo "make setup         install the Debian packages of packages.txt that are missing"
	@echo "make build         build the command and the libraries: build/host/dfu"
	@echo "make demo          a whole firmware upgrade on a virtual device, explained"
	@echo "make test          build everything, run all tests"
	@echo "make sizes         what the device end costs on Cortex-M0 and M3 (sizes-record: into docs/SIZES.md)"
	@echo "make bench         what a write costs, beside dfu-util where that is installed: docs/BENCH.md"
	@echo "make fuzz          fuzz both ends and all readers, SECONDS=$(SECONDS) for each target"
	@echo "make explore       host, device, bus and flash against each other, exhaustively: minutes"
	@echo "make mutate        break the device end in every way and see a test fail: minutes"
	@echo "make test-interop  the tests through the real libusb, under umockdev"
	@echo "make install       install what was built below PREFIX ($(PREFIX)); DESTDIR works"
	@echo "make clean         remove build/"

setup:
	@tools/setup.sh

build: setup
	@cmake --preset host >/dev/null
	@cmake --build --preset host -- --quiet

demo: setup
	@cmake --preset host >/dev/null
	@cmake --build --preset host --target dfu -- --quiet
	@build/host/dfu demo

test: setup
	@tools/test.sh

test-interop: setup
	@DFUKIT_CI=1 cmake --preset host >/dev/null
	@cmake --build --preset host -- --quiet
	@DFUKIT_CI=1 ctest --preset host -L interop --no-tests=error

sizes: setup
	@python3 -B bench/sizes/sizes.py build/sizes

sizes-record: setup
	@python3 -B bench/sizes/sizes.py build/sizes --write docs/SIZES.md

bench: setup
	@cmake --preset host >/dev/null
	@cmake --build --preset host -- --quiet
	@cmake --build --preset host --target bench_host -- --quiet
	@python3 -B bench/host/bench.py build/host --write docs/BENCH.md

fuzz: setup
	@tools/fuzz.sh $(SECONDS)

explore: setup
	@cmake --preset host >/dev/null
	@cmake --build --preset host --target explore-full

mutate: setup
	@cmake --preset host >/dev/null
	@cmake --build --preset host --target mutate-full

install:
	cmake --install build/host --prefix $(PREFIX)

clean:
	rm -rf build
