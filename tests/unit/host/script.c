/* SPDX-License-Identifier: MIT */
/* The interpreter of scripted conversations; included by tests, not compiled alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/host/script.h"

void script_device_init(script_device *d, uint8_t attributes)
{
    memset(d, 0, sizeof *d);
    dfukit_target *t = &d->runtime;
    strcpy(t->path, "1-1");
    t->devnum = 10;
    t->mode = DFUKIT_MODE_RUNTIME;
    t->device.idVendor = 0x1209;
    t->device.idProduct = 0x0001;
    t->interface = 1;
    t->configuration = 1;
    t->alt_count = 1;
    t->transfer_size = 64;
    t->functional = (dfukit_functional){attributes, 300, 64, 0x0110};
    d->dfu = *t;
    d->dfu.devnum = 11;
    d->dfu.mode = DFUKIT_MODE_DFU;
    d->dfu.device.idProduct = 0x8001;
    d->dfu.interface = 0;
    for (unsigned i = 0; i < sizeof d->content; i++)
        d->content[i] = (uint8_t)(i * 7 + (i >> 8));
}

static int status_number(const char *name)
{
    for (int i = 0; i < DFUKIT_STATUS_COUNT; i++) {
        if (strcmp(dfukit_status_name((unsigned)i), name) == 0)
            return i;
    }
    return -1;
}

/* Write what the engine asks for in one transfer the way a script says it. */
static void describe_transfer(const dfukit_transfer *t, char *out, size_t room)
{
    const dfukit_setup *s = &t->setup;
    const char *name = dfukit_request_name(s->bRequest);
    if (strncmp(name, "DFU_", 4) == 0)
        name += 4;
    if ((s->bmRequestType & 0x60) == 0)
        snprintf(out, room, "string %u", s->wValue & 0xFFu);
    else if (s->bRequest == DFUKIT_DNLOAD || s->bRequest == DFUKIT_UPLOAD)
        snprintf(out, room, "%s %u %u", name, s->wValue, s->wLength);
    else if (s->bRequest == DFUKIT_DETACH)
        snprintf(out, room, "%s %u", name, s->wValue);
    else
        snprintf(out, room, "%s", name);
}

static void describe_step(const dfukit_step *s, char *out, size_t room)
{
    static const char *const kinds[] = {"transfers", "claim", "wait", "reset", "return", "done", "failed"};
    if (s->kind == DFUKIT_STEP_CLAIM && s->set_alternate)
        snprintf(out, room, "claim set %u", s->alternate);
    else if (s->kind == DFUKIT_STEP_WAIT)
        snprintf(out, room, "wait %u", (unsigned)s->wait_ms);
    else if (s->kind == DFUKIT_STEP_RETURN)
        snprintf(out, room, "return %s%s", s->expected == DFUKIT_RETURN_DFU ? "dfu" : "app",
                 s->must_depart ? "!" : "");
    else
        snprintf(out, room, "%s", kinds[s->kind]);
}

static int32_t failure_word(const char *word)
{
    static const struct {
        const char *word;
        int32_t result;
    } words[] = {{"stall", DFUKIT_ERR_STALL}, {"timeout", DFUKIT_ERR_TIMEOUT}, {"gone", DFUKIT_ERR_GONE},
                 {"io", DFUKIT_ERR_IO},       {"busy", DFUKIT_ERR_BUSY},       {"notrun", DFUKIT_ERR_AGAIN}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i].word) == 0)
            return words[i].result;
    }
    return 0;
}

/* Carry out one transfer with the answer a script line gives. @return false: line not understood. */
static bool answer_transfer(script_device *d, dfukit_transfer *t, const char *answer)
{
    char name[32];
    unsigned poll, bState, n;
    t->result = failure_word(answer);
    if (t->result < 0)
        return true;
    if (sscanf(answer, "%31s %u %u", name, &poll, &bState) == 3) {
        dfukit_status_reply r = {(uint8_t)status_number(name), poll, (uint8_t)bState, 0};
        r.iString = d->text != NULL ? 5 : 0;
        dfukit_status_encode(&r, t->in);
        t->result = 6;
    } else if (t->setup.bRequest == DFUKIT_UPLOAD && sscanf(answer, "%u", &n) == 1) {
        if (n > t->setup.wLength || d->given + n > sizeof d->content)
            return false;
        memcpy(t->in, d->content + d->given, n);
        d->given += n;
        t->result = (int32_t)n;
    } else if (strcmp(answer, "text") == 0) {
        t->result = (int32_t)dfukit_string_encode(d->text, t->in, t->setup.wLength);
    } else if (sscanf(answer, "short %u", &n) == 1) {
        memset(t->in, 0, n);
        t->result = (int32_t)n;
    } else {
        if (t->out != NULL && d->received_n + t->setup.wLength <= sizeof d->received) {
            memcpy(d->received + d->received_n, t->out, t->setup.wLength);
            d->received_n += t->setup.wLength;
        }
        t->result = (t->setup.bmRequestType & 0x80) != 0 ? 0 : t->setup.wLength;
        return strcmp(answer, "ok") == 0;
    }
    return true;
}

