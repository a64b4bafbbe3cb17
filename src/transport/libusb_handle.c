/* SPDX-License-Identifier: MIT */
/*
 * An opened device: control transfers one after the other, each begun by the completion of the one
 * before it, and the two tasks libusb can only do while the caller waits, claiming and resetting.
 */
#include "dfukit/transport.h"

#ifdef DFUKIT_HAVE_LIBUSB

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "libusb_carrier.h"

/* The longest data stage there is; how much of it passes is libusb's affair (Linux: 4096). */
#define DATA_MAX 0xFFFFu
/* A cancelled transfer ends at once unless the computer's own controller hangs. */
#define CANCEL_MAX_MS 5000u

struct dfukit_handle {
    dfukit_libusb *carrier;
    libusb_device_handle *usb;
    struct libusb_transfer *transfer; /* owns its buffer */
    dfukit_task *task;                /* under way; NULL: none */
    size_t at;                        /* which of the task's transfers */
    bool cancelled;
    bool gone; /* left the bus at a reset */
    bool claimed;
    uint8_t interface, alternate; /* the one that is claimed, and what was selected on it */
};

/* ---- Opening and closing ---- */

/* libusb's copy of the device that `path` and `devnum` name, referenced, or NULL. */
static libusb_device *find(dfukit_libusb *carrier, const char *path, uint32_t devnum, int *code)
{
    libusb_device **devices = NULL;
    libusb_device *found = NULL;
    ssize_t count = libusb_get_device_list(carrier->context, &devices);
    *code = count < 0 ? (int)count : LIBUSB_ERROR_NO_DEVICE;
    for (ssize_t i = 0; i < count && found == NULL; i++) {
        char here[DFUKIT_PATH_SIZE];
        dfukit_libusb_path(devices[i], here);
        if (strcmp(here, path) == 0 && dfukit_libusb_devnum(devices[i]) == devnum)
            found = libusb_ref_device(devices[i]);
    }
    if (devices != NULL)
        libusb_free_device_list(devices, 1);
    return found;
}

static struct libusb_transfer *transfer_new(void)
{
    struct libusb_transfer *transfer = libusb_alloc_transfer(0);
    if (transfer == NULL)
        return NULL;
    transfer->buffer = calloc(1, LIBUSB_CONTROL_SETUP_SIZE + DATA_MAX);
    transfer->flags = LIBUSB_TRANSFER_FREE_BUFFER;
    if (transfer->buffer == NULL) {
        libusb_free_transfer(transfer);
        return NULL;
    }
    return transfer;
}

int dfukit_libusb_open_device(void *self, const char *path, uint32_t devnum, dfukit_handle **out)
{
    dfukit_libusb *carrier = self;
    int code;
    *out = NULL;
    libusb_device *device = find(carrier, path, devnum, &code);
    if (device == NULL)
        return dfukit_libusb_complain(carrier, "opening the device", code);
    dfukit_handle *h = calloc(1, sizeof *h);
    code = h != NULL ? libusb_open(device, &h->usb) : LIBUSB_ERROR_NO_MEM;
    libusb_unref_device(device);
    if (code == LIBUSB_SUCCESS) {
        h->carrier = carrier;
        h->transfer = transfer_new();
        if (h->transfer == NULL) {
            libusb_close(h->usb);
            code = LIBUSB_ERROR_NO_MEM;
        }
    }
    if (code != LIBUSB_SUCCESS) {
        free(h);
        return dfukit_libusb_complain(carrier, "opening the device", code);
    }
    /* A driver of the system may hold the interface of a run-time function; where that cannot be
     * undone, claiming says so. */
    (void)libusb_set_auto_detach_kernel_driver(h->usb, 1);
    dfukit_libusb_complain(carrier, "", LIBUSB_SUCCESS);
    *out = h;
    return DFUKIT_OK;
}

