# SPDX-License-Identifier: MIT
# Thin: CMake builds (see CMakePresets.json), these are the words for it.
PREFIX ?= /usr/local

.PHONY: help setup build demo test test-interop install clean

help:
	@echo "make setup         install the Debian packages of packages.txt that are missing"
	@echo "make build         build the command and the libraries: build/host/dfu"
	@echo "make demo          a whole firmware upgrade on a virtual device, explained"
	@echo "make test          build everything, run all tests"
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

install:
	cmake --install build/host --prefix $(PREFIX)

clean:
	rm -rf build
