/* SPDX-License-Identifier: MIT */
/* The walk: conditions outside, roads inside, so that a device is led to a situation only once. */
#include "table/walk.h"

#include "table/deviations.h"

#include <string.h>

enum { ATTRIBUTES = 16, MAX_CASES = 64 };

/* What is tried in one situation: all trials that need no other one. */
typedef struct batch {
    const char *what;
    situation s;
    unsigned n;
    trial cases[MAX_CASES];
    annex_a_row expected[MAX_CASES];
    int number[MAX_CASES];
    int deviation[MAX_CASES];
} batch;

/* ---- Deviations ---- */

static bool same(const annex_a_row *row, const deviation *d)
{
    return row->reaction == d->reaction && row->next == d->next && row->status == d->status &&
           row->shows == d->shows && row->also == d->also;
}

static bool applies(const deviation *d, const situation *s, bool event, unsigned cause,
                    unsigned facts, const annex_a_row *row)
{
    unsigned handling = s->strict ? ANNEX_A_STRICT : ANNEX_A_LENIENT;

    return (d->products >> s->product & 1u) != 0 && d->event == event && d->cause == cause &&
           (d->states >> row->state & 1u) != 0 && (d->handling & handling) != 0 &&
           (d->yes & ~facts) == 0 && (d->no & facts) == 0 &&
           (d->waits == DEVIATION_ANY || d->waits == s->waits) &&
           (s->attributes & d->attributes) == d->attributes &&
           (d->instead == DEVIATION_ANY || d->instead == row->next);
}

/* Put into *row what the engine does on purpose. @return the entry, -1: none, or the same. */
static int amend(const situation *s, bool event, unsigned cause, unsigned facts, annex_a_row *row)
{
    for (size_t i = 0; i < DEVIATIONS; i++) {
        const deviation *d = &deviations[i];

        if (!applies(d, s, event, cause, facts, row) || same(row, d))
            continue;
        row->reaction = d->reaction;
        row->next = d->next;
        row->status = d->status;
        row->shows = d->shows;
        row->also = d->also;
        return (int)i;
    }
    return -1;
}

/* `row` stands in one of the tables. */
static void add(batch *q, bool event, unsigned cause, unsigned facts, uint8_t untold,
                const annex_a_row *row)
{
    const annex_a_row *first = event ? annex_a_events : annex_a_requests;
    unsigned n = q->n++;

    q->cases[n] =
        (trial){.event = event, .cause = (uint8_t)cause, .facts = (uint8_t)facts, .untold = untold};
    q->number[n] = (int)(row - first);
    q->expected[n] = *row;
    q->deviation[n] = amend(&q->s, event, cause, facts, &q->expected[n]);
}

/* `row` stands in neither of them. */
static void add_unlisted(batch *q, unsigned cause, const annex_a_row *row)
{
    unsigned n = q->n++;

    q->cases[n] = (trial){.cause = (uint8_t)cause};
    q->number[n] = -1;
    q->expected[n] = *row;
    q->deviation[n] = -1;
}

static bool wanted(const walk *w, unsigned cause)
{
    return (w->causes >> cause & 1u) != 0;
}

/* ---- Running a batch ---- */

static visit visit_of(const batch *q, unsigned i)
{
    return (visit){.what = q->what,
                   .s = &q->s,
                   .t = &q->cases[i],
                   .row = &q->expected[i],
                   .deviation = q->deviation[i],
                   .number = q->number[i]};
}

/* All trials of the batch at the end of one road. `led` is the device there. */
static bool run_road(const walk *w, const batch *q, unsigned road, const bench *led, bench *b)
{
    for (unsigned i = 0; i < q->n; i++) {
        trial t = q->cases[i];
        visit v = visit_of(q, i);
        unsigned forms = compare_forms(t.event, t.cause);

        for (unsigned form = 0; form < forms; form++) {
            finding f;

            v.t = &t;
            v.f = &f;
            v.b = b;
            v.road = road;
            t.form = (uint8_t)form;
            *b = *led;
            if (compare_run(b, &q->s, road, &t, &q->expected[i], &f) && !w->ran(w->self, &v))
                return false;
        }
    }
    return true;
}