void dfukit_libusb_close_device(void *self, dfukit_handle *h)
{
    if (h == NULL)
        return;
    dfukit_libusb_cancel(self, h);
    if (h->claimed && !h->gone)
        (void)libusb_release_interface(h->usb, h->interface);
    libusb_close(h->usb);
    libusb_free_transfer(h->transfer);
    free(h);
}

/* ---- Transfers ---- */

static void transfer_ended(struct libusb_transfer *transfer);

static void finish(dfukit_handle *h, int result)
{
    dfukit_task *task = h->task;
    h->task = NULL;
    task->result = result;
    task->done = true;
    h->carrier->news = 1;
}

/* @return DFUKIT_OK: under way; else the transfer's result. */
static int32_t begin(dfukit_handle *h, const dfukit_transfer *t)
{
    struct libusb_transfer *transfer = h->transfer;
    const dfukit_setup *setup = &t->setup;
    bool in = dfukit_setup_is_in(setup);
    if (h->gone)
        return DFUKIT_ERR_GONE;
    if (transfer == NULL || (setup->wLength > 0 && (in ? t->in == NULL : t->out == NULL)))
        return DFUKIT_ERR_IO;
    libusb_fill_control_setup(transfer->buffer, setup->bmRequestType, setup->bRequest,
                              setup->wValue, setup->wIndex, setup->wLength);
    if (!in && setup->wLength > 0)
        memcpy(transfer->buffer + LIBUSB_CONTROL_SETUP_SIZE, t->out, setup->wLength);
    /* To libusb a time-out of 0 means for ever. */
    libusb_fill_control_transfer(transfer, h->usb, transfer->buffer, transfer_ended, h,
                                 t->timeout_ms > 0 ? t->timeout_ms : 1);
    int code = libusb_submit_transfer(transfer);
    int32_t error = dfukit_libusb_error(code);
    return error == DFUKIT_ERR_NOMEM || error == DFUKIT_ERR_UNSUPPORTED ? DFUKIT_ERR_IO : error;
}

/* Go on with the task until a transfer is under way or none is left. After a stall the rest still
 * runs; after any other failure, `before`, it does not. */
static void go_on(dfukit_handle *h, int32_t before)
{
    dfukit_task *task = h->task;
    for (; h->at < task->count; h->at++) {
        bool stop = before < 0 && before != DFUKIT_ERR_STALL;
        before = stop ? DFUKIT_ERR_AGAIN : begin(h, &task->transfers[h->at]);
        if (before == DFUKIT_OK)
            return;
        task->transfers[h->at].result = before;
    }
    finish(h, DFUKIT_OK);
}

static int32_t result_of(const struct libusb_transfer *transfer)
{
    switch (transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return transfer->actual_length;
    case LIBUSB_TRANSFER_STALL:
        return DFUKIT_ERR_STALL;
    case LIBUSB_TRANSFER_TIMED_OUT:
    case LIBUSB_TRANSFER_CANCELLED:
        return DFUKIT_ERR_TIMEOUT;
    case LIBUSB_TRANSFER_NO_DEVICE:
        return DFUKIT_ERR_GONE;
    case LIBUSB_TRANSFER_ERROR:
    case LIBUSB_TRANSFER_OVERFLOW:
    default:
        return DFUKIT_ERR_IO;
    }
}

static void LIBUSB_CALL transfer_ended(struct libusb_transfer *transfer)
{
    dfukit_handle *h = transfer->user_data;
    dfukit_transfer *t = &h->task->transfers[h->at];
    int32_t moved = result_of(transfer);
    if (moved > t->setup.wLength)
        moved = t->setup.wLength;
    if (moved > 0 && dfukit_setup_is_in(&t->setup))
        memcpy(t->in, libusb_control_transfer_get_data(transfer), (size_t)moved);
    t->result = moved;
    h->at++;
    go_on(h, h->cancelled ? DFUKIT_ERR_TIMEOUT : moved);
}

