/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,usbip,transport input=plain internal=transport */
/* fuzz: wrap=dfukit_usbip_connect,dfukit_usbip_now_ms,poll */
/*
 * The USB/IP client against a hostile server: lists, opens, claims, transfers, resets and closes,
 * and comes to an end with results that make sense. The input: what the server says on each
 * connection, in order: two bytes of length, little-endian, then the bytes; then it hangs up.
 */
#include "usbip.h"

#include "script.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const uint8_t *said;
static size_t left;
static uint64_t time_ms;
static unsigned long listed, opened, moved;
/* The server's ends, open until the input has been run. */
#define PEERS 128u
static int peers[PEERS];
static size_t peer_count;

int __wrap_dfukit_usbip_connect(dfukit_usbip *u, uint64_t deadline_ms);
uint64_t __real_dfukit_usbip_now_ms(void);
uint64_t __wrap_dfukit_usbip_now_ms(void);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);

const char *fuzz_missing(void)
{
    if (listed == 0)
        return "a list";
    if (opened == 0)
        return "a device";
    return moved == 0 ? "data" : NULL;
}

/* Time passes faster when it is looked at: no wait is a real one. */
uint64_t __wrap_dfukit_usbip_now_ms(void)
{
    return __real_dfukit_usbip_now_ms() + time_ms++;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    (void)timeout;
    time_ms += 5;
    return __real_poll(fds, count, 0);
}

int __wrap_dfukit_usbip_connect(dfukit_usbip *u, uint64_t deadline_ms)
{
    size_t size = left >= 2 ? said[0] | (size_t)said[1] << 8 : 0;
    int ends[2];

    (void)deadline_ms;
    if (left < 2 || peer_count == PEERS || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        dfukit_usbip_complain(u, "nobody there");
        return -1;
    }
    said += 2;
    left -= 2;
    size = size < left ? size : left;
    for (int i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
    (void)!send(ends[1], said, size, MSG_NOSIGNAL);
    said += size;
    left -= size;
    /* It may be written to; nothing more comes. */
    (void)shutdown(ends[1], SHUT_WR);
    peers[peer_count++] = ends[1];
    return ends[0];
}

static void run(dfukit_carrier *c, dfukit_handle *h, dfukit_task *task)
{
    c->ops->submit(c->self, h, task);
    for (unsigned i = 0; !task->done; i++) {
        if (i > 100000)
            abort();
        c->ops->pump(c->self, 10);
    }
}

static void converse(dfukit_carrier *c, dfukit_handle *h)
{
    static const uint8_t block[64] = {1, 2, 3};
    uint8_t status[6], read[512];
    dfukit_transfer t[3] = {
        {.setup = {0x21, DFUKIT_DNLOAD, 0, 0, 64}, .out = block, .timeout_ms = 100},
        {.setup = {0xA1, DFUKIT_GETSTATUS, 0, 0, 6}, .in = status, .timeout_ms = 100},
        {.setup = {0xA1, DFUKIT_UPLOAD, 0, 0, 512}, .in = read, .timeout_ms = 100}};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = t, .count = 3};
    dfukit_task claim = {
        .kind = DFUKIT_TASK_CLAIM, .configuration = 1, .interface = 0, .set_alternate = true};
    dfukit_task reset = {.kind = DFUKIT_TASK_RESET};

    run(c, h, &claim);
    run(c, h, &task);
    for (size_t i = 0; i < 3; i++) {
        if (t[i].result > (int32_t)t[i].setup.wLength)
            abort();
        moved += t[i].result > 0;
    }
    run(c, h, &reset);
    if (reset.result != DFUKIT_OK && reset.result != DFUKIT_ERR_GONE)
        abort();
    c->ops->submit(c->self, h, &task);
    c->ops->cancel(c->self, h);
    if (!task.done)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    dfukit_carrier c;
    dfukit_listing listing = {0, NULL};

    said = bytes;
    left = n;
    time_ms = 0;
    if (dfukit_usbip_open(&c, NULL) != DFUKIT_OK)
        abort();
    if (c.ops->list(c.self, NULL, &listing) == DFUKIT_OK) {
        listed += listing.count > 0;
        for (size_t i = 0; i < listing.count && i < 8; i++) {
            const dfukit_entry *e = &listing.entries[i];
            dfukit_handle *h = NULL;

            if (memchr(e->path, 0, sizeof e->path) == NULL)
                abort();
            if (e->configuration != NULL)
                (void)dfukit_crc32(0, e->configuration, e->configuration_size);
            if (c.ops->open(c.self, e->path, e->devnum, &h) != DFUKIT_OK)
                continue;
            opened++;
            converse(&c, h);
            c.ops->close(c.self, h);
        }
        dfukit_listing_free(&listing);
    }
    if (c.ops->complaint(c.self) == NULL)
        abort();
    dfukit_carrier_close(&c);
    while (peer_count > 0)
        (void)close(peers[--peer_count]);
    return 0;
}