/* The whole batch, by every road. Without a road or where a road goes astray, ran() hears of it. */
static bool run(const walk *w, const batch *q)
{
    static bench b; /* what it holds points into it: it must not move */
    bench led;
    unsigned rule = situation_rule(&q->s);
    unsigned roads = 0;

    for (unsigned i = 0; rule != RULE_NONE && i < q->n; i++) {
        visit v = visit_of(q, i);

        if (w->ruled_out != NULL)
            w->ruled_out(w->self, &v, rule);
    }
    if (rule != RULE_NONE || q->n == 0)
        return true;
    for (unsigned road = 0; road < SITUATION_ROADS; road++) {
        if (!situation_lead(&b, &q->s, road, w->piped))
            continue;
        roads++;
        led = b;
        if (!situation_holds(&b, &q->s)) {
            visit v = visit_of(q, 0);

            v.road = road;
            v.b = &b;
            if (!w->ran(w->self, &v))
                return false;
        } else if (!run_road(w, q, road, &led, &b)) {
            return false;
        }
    }
    for (unsigned i = 0; i < q->n; i++) {
        visit v = visit_of(q, i);

        if (roads == 0 && !w->ran(w->self, &v))
            return false;
        if (w->combined != NULL)
            w->combined(w->self, &v);
    }
    return true;
}

/* ---- Conditions common to all ---- */

/* The n-th of all states, attributes and handlings; false at the end. */
static bool nth(const walk *w, unsigned n, batch *q, const char *what)
{
    memset(q, 0, sizeof *q);
    q->what = what;
    q->s.product = w->product;
    q->s.state = (uint8_t)(n / (2 * ATTRIBUTES));
    q->s.attributes = (uint8_t)(n % ATTRIBUTES);
    q->s.strict = n / ATTRIBUTES % 2 == 0;
    q->s.met = true;
    q->s.configured = true;
    q->s.used = true;
    return q->s.state < DFUKIT_STATE_COUNT;
}

static bool walks(const walk *w, const batch *q)
{
    return (w->states >> q->s.state & 1u) != 0;
}

static unsigned handling(const batch *q)
{
    return q->s.strict ? ANNEX_A_STRICT : ANNEX_A_LENIENT;
}

static const annex_a_row *request_row(const batch *q, unsigned state, unsigned cause,
                                      unsigned facts)
{
    return annex_a_find(annex_a_requests, ANNEX_A_REQUEST_ROWS, state, cause, q->s.attributes,
                        handling(q), facts);
}

/* ---- Requests ---- */

/* Facts of the situation; the others are what the store will answer. */
enum { SITUATION_FACTS = ANNEX_A_BLOCK_DONE | ANNEX_A_MANIFEST_DONE | ANNEX_A_MANIFEST_FAILED };

static void request_situation(situation *s, unsigned facts)
{
    bool manifesting = s->state == DFUKIT_MANIFEST_SYNC || s->state == DFUKIT_MANIFEST;

    s->manifested = (facts & ANNEX_A_MANIFEST_DONE) != 0;
    s->failed = (facts & ANNEX_A_MANIFEST_FAILED) != 0;
    s->working = manifesting ? !s->manifested : (facts & ANNEX_A_BLOCK_DONE) == 0;
    s->block_left = manifesting && (facts & ANNEX_A_BLOCK_DONE) == 0;
    s->fresh = true;
    s->waits = false;
}

/* Once more, before the first GETSTATUS: the store has not been given the block, or not been told
 * to manifest. */
static bool may_wait(const situation *s)
{
    if (s->state == DFUKIT_MANIFEST_SYNC)
        return s->fresh && !s->manifested;
    return s->product == BENCH_DFUSE && s->state == DFUKIT_DNLOAD_SYNC && !s->working;
}

static bool request_batch(const walk *w, batch *q, unsigned facts)
{
    q->n = 0;
    for (unsigned cause = 0; cause < ANNEX_A_REQUESTS; cause++) {
        for (unsigned i = 0; wanted(w, cause) && i < 4; i++) {
            unsigned all = facts | i * ANNEX_A_FULL_FRAME; /* and ANNEX_A_STORE_COMPLETE */

            add(q, false, cause, all, 0, request_row(q, q->s.state, cause, all));
        }
    }
    return run(w, q);
}

bool walk_requests(const walk *w)
{
    batch q;

    for (unsigned n = 0; nth(w, n, &q, "request"); n++) {
        for (unsigned facts = 0; walks(w, &q) && facts <= SITUATION_FACTS; facts++) {
            request_situation(&q.s, facts);
            if (!request_batch(w, &q, facts))
                return false;
            q.s.waits = may_wait(&q.s);
            if (q.s.waits && !request_batch(w, &q, facts))
                return false;
        }
    }
    return true;
}

/* Where the state alone and the work left tell it. */
static bool manifested_by_now(const situation *s)
{
    bool manifesting = s->state == DFUKIT_MANIFEST_SYNC || s->state == DFUKIT_MANIFEST;

    return s->state == DFUKIT_MANIFEST_WAIT_RESET || (manifesting && !s->working);
}

/* ---- Requests to a device that is not configured ---- */

