/* SPDX-License-Identifier: MIT */
/* The recorder's lines: see docs/TRACE.md. */
#include "trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CLASS_REQUEST  0x20u /* bits 5 and 6 of bmRequestType (USB 2.0 §9.3) */
#define VENDOR_REQUEST 0x40u
#define TYPE_MASK      0x60u

void dfukit_trace_add(dfukit_trace *t, const char *format, ...)
{
    size_t room = sizeof(t->text) - t->used;
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(t->text + t->used, room, format, arguments);
    va_end(arguments);
    if (n > 0)
        t->used += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_ms(dfukit_trace *t, const char *before, uint64_t us)
{
    dfukit_trace_add(t, "%s%llu.%03u", before, (unsigned long long)(us / 1000u),
                     (unsigned)(us % 1000u));
}

void dfukit_trace_begin(dfukit_trace *t, uint64_t at_us, const char *word)
{
    t->used = 0;
    add_ms(t, "", at_us);
    dfukit_trace_add(t, " %s", word);
}

void dfukit_trace_begin_lasting(dfukit_trace *t, uint64_t from_us, uint64_t to_us, const char *word)
{
    t->used = 0;
    add_ms(t, "", from_us);
    add_ms(t, " +", to_us - from_us);
    dfukit_trace_add(t, " %s", word);
}

void dfukit_trace_hex(dfukit_trace *t, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    if (bytes == NULL || n == 0 || 2 * n + 2 >= sizeof(t->text) - t->used) {
        dfukit_trace_add(t, " -");
        return;
    }
    t->text[t->used++] = ' ';
    for (size_t i = 0; i < n; i++) {
        t->text[t->used++] = digits[bytes[i] >> 4];
        t->text[t->used++] = digits[bytes[i] & 0x0Fu];
    }
    t->text[t->used] = '\0';
}

void dfukit_trace_path(dfukit_trace *t, const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-/";

    dfukit_trace_add(t, *path != '\0' ? " " : " %%");
    for (; *path != '\0'; path++) {
        if (strchr(plain, *path) != NULL)
            dfukit_trace_add(t, "%c", *path);
        else
            dfukit_trace_add(t, "%%%02x", (unsigned)(unsigned char)*path);
    }
}

void dfukit_trace_end(dfukit_trace *t)
{
    if (t->used > sizeof(t->text) - 2)
        t->used = sizeof(t->text) - 2;
    t->text[t->used++] = '\n';
    t->line(t->self, t->text, t->used);
    t->used = 0;
}

// clang-format off
static const struct {
    uint8_t request;
    const char *name;
} standard[] = {
    {DFUKIT_USB_GET_STATUS,        "GET_STATUS"},
    {DFUKIT_USB_CLEAR_FEATURE,     "CLEAR_FEATURE"},
    {DFUKIT_USB_SET_FEATURE,       "SET_FEATURE"},
    {DFUKIT_USB_SET_ADDRESS,       "SET_ADDRESS"},
    {DFUKIT_USB_GET_DESCRIPTOR,    "GET_DESCRIPTOR"},
    {DFUKIT_USB_GET_CONFIGURATION, "GET_CONFIGURATION"},
    {DFUKIT_USB_SET_CONFIGURATION, "SET_CONFIGURATION"},
    {DFUKIT_USB_GET_INTERFACE,     "GET_INTERFACE"},
    {DFUKIT_USB_SET_INTERFACE,     "SET_INTERFACE"},
};
// clang-format on

static const char *request_name(const dfukit_setup *s)
{
    unsigned type = s->bmRequestType & TYPE_MASK;

    if (type == CLASS_REQUEST)
        return s->bRequest < DFUKIT_REQUEST_COUNT ? dfukit_request_name(s->bRequest) : "class";
    if (type == VENDOR_REQUEST)
        return "vendor";
    for (size_t i = 0; type == 0 && i < sizeof(standard) / sizeof(standard[0]); i++) {
        if (standard[i].request == s->bRequest)
            return standard[i].name;
    }
    return "standard";
}

static void explain_text(dfukit_trace *t, const uint8_t *bytes, size_t n)
{
    char text[400];

    if (dfukit_string_decode(bytes, n, text, sizeof(text)) <= 0)
        return;
    dfukit_text_sanitise(text);
    dfukit_trace_add(t, "  # \"%s\"", text);
}

/* What a class request says, or what its answer means. */
static void explain_class(dfukit_trace *t, const dfukit_transfer *x)
{
    dfukit_status_reply reply;

    if (x->setup.bRequest == DFUKIT_DNLOAD || x->setup.bRequest == DFUKIT_UPLOAD) {
        dfukit_trace_add(t, "  # block %u", (unsigned)x->setup.wValue);
        if (x->setup.wLength == 0)
            dfukit_trace_add(t, ": the end");
    } else if (x->setup.bRequest == DFUKIT_GETSTATUS && x->result == (int32_t)DFUKIT_STATUS_SIZE) {
        dfukit_status_decode(x->in, &reply);
        dfukit_trace_add(t, "  # %s, %s, poll after %lu ms", dfukit_state_name(reply.bState),
                         dfukit_status_name(reply.bStatus), (unsigned long)reply.bwPollTimeout);
    } else if (x->setup.bRequest == DFUKIT_GETSTATE && x->result == 1) {
        dfukit_trace_add(t, "  # %s", dfukit_state_name(x->in[0]));
    }
}

void dfukit_trace_transfer(dfukit_trace *t, size_t number, const dfukit_transfer *transfer,
                           size_t at, size_t count, uint64_t from_us, uint64_t to_us)
{
    const dfukit_setup *s = &transfer->setup;
    bool in = dfukit_setup_is_in(s);
    size_t got = transfer->result > 0 ? (size_t)transfer->result : 0;

    if (got > s->wLength)
        got = s->wLength;
    dfukit_trace_begin_lasting(t, from_us, to_us, "transfer");
    dfukit_trace_add(t, " %zu %zu/%zu %s %02x %02x %04x %04x %04x", number, at + 1, count,
                     request_name(s), (unsigned)s->bmRequestType, (unsigned)s->bRequest,
                     (unsigned)s->wValue, (unsigned)s->wIndex, (unsigned)s->wLength);
    if (transfer->result >= 0)
        dfukit_trace_add(t, " %zu", got);
    else
        dfukit_trace_add(t, " %s", dfukit_error_name((int)transfer->result));
    if (in)
        dfukit_trace_hex(t, transfer->in, got);
    else
        dfukit_trace_hex(t, transfer->out, s->wLength);
    if ((s->bmRequestType & TYPE_MASK) == CLASS_REQUEST)
        explain_class(t, transfer);
    else if (in && s->bRequest == DFUKIT_USB_GET_DESCRIPTOR &&
             s->wValue >> 8 == DFUKIT_DESC_STRING && (s->wValue & 0xFFu) != 0 && got > 0)
        explain_text(t, transfer->in, got);
    dfukit_trace_end(t);
}
