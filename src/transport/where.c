/* SPDX-License-Identifier: MIT */
/* Where devices are, as people write it: usb, usbip://HOST[:PORT][/BUSID]. */
#include <string.h>

#include "dfukit/transport.h"

/* Copy n characters; false when there is none, or no room. */
static bool copy(char *to, size_t room, const char *from, size_t n)
{
    if (n == 0 || n >= room)
        return false;
    memcpy(to, from, n);
    to[n] = '\0';
    return true;
}

static bool parse_port(const char *text, const char *end, uint16_t *port)
{
    uint32_t number = 0;

    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return false;
        number = number * 10u + (uint32_t)(*text - '0');
        if (number > UINT16_MAX)
            return false;
    }
    *port = (uint16_t)number;
    return number != 0;
}

/* HOST[:PORT][/BUSID]; an IPv6 address stands in brackets. */
static bool parse_usbip(const char *text, dfukit_where *where)
{
    const char *slash = strchr(text, '/');
    const char *end = slash != NULL ? slash : text + strlen(text);
    const char *host = text, *host_end;

    if (*text == '[') {
        host = text + 1;
        host_end = memchr(host, ']', (size_t)(end - host));
        if (host_end == NULL)
            return false;
        text = host_end + 1;
    } else {
        host_end = memchr(text, ':', (size_t)(end - text));
        if (host_end == NULL)
            host_end = end;
        text = host_end;
    }
    if (!copy(where->host, sizeof where->host, host, (size_t)(host_end - host)))
        return false;
    if (text < end && (*text != ':' || !parse_port(text + 1, end, &where->port)))
        return false;
    return slash == NULL || copy(where->busid, sizeof where->busid, slash + 1, strlen(slash + 1));
}

int dfukit_where_parse(const char *text, dfukit_where *where)
{
    static const char usbip[] = "usbip://";

    memset(where, 0, sizeof *where);
    if (strcmp(text, "usb") == 0)
        return DFUKIT_OK;
    where->usbip = true;
    if (strncmp(text, usbip, sizeof usbip - 1) == 0 && parse_usbip(text + sizeof usbip - 1, where))
        return DFUKIT_OK;
    return DFUKIT_ERR_USAGE;
}

int dfukit_where_open(dfukit_carrier *carrier, const dfukit_where *where)
{
    if (!where->usbip)
        return dfukit_libusb_open(carrier);
    const dfukit_usbip_options options = {
        .host = where->host,
        .port = where->port,
        .busid = where->busid[0] != '\0' ? where->busid : NULL,
    };
    return dfukit_usbip_open(carrier, &options);
}

int dfukit_carrier_open(dfukit_carrier *carrier, const char *where)
{
    dfukit_where parsed;
    int error = dfukit_where_parse(where, &parsed);

    *carrier = (dfukit_carrier){.ops = NULL};
    return error == DFUKIT_OK ? dfukit_where_open(carrier, &parsed) : error;
}
