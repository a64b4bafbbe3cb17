/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,device,usbip,virtual input=plain internal=virtual */
/*
 * The USB/IP server against a hostile client: whatever a connection says, in pieces of any size, it
 * neither harms the server nor the other connection, which is answered all the same. The input:
 * pieces, each a byte that says how long it is and what happens behind it.
 */
#include "server.h"

#include "script.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned long replies, imports;
static uint64_t now_us;

const char *fuzz_missing(void)
{
    if (imports == 0)
        return "an import";
    return replies < 4 ? "a transfer" : NULL;
}

/* A pair of sockets instead of a connection: no ports are used up. */
static int join(dfukit_server *s)
{
    int ends[2];
    dfukit_connection *c;

    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        abort();
    for (int i = 0; i < 2; i++)
        (void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
    c = dfukit_connection_new(ends[0]);
    if (c == NULL || s->connection_count >= DFUKIT_SERVER_CONNECTIONS)
        abort();
    s->connections[s->connection_count++] = c;
    return ends[1];
}

/* @return bytes that have come. */
static size_t drain(int fd)
{
    uint8_t waste[4096];
    size_t all = 0;
    ssize_t n;

    while ((n = recv(fd, waste, sizeof waste, 0)) > 0)
        all += (size_t)n;
    return all;
}

/* An honest list of devices, through the same server. */
static void bystander(dfukit_server *s)
{
    static const uint8_t ask[8] = {0x01, 0x11, 0x80, 0x05};
    int fd = join(s);
    size_t got = 0;

    if (send(fd, ask, sizeof ask, MSG_NOSIGNAL) != (ssize_t)sizeof ask)
        abort();
    for (unsigned i = 0; i < 50 && got < 12; i++) {
        dfukit_server_work(s, 0);
        got += drain(fd);
    }
    if (got < 12)
        abort();
    (void)close(fd);
    dfukit_server_work(s, 0);
}

static void attack(dfukit_server *s, const uint8_t *bytes, size_t n)
{
    int fd = join(s);

    for (size_t at = 0; at < n;) {
        uint8_t what = bytes[at++];
        size_t size = (what & 0x80u) != 0 ? what & 0x7Fu : (what & 0x07u) * 8u + 40u;

        if (size > n - at)
            size = n - at;
        if (size > 0)
            (void)!send(fd, bytes + at, size, MSG_NOSIGNAL);
        at += size;
        for (unsigned i = 0; i < 3; i++) {
            dfukit_server_work(s, 0);
            now_us += 1000;
        }
        if ((what & 0x40u) == 0) {
            size_t got = drain(fd);

            imports += got >= 320;
            replies += got >= 48;
        }
        if ((what & 0x38u) == 0x38u) { /* another connection in its place */
            (void)close(fd);
            dfukit_server_work(s, 0);
            fd = join(s);
        }
    }
    (void)close(fd);
    dfukit_server_work(s, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    dfukit_clock clock = dfukit_clock_virtual(&now_us);
    const dfukit_virtual_options options = {.fast = true};
    dfukit_virtual *v = dfukit_virtual_new(dfukit_persona_find("micro"), &options, &clock);
    dfukit_wire wires[2];
    dfukit_server *s;
    int error;

    if (v == NULL)
        abort();
    wires[0] = dfukit_virtual_wire(v);
    s = dfukit_server_new("127.0.0.1:0", wires, 1, &clock, &error);
    if (s == NULL)
        abort();
    attack(s, bytes, n);
    bystander(s);
    dfukit_server_free(&s);
    dfukit_virtual_free(&v);
    return 0;
}
