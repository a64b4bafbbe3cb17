/* SPDX-License-Identifier: MIT */
/* Inside the recorder: what it knows of the devices, and how a line is put together. */
#ifndef DFUKIT_TRANSPORT_TRACE_H
#define DFUKIT_TRANSPORT_TRACE_H

#include "dfukit/transport.h"

/* Room for the longest line: the hexadecimal digits of 65,535 bytes, and what stands around them.
 */
#define DFUKIT_TRACE_ROOM (2u * 65535u + 1024u)

/* An attachment that has been written down. */
typedef struct dfukit_traced {
    char path[DFUKIT_PATH_SIZE];
    uint32_t devnum;
    bool present; /* at the last look */
    bool seen;    /* at the look that is being taken */
    uint8_t device[DFUKIT_DEVICE_DESCRIPTOR_SIZE];
    uint32_t check; /* CRC of the configuration that was written down … */
    size_t size;    /* … and its size; 0: none */
    dfukit_error access;
} dfukit_traced;

typedef struct dfukit_trace {
    dfukit_carrier inner;
    void (*line)(void *self, const char *text, size_t n);
    void *self;
    uint64_t start_us;
    uint64_t quiet_us; /* since when nothing has been under way, from the start */
    dfukit_handle *handles;
    size_t known_count; /* attachment N of the text is known[N - 1] */
    dfukit_traced *known;
    size_t used; /* of `text` */
    char text[DFUKIT_TRACE_ROOM];
} dfukit_trace;

/* trace_text.c: each function adds to the line, dfukit_trace_end() hands it over. */

/* Begin a line: the time, and the word. */
void dfukit_trace_begin(dfukit_trace *t, uint64_t at_us, const char *word);
/* Begin one of something that took its time: "12.345 +0.210 word". */
void dfukit_trace_begin_lasting(dfukit_trace *t, uint64_t from_us, uint64_t to_us,
                                const char *word);
void dfukit_trace_add(dfukit_trace *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Bytes in hexadecimal behind a blank; "-" for none. */
void dfukit_trace_hex(dfukit_trace *t, const uint8_t *bytes, size_t n);
/* A path as one word: whatever might end it or begin a comment becomes %XX. */
void dfukit_trace_path(dfukit_trace *t, const char *path);
void dfukit_trace_end(dfukit_trace *t);
/* Transfer `at` of a batch of `count`, and a comment that says what it means. */
void dfukit_trace_transfer(dfukit_trace *t, size_t number, const dfukit_transfer *transfer,
                           size_t at, size_t count, uint64_t from_us, uint64_t to_us);

#endif
