/* SPDX-License-Identifier: MIT */
/* This computer's own USB through libusb-1.0: the carrier, its clock, its waiting and its errors.
 */
#include "dfukit/transport.h"

#ifdef DFUKIT_HAVE_LIBUSB

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "libusb_carrier.h"

/* libusb's reset is no reset of the bus on macOS (since 10.11) and with WinUSB. */
#if defined(__APPLE__) || defined(_WIN32)
#define RESETS false
#else
#define RESETS true
#endif

/* ---- Errors ---- */

// clang-format off
static const struct {
    int code;
    dfukit_error error;
} errors[] = {
    {LIBUSB_SUCCESS,             DFUKIT_OK},
    {LIBUSB_ERROR_ACCESS,        DFUKIT_ERR_ACCESS},
    {LIBUSB_ERROR_NO_DEVICE,     DFUKIT_ERR_GONE},
    {LIBUSB_ERROR_BUSY,          DFUKIT_ERR_BUSY},
    {LIBUSB_ERROR_TIMEOUT,       DFUKIT_ERR_TIMEOUT},
    {LIBUSB_ERROR_PIPE,          DFUKIT_ERR_STALL},
    {LIBUSB_ERROR_NO_MEM,        DFUKIT_ERR_NOMEM},
    {LIBUSB_ERROR_NOT_SUPPORTED, DFUKIT_ERR_UNSUPPORTED},
};
// clang-format on

int dfukit_libusb_error(int code)
{
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        if (errors[i].code == code)
            return errors[i].error;
    }
    return DFUKIT_ERR_IO;
}

int dfukit_libusb_complain(dfukit_libusb *carrier, const char *what, int code)
{
    if (code == LIBUSB_SUCCESS) {
        carrier->complaint[0] = '\0';
        return DFUKIT_OK;
    }
    snprintf(carrier->complaint, sizeof carrier->complaint, "%s: %s", what, libusb_strerror(code));
    return dfukit_libusb_error(code);
}

static const char *complaint(void *self)
{
    const dfukit_libusb *carrier = self;
    return carrier->complaint;
}

/* ---- Time and waiting ---- */

static uint64_t now_us(void *self)
{
    (void)self;
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t dfukit_libusb_now_ms(void *self)
{
    return now_us(self) / 1000u;
}

/* libusb comes back after any event, a signal among them; only a signal, an error, news for the
 * caller and the time end the wait. What has already happened is seen to in any case. */
static void pump(void *self, uint32_t timeout_ms)
{
    dfukit_libusb *carrier = self;
    uint64_t end = dfukit_libusb_now_ms(self) + timeout_ms;
    for (;;) {
        uint64_t now = dfukit_libusb_now_ms(self);
        uint64_t left = end > now && carrier->news == 0 ? end - now : 0;
        struct timeval wait = {.tv_sec = (time_t)(left / 1000u),
                               .tv_usec = (suseconds_t)(left % 1000u * 1000u)};
        int code = libusb_handle_events_timeout_completed(carrier->context, &wait,
                                                          left > 0 ? &carrier->news : NULL);
        if (code != LIBUSB_SUCCESS || carrier->news != 0 || left == 0)
            break;
    }
    carrier->news = 0;
}

static int LIBUSB_CALL devices_changed(libusb_context *context, libusb_device *device,
                                       libusb_hotplug_event event, void *self)
{
    (void)context;
    (void)device;
    (void)event;
    dfukit_libusb *carrier = self;
    carrier->news = 1;
    return 0;
}

/* ---- Beginning and end ---- */

static void destroy(void *self)
{
    dfukit_libusb *carrier = self;
    libusb_exit(carrier->context);
    free(carrier);
}

static const dfukit_carrier_ops libusb_ops = {
    .now_ms = dfukit_libusb_now_ms,
    .list = dfukit_libusb_list,
    .open = dfukit_libusb_open_device,
    .close = dfukit_libusb_close_device,
    .submit = dfukit_libusb_submit,
    .cancel = dfukit_libusb_cancel,
    .pump = pump,
    .destroy = destroy,
    .complaint = complaint,
    .now_us = now_us,
};

int dfukit_libusb_open(dfukit_carrier *carrier)
{
    dfukit_libusb *self = calloc(1, sizeof *self);
    if (self == NULL)
        return DFUKIT_ERR_NOMEM;
    int code = libusb_init(&self->context);
    if (code != LIBUSB_SUCCESS) {
        free(self);
        return code == LIBUSB_ERROR_NO_MEM ? DFUKIT_ERR_NOMEM : DFUKIT_ERR_IO;
    }
    /* Without hot-plug events the caller notices a change when it lists again: no more than later.
     */
    if (libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG) != 0) {
        int events = LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT;
        (void)libusb_hotplug_register_callback(
            self->context, events, LIBUSB_HOTPLUG_NO_FLAGS, LIBUSB_HOTPLUG_MATCH_ANY,
            LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY, devices_changed, self, NULL);
    }
    *carrier = (dfukit_carrier){
        .ops = &libusb_ops,
        .self = self,
        .queues = false, /* one transfer at a time: a round trip on a local bus costs little */
        .resets = RESETS,
    };
    return DFUKIT_OK;
}

#else

int dfukit_libusb_open(dfukit_carrier *carrier)
{
    (void)carrier;
    return DFUKIT_ERR_UNSUPPORTED;
}

#endif
