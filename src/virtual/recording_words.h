/* SPDX-License-Identifier: MIT */
/* A trace's line as words, and what a word may be. */
#ifndef DFUKIT_VIRTUAL_RECORDING_WORDS_H
#define DFUKIT_VIRTUAL_RECORDING_WORDS_H

#include "recording.h"

#define DFUKIT_WORDS_MAX 16u
/* A text and its length. */
#define DFUKIT_WORD(text) (text), (sizeof(text) - 1)

/* A word of a line. */
typedef struct dfukit_word {
    const char *text;
    size_t n;
} dfukit_word;

typedef struct dfukit_reader {
    dfukit_recording *r;
    size_t line;
    const char *what; /* why it is refused */
    bool no_memory;
    bool ended;
    dfukit_word words[DFUKIT_WORDS_MAX];
    size_t count;
    size_t at; /* the next word to take */
    uint64_t from_us, end_us;
} dfukit_reader;

/* Note why the line is refused. @return false. */
bool dfukit_recording_refuse(dfukit_reader *p, const char *what);
/* Room for `need` elements of `size` bytes. @return false when there is none. */
bool dfukit_recording_grow(dfukit_reader *p, void **list, size_t *room, size_t need, size_t size);
bool dfukit_word_is(const dfukit_word *w, const char *text, size_t n);

/* Each takes the next word of the line. @return false, with the reason, when it does not fit. */
bool dfukit_word_next(dfukit_reader *p, dfukit_word *out);
bool dfukit_word_end(dfukit_reader *p);
bool dfukit_word_number(dfukit_reader *p, unsigned base, uint64_t most, uint64_t *out);
/* Hexadecimal digits into the pool; "-" is nothing. */
bool dfukit_word_bytes(dfukit_reader *p, size_t most, size_t *data, size_t *size);

/* These look at a word. Milliseconds from its character `i` on: "12.345". */
bool dfukit_word_milliseconds(const dfukit_word *w, size_t i, uint64_t *us);
bool dfukit_word_error(dfukit_reader *p, const dfukit_word *w, int32_t *out);

#endif
