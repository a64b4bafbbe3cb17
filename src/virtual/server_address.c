/* SPDX-License-Identifier: MIT */
/* The USB/IP server: where it listens. */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_ADDRESS "127.0.0.1:3240"
#define BACKLOG         64
#define HOST_SIZE       256u

/* Digits only, up to 65535: getaddrinfo() would take more. */
static bool port_valid(const char *text)
{
    unsigned long value = 0;
    size_t digits = strspn(text, "0123456789");

    if (digits == 0 || digits > 5 || text[digits] != '\0')
        return false;
    value = strtoul(text, NULL, 10);
    return value <= 65535;
}

/* "ADDR:PORT" or "[ADDR6]:PORT"; *port points into the text. */
static bool split(const char *text, char host[HOST_SIZE], const char **port)
{
    const char *colon = strrchr(text, ':');
    const char *begin = text;
    size_t n;

    if (colon == NULL || !port_valid(colon + 1))
        return false;
    n = (size_t)(colon - text);
    if (text[0] == '[') {
        if (n < 3 || text[n - 1] != ']')
            return false;
        begin++;
        n -= 2;
    } else if (memchr(text, ':', n) != NULL) {
        return false;
    }
    if (n == 0 || n >= HOST_SIZE)
        return false;
    memcpy(host, begin, n);
    host[n] = '\0';
    *port = colon + 1;
    return true;
}

static int error_of(int number)
{
    switch (number) {
    case EADDRINUSE:
        return DFUKIT_ERR_BUSY;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return DFUKIT_ERR_USAGE;
    default:
        return DFUKIT_ERR_IO;
    }
}

static int listen_on(const struct addrinfo *a)
{
    const int on = 1;
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    int error;

    if (fd < 0)
        return error_of(errno);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0 &&
        fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0)
        return fd;
    error = error_of(errno);
    (void)close(fd);
    return error;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof(address);

    memset(&address, 0, sizeof(address));
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        return 0;
    if (address.ss_family == AF_INET6) {
        struct sockaddr_in6 six;

        memcpy(&six, &address, sizeof(six));
        return ntohs(six.sin6_port);
    } else {
        struct sockaddr_in four;

        memcpy(&four, &address, sizeof(four));
        return ntohs(four.sin_port);
    }
}

int dfukit_server_listen(const char *text, uint16_t *port)
{
    const struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *addresses = NULL;
    char host[HOST_SIZE];
    const char *service;
    int fd = DFUKIT_ERR_USAGE;

    if (!split(text != NULL ? text : DEFAULT_ADDRESS, host, &service) ||
        getaddrinfo(host, service, &hints, &addresses) != 0)
        return DFUKIT_ERR_USAGE;
    for (const struct addrinfo *a = addresses; a != NULL && fd < 0; a = a->ai_next)
        fd = listen_on(a);
    freeaddrinfo(addresses);
    if (fd >= 0)
        *port = bound_port(fd);
    return fd;
}
