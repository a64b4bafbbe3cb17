/* SPDX-License-Identifier: MIT */
/* Listing devices: descriptors from the carrier, strings and mode by asking. */
#include <stdlib.h>
#include <string.h>

#include "session_internal.h"

static void *resize(void *self, void *p, size_t n)
{
    (void)self;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}

dfukit_allocator dfukit_allocator_default(void)
{
    return (dfukit_allocator){NULL, resize};
}

int dfukit_task_run(dfukit_carrier *carrier, dfukit_handle *handle, dfukit_task *task)
{
    task->done = false;
    carrier->ops->submit(carrier->self, handle, task);
    while (!task->done)
        carrier->ops->pump(carrier->self, 100);
    return task->result;
}

static int32_t control_in(dfukit_carrier *carrier, dfukit_handle *handle, const dfukit_setup *setup,
                          uint8_t *data)
{
    dfukit_transfer t = {.setup = *setup, .in = data, .timeout_ms = 1000};
    dfukit_task task = {.kind = DFUKIT_TASK_TRANSFERS, .transfers = &t, .count = 1};
    dfukit_task_run(carrier, handle, &task);
    return t.result;
}

/* A device that does not answer once is not asked again: a second for each text would add up. */
typedef struct asker {
    dfukit_carrier *carrier;
    dfukit_handle *handle;
    uint16_t language;
    bool mute;
} asker;

typedef int decoder(const uint8_t *bytes, size_t n, char *text, size_t room);

static bool read_text(asker *a, uint8_t index, char text[DFUKIT_TEXT_SIZE], decoder *decode)
{
    uint8_t bytes[255];
    if (index == 0 || a->mute)
        return false;
    dfukit_setup setup = {0x80, DFUKIT_USB_GET_DESCRIPTOR,
                          (uint16_t)(DFUKIT_DESC_STRING << 8 | index), a->language, sizeof bytes};
    int32_t n = control_in(a->carrier, a->handle, &setup, bytes);
    a->mute = n == DFUKIT_ERR_TIMEOUT || n == DFUKIT_ERR_GONE;
    if (n < 2 || decode(bytes, (size_t)n, text, DFUKIT_TEXT_SIZE) < 0) {
        text[0] = '\0';
        return false;
    }
    dfukit_text_sanitise(text);
    return true;
}

static bool read_string(asker *a, uint8_t index, char text[DFUKIT_TEXT_SIZE])
{
    return read_text(a, index, text, dfukit_string_decode);
}

static uint16_t language_of(asker *a)
{
    uint8_t bytes[255] = {0};
    dfukit_setup setup = {0x80, DFUKIT_USB_GET_DESCRIPTOR, DFUKIT_DESC_STRING << 8, 0,
                          sizeof bytes};
    int32_t n = control_in(a->carrier, a->handle, &setup, bytes);
    a->mute = n == DFUKIT_ERR_TIMEOUT || n == DFUKIT_ERR_GONE;
    return n >= 4 ? (uint16_t)(bytes[2] | (unsigned)bytes[3] << 8) : 0x0409;
}

/* The names of alternate settings, those that are not known yet. */
static void ask_names(asker *a, dfukit_target *target)
{
    for (size_t i = 0; i < target->alt_count; i++) {
        dfukit_alt *alt = &target->alts[i];
        if (alt->iInterface != 0 && alt->name[0] == '\0')
            read_string(a, alt->iInterface, alt->name);
    }
}

void dfukit_target_guess_mode(dfukit_target *target)
{
    if (target->mode == DFUKIT_MODE_UNKNOWN)
        target->mode = target->interfaces > 1 ? DFUKIT_MODE_RUNTIME : DFUKIT_MODE_DFU;
}

/* DFU 1.0 descriptors do not tell the mode; its state does, and asking does not change it. */
static void ask_mode(dfukit_carrier *carrier, dfukit_handle *handle, dfukit_target *target)
{
    uint8_t bState = 0;
    dfukit_task claim = {.kind = DFUKIT_TASK_CLAIM,
                         .configuration = target->configuration,
                         .interface = target->interface};
    if (dfukit_task_run(carrier, handle, &claim) == DFUKIT_OK) {
        dfukit_setup setup = {DFUKIT_TYPE_CLASS_IN, DFUKIT_GETSTATE, 0, target->interface, 1};
        if (control_in(carrier, handle, &setup, &bState) == 1)
            target->mode = bState >= DFUKIT_DFU_IDLE ? DFUKIT_MODE_DFU : DFUKIT_MODE_RUNTIME;
    }
    dfukit_target_guess_mode(target);
}

