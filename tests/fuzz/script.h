/* SPDX-License-Identifier: MIT */
/*
 * Fuzz inputs as people read them. An input is a header and a list of events; as text each is a
 * line: a word and its numbers, all hexadecimal; '#' begins a comment.
 *
 *     product 34 07
 *     setup 21 01 0000 0000 0040
 *     out 40 aa bb
 *     in
 *     poll 14
 *
 * As bytes, the header's numbers stand first; an event is the index of its word (modulo the number
 * of words, so that every byte is one), and its numbers, little-endian. What is cut off at the end
 * does not count. So any bytes are an input, and any input can be printed.
 */
#ifndef TESTS_FUZZ_SCRIPT_H
#define TESTS_FUZZ_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SCRIPT_NUMBERS 8u
#define SCRIPT_GIVEN   8u

/* Its numbers: 'b' one byte, 'w' two; 'p', at the end only: a packet, which is its length and up to
 * SCRIPT_GIVEN of its bytes. */
typedef struct script_word {
    const char *name;
    const char *format;
} script_word;

typedef struct script_event {
    unsigned word; /* index in the list */
    uint16_t numbers[SCRIPT_NUMBERS];
    uint8_t given; /* bytes of a packet that are given */
    uint8_t bytes[SCRIPT_GIVEN];
} script_event;

typedef struct script_reader {
    const script_word *words;
    unsigned count;
    const uint8_t *bytes;
    size_t n, at;
} script_reader;

/* Begin to read an input. What is missing of the header is 0. `words` is closed by name NULL. */
void script_begin(script_reader *r, const script_word *header, const script_word *words,
                  const uint8_t *bytes, size_t n, script_event *out);
bool script_next(script_reader *r, script_event *out);

/* From text. @return bytes; -1 when a line is not understood, which is then told on stderr. */
long script_encode(const script_word *header, const script_word *words, const char *text,
                   uint8_t *bytes, size_t room);
void script_print(const script_word *header, const script_word *words, const uint8_t *bytes,
                  size_t n, FILE *to);

/* ---- Inputs from text and back: script.c for scripts, plain.c for bytes that are no script ----
 */

/* @return bytes; -1 when the text is not understood, which is then told on stderr. */
long fuzz_encode(const char *text, uint8_t *bytes, size_t room);
void fuzz_print(const uint8_t *bytes, size_t n, FILE *to);

/* ---- What each target provides: fuzz_NAME.c ---- */

extern const script_word script_header; /* scripts only */
extern const script_word script_words[];
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
/* After all seeds: how deep did they get? @return NULL, or what was not reached. */
const char *fuzz_missing(void);

#endif