bool walk_unconfigured(const walk *w)
{
    annex_a_row row = annex_a_unconfigured;
    batch q;

    for (unsigned n = 0; nth(w, n, &q, "unconfigured request"); n++) {
        row.state = q.s.state;
        row.next = q.s.state;
        q.s.configured = false;
        for (unsigned facts = 0; walks(w, &q) && facts < 8; facts++) {
            q.s.met = (facts & 1) != 0;
            q.s.used = (facts & 2) != 0;
            q.s.working = (facts & 4) != 0;
            q.s.manifested = manifested_by_now(&q.s);
            q.n = 0;
            for (unsigned cause = 0; cause < ANNEX_A_REQUESTS; cause++) {
                if (wanted(w, cause))
                    add_unlisted(&q, cause, &row);
            }
            if (!run(w, &q))
                return false;
        }
    }
    return true;
}

/* ---- Requests that meet a failure which the device has not yet heard of ---- */

bool walk_untold(const walk *w)
{
    batch q;

    for (unsigned n = 0; nth(w, n, &q, "request after a failure"); n++) {
        bool manifest = q.s.state == DFUKIT_MANIFEST_SYNC || q.s.state == DFUKIT_MANIFEST;
        bool block = q.s.state == DFUKIT_DNLOAD_SYNC || q.s.state == DFUKIT_DNBUSY;
        unsigned facts = ANNEX_A_BLOCK_DONE | (manifest ? ANNEX_A_MANIFEST_FAILED : 0u);

        if (!walks(w, &q) || !(block || manifest))
            continue;
        q.s.working = true;
        for (unsigned cause = 0; cause < ANNEX_A_REQUESTS; cause++) {
            if (wanted(w, cause))
                add(&q, false, cause, facts, manifest ? DFUKIT_STATUS_VERIFY : DFUKIT_STATUS_PROG,
                    request_row(&q, DFUKIT_DFU_ERROR, cause, facts));
        }
        if (!run(w, &q))
            return false;
    }
    return true;
}

/* ---- Events ---- */

static void event_situation(situation *s, unsigned facts)
{
    s->met = (facts & ANNEX_A_MET) != 0;
    s->configured = (facts & ANNEX_A_CONFIGURED) != 0;
    s->used = (facts & ANNEX_A_USED) != 0;
    s->working = (facts & ANNEX_A_WORK_LEFT) != 0;
    s->other_setting = (facts & ANNEX_A_OTHER_SETTING) != 0;
    s->manifested = manifested_by_now(s);
    s->fresh = !s->working;
    s->waits = false;
}

/* A rule about this event alone. */
static unsigned event_rule(const walk *w, const situation *s, unsigned cause)
{
    if ((cause == ANNEX_A_WORK_DONE || cause == ANNEX_A_WORK_FAILED) && !s->working)
        return RULE_NO_WORK_TO_END;
    if (cause == ANNEX_A_SET_INTERFACE && !s->configured && !w->piped)
        return RULE_CHAPTER_9;
    return RULE_NONE;
}

static void add_event(const walk *w, batch *q, unsigned cause, unsigned facts)
{
    const annex_a_row *row = annex_a_find(annex_a_events, ANNEX_A_EVENT_ROWS, q->s.state, cause,
                                          q->s.attributes, handling(q), facts);
    unsigned rule = situation_rule(&q->s) != RULE_NONE ? RULE_NONE : event_rule(w, &q->s, cause);

    add(q, true, cause, facts, 0, row);
    if (rule == RULE_NONE)
        return;
    q->n--;
    if (w->ruled_out != NULL) {
        visit v = visit_of(q, q->n);

        w->ruled_out(w->self, &v, rule);
    }
}

static bool event_batch(const walk *w, batch *q, unsigned facts)
{
    q->n = 0;
    for (unsigned cause = 0; cause < ANNEX_A_EVENTS; cause++) {
        if (wanted(w, cause)) {
            add_event(w, q, cause, facts);
            add_event(w, q, cause, facts | ANNEX_A_GOOD);
        }
    }
    return run(w, q);
}

bool walk_events(const walk *w)
{
    batch q;

    for (unsigned n = 0; nth(w, n, &q, "event"); n++) {
        for (unsigned facts = 0; walks(w, &q) && facts <= ANNEX_A_EVENT_FACTS; facts++) {
            if ((facts & ANNEX_A_GOOD) != 0) /* what the store will say */
                continue;
            event_situation(&q.s, facts);
            if (!event_batch(w, &q, facts))
                return false;
            q.s.waits = may_wait(&q.s);
            if (q.s.waits && !event_batch(w, &q, facts))
                return false;
        }
    }
    return true;
}
