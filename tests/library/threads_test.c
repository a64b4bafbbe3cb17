/* SPDX-License-Identifier: MIT */
/*
 * One device for each thread: a carrier, its sessions and what they point to belong to one thread,
 * and threads share nothing else. Every thread here writes, verifies and reads back a firmware of
 * its own, several times, on a device of its own: half of them over TCP from one USB/IP server,
 * half of them in the same process. Others parse files in the meantime. Under ThreadSanitizer
 * whatever they share after all is an error.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dfukit/session.h"
#include "dfukit/version.h"
#include "dfukit/virtual.h"

enum { REMOTE = 4, LOCAL = 4, PARSERS = 4, ROUNDS = 8, SIZE = 20000 };

static atomic_int failures, jobs, parsed;
static atomic_bool stop;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "FAIL  %s:%d: %s\n", __FILE__, __LINE__, #condition);                  \
            atomic_fetch_add(&failures, 1);                                                        \
        }                                                                                          \
    } while (0)

/* What one thread works with. */
typedef struct worker {
    pthread_t thread;
    unsigned number;
    uint16_t port;          /* of the server; 0: a device in the same process */
    uint8_t firmware[SIZE]; /* another one in each thread and round */
    uint8_t copy[SIZE];
    size_t copied;
} worker;

static int keep(void *self, const uint8_t *bytes, size_t n)
{
    worker *w = self;

    if (n > SIZE - w->copied)
        return DFUKIT_ERR_TOO_LARGE;
    memcpy(w->copy + w->copied, bytes, n);
    w->copied += n;
    return DFUKIT_OK;
}

static bool progress(void *self, const dfukit_host *h)
{
    const worker *w = self;

    CHECK(dfukit_phase_name(dfukit_host_progress(h).phase) != NULL && w != NULL);
    return true;
}

static void run(worker *w, dfukit_carrier *carrier, const dfukit_job *job)
{
    const dfukit_watcher watcher = {.self = w, .progress = progress, .bytes = keep};
    static const dfukit_selector any;
    dfukit_targets all;
    size_t at = 0;
    int error = dfukit_list(carrier, NULL, &all);

    if (error == DFUKIT_OK)
        error = dfukit_select(all.list, all.count, &any, &at);
    if (error == DFUKIT_OK) {
        dfukit_session *s = dfukit_session_new(carrier, job, &all.list[at], &error);
        if (s != NULL) {
            error = dfukit_session_run(s, &watcher);
            CHECK(job->verb != DFUKIT_VERB_WRITE ||
                  dfukit_host_outcome(dfukit_session_host(s))->verified);
        }
        dfukit_session_free(&s);
    }
    dfukit_targets_free(&all);
    if (error != DFUKIT_OK)
        fprintf(stderr, "FAIL  worker %u: %s\n", w->number, dfukit_error_name(error));
    CHECK(error == DFUKIT_OK);
    atomic_fetch_add(&jobs, 1);
}

static void rounds(worker *w, dfukit_carrier *carrier)
{
    const dfukit_allocator memory = dfukit_allocator_default();

    for (unsigned round = 0; round < ROUNDS; round++) {
        dfukit_image image;
        dfukit_stream stream;

        for (size_t i = 0; i < SIZE; i++)
            w->firmware[i] = (uint8_t)(i * (2u * w->number + 3u) + (i >> 8) + round);
        CHECK(dfukit_image_parse(&image, w->firmware, SIZE,
                                 &(dfukit_image_options){.force_raw = true}, &memory,
                                 NULL) == DFUKIT_OK);
        CHECK(dfukit_stream_init(&stream, &image, DFUKIT_RANGE_ALL, NULL) == DFUKIT_OK);
        run(w, carrier,
            &(dfukit_job){.verb = DFUKIT_VERB_WRITE,
                          .stream = &stream,
                          .image = &image,
                          .range = DFUKIT_RANGE_ALL});
        w->copied = 0;
        run(w, carrier, &(dfukit_job){.verb = DFUKIT_VERB_READ});
        CHECK(w->copied == SIZE && memcmp(w->firmware, w->copy, SIZE) == 0);
        dfukit_image_free(&image);
    }
}

static void *remote(void *self)
{
    worker *w = self;
    dfukit_carrier carrier;
    char where[64];

    (void)snprintf(where, sizeof where, "usbip://127.0.0.1:%u/1-%u", (unsigned)w->port,
                   w->number + 1);
    CHECK(dfukit_carrier_open(&carrier, where) == DFUKIT_OK);
    rounds(w, &carrier);
    dfukit_carrier_close(&carrier);
    return NULL;
}