typedef struct cursor {
    const char *at;
    int number;
    char line[80];
} cursor;

static bool next_line(cursor *c)
{
    while (*c->at == '\n' || *c->at == ' ')
        c->at++;
    if (*c->at == '\0')
        return false;
    size_t n = strcspn(c->at, "\n");
    snprintf(c->line, sizeof c->line, "%.*s", (int)n, c->at);
    c->at += n;
    c->number++;
    return true;
}

static int complain(const cursor *c, const char *came)
{
    printf("line %d: the script has \"%s\", the engine asks \"%s\"\n", c->number, c->line, came);
    return c->number;
}

/* One step of kind TRANSFERS against as many lines. */
static int run_transfers(const dfukit_step *step, script_device *d, cursor *c)
{
    for (size_t i = 0; i < step->count; i++) {
        char came[80];
        char wanted[96];
        if (i != 0 && !next_line(c)) {
            describe_transfer(&step->transfers[i], came, sizeof came);
            return complain(c, came);
        }
        char *colon = strchr(c->line, ':');
        char *text = c->line + (i != 0 && c->line[0] == '&' ? 2 : 0);
        describe_transfer(&step->transfers[i], came, sizeof came);
        snprintf(wanted, sizeof wanted, "%.*s", colon != NULL ? (int)(colon - text) : 0, text);
        if (strcmp(wanted, came) != 0 || (i != 0) != (c->line[0] == '&') || colon == NULL ||
            !answer_transfer(d, &step->transfers[i], colon + 2))
            return complain(c, came);
    }
    return 0;
}

static int run_step(dfukit_host *h, const dfukit_step *step, script_device *d, cursor *c,
                    uint64_t *now)
{
    char came[80];
    char wanted[96];
    char *colon = strchr(c->line, ':');
    if (step->kind == DFUKIT_STEP_TRANSFERS) {
        int bad = run_transfers(step, d, c);
        dfukit_host_answer(h, 0, *now);
        return bad;
    }
    describe_step(step, came, sizeof came);
    snprintf(wanted, sizeof wanted, "%.*s",
             colon != NULL ? (int)(colon - c->line) : (int)strlen(c->line), c->line);
    if (strcmp(wanted, came) != 0)
        return complain(c, came);
    const char *answer = colon != NULL ? colon + 2 : "ok";
    if (step->kind == DFUKIT_STEP_WAIT)
        *now += step->wait_ms;
    if (step->kind == DFUKIT_STEP_RETURN) {
        dfukit_target anew = d->dfu;
        anew.devnum = 12;
        const dfukit_target *back = strcmp(answer, "dfu") == 0       ? &d->dfu
                                    : strcmp(answer, "anew") == 0    ? &anew
                                    : strcmp(answer, "runtime") == 0 ? &d->runtime
                                                                     : NULL;
        *now += back != NULL ? 50 : step->wait_ms;
        dfukit_host_returned(h, back, DFUKIT_ERR_LOST, *now);
    } else {
        dfukit_host_answer(h, failure_word(answer), *now);
    }
    return 0;
}

int script_run(dfukit_host *h, script_device *d, const char *script)
{
    cursor c = {script, 0, ""};
    uint64_t now = 1000;
    while (next_line(&c)) {
        const dfukit_step *step = dfukit_host_next(h, now);
        if (step != dfukit_host_next(h, now))
            return complain(&c, "two different steps");
        if (step->kind == DFUKIT_STEP_DONE || step->kind == DFUKIT_STEP_FAILED) {
            char came[80];
            const dfukit_outcome *o = dfukit_host_outcome(h);
            snprintf(came, sizeof came, "%s%s%s", step->kind == DFUKIT_STEP_DONE ? "done" : "failed",
                     o->error != 0 ? " " : "", o->error != 0 ? dfukit_error_name(o->error) : "");
            if (strcmp(c.line, came) != 0)
                return complain(&c, came);
            return next_line(&c) ? complain(&c, "nothing more") : 0;
        }
        int bad = run_step(h, step, d, &c, &now);
        if (bad != 0)
            return bad;
    }
    return complain(&c, "more than the script has");
}
