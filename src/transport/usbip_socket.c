/* SPDX-License-Identifier: MIT */
/* The USB/IP client's sockets: connecting and moving bytes, always within a deadline. */
#include "usbip.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A server that was started a moment ago may not listen yet. */
#define REFUSED_MS 700u

uint64_t dfukit_usbip_now_us(void *self)
{
    struct timespec t;

    (void)self;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

uint64_t dfukit_usbip_now_ms(void)
{
    return dfukit_usbip_now_us(NULL) / 1000u;
}

void dfukit_usbip_complain(dfukit_usbip *u, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(u->complaint, sizeof(u->complaint), format, arguments);
    va_end(arguments);
}

/* Wait for an event on a socket. @return false when the deadline has passed. */
static bool wait_for(int fd, short events, uint64_t deadline_ms)
{
    struct pollfd p = {.fd = fd, .events = events};

    for (;;) {
        uint64_t now = dfukit_usbip_now_ms();
        int n;

        if (now >= deadline_ms)
            return false;
        n = poll(&p, 1, deadline_ms - now > 60000 ? 60000 : (int)(deadline_ms - now));
        if (n > 0 || (n < 0 && errno != EINTR))
            return true;
    }
}

/* @return 0, or the system's error number. */
static int finish_connecting(int fd, uint64_t deadline_ms)
{
    int error = 0;
    socklen_t size = sizeof(error);

    if (!wait_for(fd, POLLOUT, deadline_ms))
        return ETIMEDOUT;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        return errno;
    return error;
}

static bool configure(int fd)
{
    const int on = 1;

    /* Without TCP_NODELAY each small packet may wait for the acknowledgement of the one before. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

/* @return a socket, or -1 with *error. */
static int connect_to(const struct addrinfo *a, uint64_t deadline_ms, int *error)
{
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);

    if (fd < 0) {
        *error = errno;
        return -1;
    }
    *error = 0;
    if (!configure(fd))
        *error = errno;
    else if (connect(fd, a->ai_addr, a->ai_addrlen) != 0)
        *error = errno == EINPROGRESS ? finish_connecting(fd, deadline_ms) : errno;
    if (*error == 0)
        return fd;
    (void)close(fd);
    return -1;
}

/* Each address once. @return a socket, or -1 with *error. */
static int connect_any(const struct addrinfo *addresses, uint64_t deadline_ms, int *error)
{
    unsigned left = 0;
    int fd = -1;

    for (const struct addrinfo *a = addresses; a != NULL; a = a->ai_next)
        left++;
    for (const struct addrinfo *a = addresses; a != NULL && fd < 0; a = a->ai_next) {
        uint64_t now = dfukit_usbip_now_ms();
        uint64_t share = now < deadline_ms ? (deadline_ms - now) / left : 0;

        fd = connect_to(a, now + share, error);
        left--;
    }
    return fd;
}

int dfukit_usbip_connect(dfukit_usbip *u, uint64_t deadline_ms)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    const struct timespec pause = {0, 20 * 1000000L};
    struct addrinfo *addresses = NULL;
    uint64_t patience = dfukit_usbip_now_ms() + REFUSED_MS;
    int error = 0;
    int fd;
    char text[128] = "unknown error";
    int failed = getaddrinfo(u->host, u->port, &hints, &addresses);

    if (failed != 0) {
        dfukit_usbip_complain(u, "cannot find %s: %s", u->host, gai_strerror(failed));
        return -1;
    }
    if (patience > deadline_ms)
        patience = deadline_ms;
    while ((fd = connect_any(addresses, deadline_ms, &error)) < 0 && error == ECONNREFUSED &&
           !u->met && dfukit_usbip_now_ms() < patience)
        nanosleep(&pause, NULL);
    freeaddrinfo(addresses);
    u->met |= fd >= 0;
    if (fd < 0) {
        (void)strerror_r(error, text, sizeof(text));
        dfukit_usbip_complain(u, "cannot connect to %s: %s", u->where, text);
    }
    return fd;
}

static bool try_again(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

int dfukit_usbip_send(int fd, const uint8_t *bytes, size_t n, uint64_t deadline_ms)
{
    size_t sent = 0;

    while (sent < n) {
        ssize_t some = send(fd, bytes + sent, n - sent, MSG_NOSIGNAL);

        if (some >= 0)
            sent += (size_t)some;
        else if (!try_again())
            return DFUKIT_ERR_GONE;
        else if (!wait_for(fd, POLLOUT, deadline_ms))
            return DFUKIT_ERR_TIMEOUT;
    }
    return DFUKIT_OK;
}

int dfukit_usbip_recv(int fd, uint8_t *bytes, size_t n, uint64_t deadline_ms)
{
    size_t have = 0;

    while (have < n) {
        ssize_t some;

        if (!wait_for(fd, POLLIN, deadline_ms))
            return DFUKIT_ERR_TIMEOUT;
        some = recv(fd, bytes + have, n - have, 0);
        if (some > 0)
            have += (size_t)some;
        else if (some == 0 || !try_again())
            return DFUKIT_ERR_GONE;
    }
    return DFUKIT_OK;
}