/* A transfer that did not even end when cancelled outlives its handle. */
static void LIBUSB_CALL orphan_ended(struct libusb_transfer *transfer)
{
    libusb_free_transfer(transfer);
}

void dfukit_libusb_cancel(void *self, dfukit_handle *h)
{
    dfukit_libusb *carrier = self;
    if (h->task == NULL)
        return;
    h->cancelled = true;
    (void)libusb_cancel_transfer(h->transfer); /* "not found": it has ended, and says so below */
    uint64_t end = dfukit_libusb_now_ms(self) + CANCEL_MAX_MS;
    while (h->task != NULL && dfukit_libusb_now_ms(self) < end) {
        struct timeval wait = {.tv_sec = 0, .tv_usec = 20000};
        (void)libusb_handle_events_timeout_completed(carrier->context, &wait, NULL);
    }
    if (h->task != NULL) {
        h->transfer->callback = orphan_ended;
        h->transfer = NULL;
        h->task->transfers[h->at++].result = DFUKIT_ERR_TIMEOUT;
        go_on(h, DFUKIT_ERR_TIMEOUT);
    }
}

/* ---- Claiming and resetting: done when submit returns ---- */

/* Linux answers a configuration set anew with a reset of all interfaces: only when it differs. */
static int configure(dfukit_handle *h, uint8_t configuration)
{
    int now = 0;
    if (configuration == 0 ||
        (libusb_get_configuration(h->usb, &now) == LIBUSB_SUCCESS && now == configuration))
        return LIBUSB_SUCCESS;
    return libusb_set_configuration(h->usb, configuration);
}

static int claim(dfukit_handle *h, const dfukit_task *task)
{
    if (h->gone)
        return LIBUSB_ERROR_NO_DEVICE;
    if (h->claimed && h->interface != task->interface) {
        (void)libusb_release_interface(h->usb, h->interface);
        h->claimed = false;
    }
    int code = h->claimed ? LIBUSB_SUCCESS : configure(h, task->configuration);
    if (code == LIBUSB_SUCCESS)
        code = libusb_claim_interface(h->usb, task->interface);
    if (code != LIBUSB_SUCCESS)
        return code;
    if (!h->claimed)
        h->alternate = 0;
    h->claimed = true;
    h->interface = task->interface;
    if (!task->set_alternate)
        return LIBUSB_SUCCESS;
    code = libusb_set_interface_alt_setting(h->usb, task->interface, task->alternate);
    /* Setting 0 is selected after a claim anyway, and a device with one setting only may refuse the
     * request (USB 2.0 §9.4.10). */
    bool redundant = task->alternate == 0 && h->alternate == 0;
    if (code != LIBUSB_SUCCESS && (!redundant || code == LIBUSB_ERROR_NO_DEVICE))
        return code;
    h->alternate = task->alternate;
    return LIBUSB_SUCCESS;
}

/* Linux tells "not found" when the device came back with other descriptors, under another number.
 */
static int reset(dfukit_handle *h)
{
    if (h->gone)
        return DFUKIT_ERR_GONE;
    int code = libusb_reset_device(h->usb);
    if (code == LIBUSB_ERROR_NOT_FOUND || code == LIBUSB_ERROR_NO_DEVICE) {
        h->gone = true;
        return DFUKIT_ERR_GONE;
    }
    return dfukit_libusb_complain(h->carrier, "resetting the device", code);
}

void dfukit_libusb_submit(void *self, dfukit_handle *h, dfukit_task *task)
{
    dfukit_libusb *carrier = self;
    h->task = task;
    h->at = 0;
    h->cancelled = false;
    task->done = false;
    switch (task->kind) {
    case DFUKIT_TASK_TRANSFERS:
        go_on(h, DFUKIT_OK);
        break;
    case DFUKIT_TASK_CLAIM:
        finish(h, dfukit_libusb_complain(carrier, "claiming the interface", claim(h, task)));
        break;
    case DFUKIT_TASK_RESET:
        finish(h, reset(h));
        break;
    }
}

#endif