static void *local(void *self)
{
    static const dfukit_virtual_options options = {.fast = true};
    worker *w = self;
    uint64_t now_us = 0;
    dfukit_clock clock = dfukit_clock_virtual(&now_us);
    dfukit_virtual *device = dfukit_virtual_new(dfukit_persona_find("micro"), &options, &clock);
    dfukit_wire wire;
    dfukit_carrier carrier;

    CHECK(device != NULL);
    if (device == NULL)
        return NULL;
    wire = dfukit_virtual_wire(device);
    CHECK(dfukit_loopback_open(&carrier, &wire, 1, &clock) == DFUKIT_OK);
    rounds(w, &carrier);
    dfukit_carrier_close(&carrier);
    dfukit_virtual_free(&device);
    return NULL;
}

/* Files good and bad, and every text that the library has. */
static void *parse(void *self)
{
    static const char *const files[] = {
        ":0400000001020304F2\n:00000001FF\n",
        ":0400000001020304F3\n:00000001FF\n",
        "S1070000010203"
        "04EE\nS9030000FC\n",
        "\177ELF not really",
        "just bytes",
        "",
    };
    const dfukit_allocator memory = dfukit_allocator_default();

    (void)self;
    for (size_t i = 0; !atomic_load(&stop); i++) {
        const char *file = files[i % (sizeof files / sizeof files[0])];
        dfukit_image image;
        dfukit_image_fault fault;
        int error =
            dfukit_image_parse(&image, (const uint8_t *)file, strlen(file), NULL, &memory, &fault);

        CHECK(error == DFUKIT_OK ? image.count > 0 : fault.what != NULL);
        if (error == DFUKIT_OK)
            dfukit_image_free(&image);
        for (unsigned n = 0; n < 32; n++)
            CHECK(dfukit_error_text(-(int)n) != NULL && dfukit_state_name(n) != NULL &&
                  dfukit_status_text(n) != NULL && dfukit_format_name(n) != NULL);
        CHECK(dfukit_version_check(DFUKIT_VERSION_NUMBER) == DFUKIT_OK);
        atomic_fetch_add(&parsed, 1);
    }
    return NULL;
}

/* The server and its devices have a thread too; it is alone with them. */
static void *serve(void *self)
{
    while (!atomic_load(&stop))
        dfukit_server_work(self, 5);
    return NULL;
}

static void start(pthread_t *thread, void *(*body)(void *), void *self)
{
    if (pthread_create(thread, NULL, body, self) != 0) {
        fprintf(stderr, "FAIL  no thread\n");
        exit(1);
    }
}

int main(void)
{
    static const dfukit_virtual_options options = {.fast = true};
    static worker workers[REMOTE + LOCAL];
    dfukit_clock clock = dfukit_clock_real();
    dfukit_virtual *devices[REMOTE];
    dfukit_wire wires[REMOTE];
    pthread_t server_thread, parsers[PARSERS];

    for (size_t i = 0; i < REMOTE; i++) {
        devices[i] = dfukit_virtual_new(dfukit_persona_find("micro"), &options, &clock);
        if (devices[i] == NULL)
            return 1;
        wires[i] = dfukit_virtual_wire(devices[i]);
    }
    dfukit_server *server = dfukit_server_new("127.0.0.1:0", wires, REMOTE, &clock, NULL);
    if (server == NULL)
        return 1;
    uint16_t port = dfukit_server_port(server);
    start(&server_thread, serve, server);
    for (size_t i = 0; i < PARSERS; i++)
        start(&parsers[i], parse, NULL);
    for (unsigned i = 0; i < REMOTE + LOCAL; i++) {
        workers[i].number = i;
        workers[i].port = port;
        start(&workers[i].thread, i < REMOTE ? remote : local, &workers[i]);
    }
    for (size_t i = 0; i < REMOTE + LOCAL; i++)
        (void)pthread_join(workers[i].thread, NULL);
    atomic_store(&stop, true);
    for (size_t i = 0; i < PARSERS; i++)
        (void)pthread_join(parsers[i], NULL);
    (void)pthread_join(server_thread, NULL);
    dfukit_server_free(&server);
    for (size_t i = 0; i < REMOTE; i++)
        dfukit_virtual_free(&devices[i]);
    CHECK(atomic_load(&jobs) == (REMOTE + LOCAL) * ROUNDS * 2);
    CHECK(atomic_load(&parsed) > 0);
    printf("%d threads, %d jobs, %d files parsed, %d failures\n", REMOTE + LOCAL + PARSERS + 1,
           atomic_load(&jobs), atomic_load(&parsed), atomic_load(&failures));
    return atomic_load(&failures) == 0 ? 0 : 1;
}
