/* SPDX-License-Identifier: MIT */
/* The USB/IP server: one thread, one poll(), any number of devices and a bounded number of clients.
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DEAF_MS 100u
/* How far the devices' clock may stay behind the system's before it is pushed. */
#define LAG_US 2000u
/* A device that asks to be called again at once does not get the processor to itself. */
#define BREATH_US 20u

/* ---- Time ---- */

uint64_t dfukit_server_real_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

uint64_t dfukit_server_now_us(const dfukit_server *s)
{
    return s->clock.now_us(s->clock.self);
}

/* Clients live in real time. A clock that only sleeping advances is made to follow it. */
static void follow_real_time(dfukit_server *s)
{
    uint64_t real = dfukit_server_real_us() - s->real_start_us;
    uint64_t own = dfukit_server_now_us(s) - s->clock_start_us;

    if (real > own + LAG_US)
        s->clock.sleep_us(s->clock.self, real - own);
}

/* ---- Beginning and end ---- */

static bool fill(dfukit_server *s, const dfukit_wire *wires, size_t count,
                 const dfukit_clock *clock)
{
    s->exports = calloc(count > 0 ? count : 1, sizeof(*s->exports));
    if (s->exports == NULL)
        return false;
    s->export_count = count;
    for (size_t i = 0; i < count; i++) {
        s->exports[i].wire = wires[i];
        (void)snprintf(s->exports[i].busid, sizeof(s->exports[i].busid), "1-%zu", i + 1);
    }
    s->clock = *clock;
    for (size_t i = 0; i < count; i++)
        dfukit_export_notice(s, &s->exports[i]);
    s->real_start_us = dfukit_server_real_us();
    s->clock_start_us = dfukit_server_now_us(s);
    return true;
}

dfukit_server *dfukit_server_new(const char *listen, const dfukit_wire *wires, size_t count,
                                 const dfukit_clock *clock, int *error)
{
    dfukit_server *s = calloc(1, sizeof(*s));
    int result = DFUKIT_ERR_NOMEM;

    if (s != NULL) {
        s->fd = -1;
        if (fill(s, wires, count, clock)) {
            result = dfukit_server_listen(listen, &s->port);
            s->fd = result;
        }
    }
    if (error != NULL)
        *error = result < 0 ? result : DFUKIT_OK;
    if (result < 0)
        dfukit_server_free(&s);
    return s;
}

void dfukit_server_free(dfukit_server **s)
{
    if (s == NULL || *s == NULL)
        return;
    for (size_t i = 0; i < (*s)->connection_count; i++)
        dfukit_connection_free((*s)->connections[i]);
    if ((*s)->fd >= 0)
        (void)close((*s)->fd);
    free((*s)->exports);
    free(*s);
    *s = NULL;
}

uint16_t dfukit_server_port(const dfukit_server *s)
{
    return s->port;
}

/* ---- Connections ---- */

static void accept_all(dfukit_server *s, uint64_t now_ms)
{
    while (s->connection_count < DFUKIT_SERVER_CONNECTIONS) {
        int fd = accept(s->fd, NULL, NULL);
        dfukit_connection *c = NULL;

        if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
            continue;
        if (fd < 0) {
            /* Out of descriptors or memory: the client stays in the backlog until there are some.
             */
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                s->deaf_until_ms = now_ms + DEAF_MS;
            return;
        }
        if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
            c = dfukit_connection_new(fd);
        if (c == NULL)
            (void)close(fd);
        else
            s->connections[s->connection_count++] = c;
    }
}

static void sweep(dfukit_server *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->connection_count; i++) {
        if (s->connections[i]->phase == DFUKIT_PHASE_DEAD)
            dfukit_connection_free(s->connections[i]);
        else
            s->connections[kept++] = s->connections[i];
    }
    s->connection_count = kept;
}