void dfukit_target_ask(dfukit_carrier *carrier, dfukit_handle *handle, dfukit_target *target)
{
    const dfukit_device_descriptor *d = &target->device;
    asker a = {carrier, handle, 0, false};
    a.language = language_of(&a);
    target->has_manufacturer = read_string(&a, d->iManufacturer, target->manufacturer);
    target->has_product = read_string(&a, d->iProduct, target->product);
    target->has_serial = read_text(&a, d->iSerialNumber, target->serial,
                                   dfukit_target_quirk(target, DFUKIT_QUIRK_TEXT_8BIT, NULL)
                                       ? dfukit_string_decode_bytes
                                       : dfukit_string_decode);
    ask_names(&a, target);
    a.mute = false; /* DfuSe: the names are maps, without which nothing can be done; once more */
    if (dfukit_target_is_dfuse(target) && target->mode != DFUKIT_MODE_RUNTIME)
        ask_names(&a, target);
    if (target->mode == DFUKIT_MODE_UNKNOWN)
        ask_mode(carrier, handle, target);
}

void dfukit_target_unread(dfukit_target *t, const dfukit_entry *e)
{
    memset(t, 0, sizeof *t);
    memcpy(t->path, e->path, sizeof t->path);
    t->path[sizeof t->path - 1] = '\0';
    t->devnum = e->devnum;
    t->device = e->device;
    t->access = e->access;
    t->mode = DFUKIT_MODE_UNKNOWN;
    t->oddities = DFUKIT_ODD_NO_FUNCTIONAL;
}

static bool may_be_wanted(const dfukit_selector *wanted, const dfukit_target *t)
{
    if (wanted == NULL)
        return true;
    dfukit_selector s = *wanted;
    s.serial = s.dfu_serial = NULL; /* not known yet */
    return dfukit_selector_matches(&s, t);
}

/* Fill in what only asking tells. A device that cannot be opened keeps what its descriptors say. */
static void ask(dfukit_carrier *carrier, dfukit_target *t)
{
    dfukit_handle *handle = NULL;
    int r = t->access == DFUKIT_OK ? carrier->ops->open(carrier->self, t->path, t->devnum, &handle)
                                   : (int)t->access;
    if (r == DFUKIT_OK) {
        dfukit_target_ask(carrier, handle, t);
        carrier->ops->close(carrier->self, handle);
    } else {
        t->access = (dfukit_error)r;
        dfukit_target_guess_mode(t);
    }
}

static int add_target(const dfukit_target *t, dfukit_targets *out)
{
    dfukit_target *grown = realloc(out->list, (out->count + 1) * sizeof *grown);
    if (grown == NULL)
        return DFUKIT_ERR_NOMEM;
    out->list = grown;
    out->list[out->count++] = *t;
    return DFUKIT_OK;
}

static int add_functions(dfukit_carrier *carrier, const dfukit_entry *entry,
                         const dfukit_selector *wanted, dfukit_targets *out)
{
    dfukit_target t;
    if (entry->configuration == NULL && entry->access != DFUKIT_OK) {
        dfukit_target_unread(&t, entry);
        return add_target(&t, out);
    }
    for (unsigned nth = 0; dfukit_target_inspect(&t, entry, nth) == DFUKIT_OK; nth++) {
        if (may_be_wanted(wanted, &t))
            ask(carrier, &t);
        else
            dfukit_target_guess_mode(&t);
        if (add_target(&t, out) != DFUKIT_OK)
            return DFUKIT_ERR_NOMEM;
    }
    return DFUKIT_OK;
}

/* Paths in the order people read them: 1-2 before 1-10. */
static int compare_paths(const char *a, const char *b)
{
    while (*a != '\0' && *b != '\0') {
        char *a_end, *b_end;
        unsigned long m = strtoul(a, &a_end, 10);
        unsigned long n = strtoul(b, &b_end, 10);
        bool numbers = a_end != a && b_end != b && *a != '-' && *b != '-';
        if (numbers && m != n)
            return m < n ? -1 : 1;
        if (!numbers && *a != *b)
            return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        a = numbers ? a_end : a + 1;
        b = numbers ? b_end : b + 1;
    }
    return (*a != '\0') - (*b != '\0');
}

static int by_path(const void *a, const void *b)
{
    const dfukit_target *x = a;
    const dfukit_target *y = b;
    int order = compare_paths(x->path, y->path);
    return order != 0 ? order : (int)x->interface - (int)y->interface;
}

int dfukit_list(dfukit_carrier *carrier, const dfukit_selector *wanted, dfukit_targets *out)
{
    dfukit_listing listing = {0, NULL};
    *out = (dfukit_targets){0, NULL};
    const char *only = wanted != NULL ? wanted->path : NULL;
    int r = carrier->ops->list(carrier->self, only, &listing);
    for (size_t i = 0; r == DFUKIT_OK && i < listing.count; i++)
        r = add_functions(carrier, &listing.entries[i], wanted, out);
    dfukit_listing_free(&listing);
    if (r != DFUKIT_OK)
        dfukit_targets_free(out);
    else if (out->count > 1)
        qsort(out->list, out->count, sizeof *out->list, by_path);
    return r;
}

void dfukit_targets_free(dfukit_targets *targets)
{
    free(targets->list);
    *targets = (dfukit_targets){0, NULL};
}