/* Let devices and transfers go on. @return microseconds until there may be more to do. */
static uint64_t advance(dfukit_server *s)
{
    uint64_t soonest = UINT64_MAX;
    uint64_t now_ms = dfukit_server_real_us() / 1000;

    for (size_t i = 0; i < s->export_count; i++)
        (void)s->exports[i].wire.ops->work(s->exports[i].wire.self);
    for (size_t i = 0; i < s->connection_count; i++) {
        dfukit_connection *c = s->connections[i];
        uint64_t hint = dfukit_urb_run(s, c);

        dfukit_connection_write(c);
        dfukit_connection_check(c, now_ms);
        if (hint < soonest)
            soonest = hint;
        if (c->phase != DFUKIT_PHASE_DEVICE && c->phase != DFUKIT_PHASE_DEAD &&
            (c->deadline_ms - now_ms) * 1000 < soonest)
            soonest = (c->deadline_ms - now_ms) * 1000;
    }
    sweep(s);
    for (size_t i = 0; i < s->export_count; i++) {
        uint64_t hint;

        dfukit_export_refresh(s, &s->exports[i], false);
        hint = s->exports[i].wire.ops->work(s->exports[i].wire.self);
        if (hint < soonest)
            soonest = hint;
    }
    return soonest > BREATH_US ? soonest : BREATH_US;
}

/* ---- Waiting ---- */

static short events_of(const dfukit_connection *c)
{
    short events = 0;

    if (c->phase != DFUKIT_PHASE_CLOSING && c->replies.count < DFUKIT_SERVER_REPLIES)
        events |= POLLIN;
    if (c->replies.count > 0)
        events |= POLLOUT;
    return events;
}

/* Wait for events, at most `wait_us`. @return true when there were any. */
static bool wait_for_events(dfukit_server *s, uint64_t wait_us)
{
    struct pollfd polls[1 + DFUKIT_SERVER_CONNECTIONS];
    size_t count = s->connection_count;
    uint64_t now_ms = dfukit_server_real_us() / 1000;
    bool listens = count < DFUKIT_SERVER_CONNECTIONS && now_ms >= s->deaf_until_ms;

    if (now_ms < s->deaf_until_ms && wait_us > (s->deaf_until_ms - now_ms) * 1000)
        wait_us = (s->deaf_until_ms - now_ms) * 1000;
    polls[0] = (struct pollfd){.fd = listens ? s->fd : -1, .events = POLLIN};
    for (size_t i = 0; i < count; i++) {
        const dfukit_connection *c = s->connections[i];

        polls[1 + i] = (struct pollfd){.fd = c->fd, .events = events_of(c)};
    }
    if (poll(polls, (nfds_t)(1 + count), (int)(wait_us / 1000)) <= 0) {
        /* Waits below poll()'s resolution are for devices; nobody minds so short a deafness. */
        if (wait_us > 0 && wait_us < 1000)
            s->clock.sleep_us(s->clock.self, wait_us);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (polls[1 + i].revents != 0)
            dfukit_connection_read(s, s->connections[i]);
        if ((polls[1 + i].revents & (POLLERR | POLLNVAL)) != 0)
            dfukit_connection_drop(s->connections[i]);
    }
    if (polls[0].revents != 0)
        accept_all(s, now_ms);
    return true;
}

void dfukit_server_work(dfukit_server *s, uint32_t timeout_ms)
{
    uint64_t now = dfukit_server_real_us();
    uint64_t end = now + timeout_ms * UINT64_C(1000);
    bool active;

    do {
        uint64_t wait = advance(s);

        now = dfukit_server_real_us();
        if (now >= end)
            wait = 0;
        else if (wait > end - now)
            wait = end - now;
        if (wait > 60000000)
            wait = 60000000;
        active = wait_for_events(s, wait);
        follow_real_time(s);
        now = dfukit_server_real_us();
    } while (!active && now < end);
    if (active)
        (void)advance(s);
}
