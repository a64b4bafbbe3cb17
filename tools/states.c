/* SPDX-License-Identifier: MIT */
/**
 * Prints docs/STATES.md: the diagram and the table from dfukit_transitions as it is compiled into
 * the engine, the events from the transcription that the engine is held against, and what deviates.
 * A test compares the file with this.
 */
#include <stdio.h>
#include <string.h>

#include "table/deviations.h"

/* ---- Words ---- */

static const char *const inputs[DFUKIT_INPUT_COUNT] = {"DETACH",    "DNLOAD",    "UPLOAD",
                                                       "GETSTATUS", "CLRSTATUS", "GETSTATE",
                                                       "ABORT",     "other",     "empty DNLOAD"};
static const char *const events[ANNEX_A_EVENTS] = {
    "bus reset",           "power-on",           "detach timer",  "poll timeout",
    "flash work done",     "flash work failed",  "SET_INTERFACE", "SET_INTERFACE, no such setting",
    "SET_CONFIGURATION 0", "SET_CONFIGURATION 1"};
static const char *const attributes[4] = {"CanDnload", "CanUpload", "ManifestationTolerant",
                                          "WillDetach"};
static const char *const facts[6][2] = {{"used", "not used"},
                                        {"configured", "not configured"},
                                        {"firmware good", "firmware corrupt"},
                                        {"work left", "no work left"},
                                        {"configured before", "never configured"},
                                        {"other setting", "setting 0"}};

static const char *const products[BENCH_PRODUCTS] = {
    [BENCH_PLAIN] = "",
    [BENCH_LOADER_ONLY] = "`loader_only`",
    [BENCH_DOUBLE_BUFFER] = "`double_buffer`",
    [BENCH_DFUSE] = "`dfuse`",
};

/* ---- The table, read as the engine reads it ---- */

/* What a request finds out itself, so that it has two outcomes. */
static const struct {
    uint8_t state, input;
    const char *when; /* the first outcome */
    int next;
    const char *or_when;
    int or_next; /* STALLS: S* */
} outcomes[] = {
    {DFUKIT_DFU_IDLE, DFUKIT_ON_UPLOAD, "full", DFUKIT_UPLOAD_IDLE, "short", DFUKIT_DFU_IDLE},
    {DFUKIT_UPLOAD_IDLE, DFUKIT_ON_UPLOAD, "full", DFUKIT_UPLOAD_IDLE, "short", DFUKIT_DFU_IDLE},
    {DFUKIT_DNLOAD_SYNC, DFUKIT_ON_GETSTATUS, "done", DFUKIT_DNLOAD_IDLE, "not done",
     DFUKIT_DNBUSY},
    {DFUKIT_MANIFEST_SYNC, DFUKIT_ON_GETSTATUS, "done, tolerant", DFUKIT_DFU_IDLE, "else",
     DFUKIT_MANIFEST},
    {DFUKIT_DNLOAD_IDLE, DFUKIT_ON_DNLOAD_END, "complete", DFUKIT_MANIFEST_SYNC, "else", -1},
};

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* @return LENGTH(outcomes): there is only one. */
static size_t outcomes_of(unsigned state, unsigned input)
{
    size_t i = 0;

    while (i < LENGTH(outcomes) && (outcomes[i].state != state || outcomes[i].input != input))
        i++;
    return i;
}

static bool taken(unsigned state, unsigned input, bool strict)
{
    return dfukit_takes(dfukit_transitions[input], state, strict);
}

static unsigned next_of(unsigned state, unsigned input)
{
    unsigned next = dfukit_transitions[input] >> DFUKIT_INPUT_NEXT & 0x0Fu;

    return next != 0 ? next : state;
}

/* ---- The diagram ---- */

typedef struct labels {
    char text[160];
    bool lenient, solid;
} labels;

static void label(labels *l, const char *input, const char *when)
{
    size_t n = strlen(l->text);

    snprintf(l->text + n, sizeof l->text - n, "%s%s%s%s", n != 0 ? "<br/>" : "", input,
             when[0] != '\0' ? ", " : "", when);
}

/* All requests that lead from one state to another. */
static void requests_between(unsigned from, unsigned to, labels *l)
{
    memset(l, 0, sizeof *l);
    for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
        size_t i = outcomes_of(from, input);
        const char *lenient = taken(from, input, true) ? "" : "lenient";

        if (!taken(from, input, false))
            continue;
        if (i == LENGTH(outcomes)) {
            if (next_of(from, input) == to && from != to)
                label(l, inputs[input], lenient);
            continue;
        }
        if (outcomes[i].next == (int)to)
            label(l, inputs[input], outcomes[i].when);
        if (outcomes[i].or_next == (int)to && from != to)
            label(l, inputs[input], outcomes[i].or_when);
    }
}

static void print_node(unsigned state)
{
    printf("    s%u[\"%u %s\"]\n", state, state, dfukit_state_name(state));
}

/* Events that one state alone knows: those that do the same in all dfu states are below. */
static void print_event_edges(void)
{
    for (size_t i = 0; i < ANNEX_A_EVENT_ROWS; i++) {
        const annex_a_row *row = &annex_a_events[i];
        bool timed = row->cause == ANNEX_A_DETACH_TIMER || row->cause == ANNEX_A_POLL_TIMEOUT;
        bool attached = row->cause == ANNEX_A_BUS_RESET && row->state < DFUKIT_DFU_IDLE;

        if (row->next == row->state || !(timed || attached) ||
            (row->next == DFUKIT_MANIFEST_WAIT_RESET && row->also == ANNEX_A_LEAVES_BUS))
            continue;
        printf("  s%u -.->|%s%s| s%u\n", row->state, events[row->cause],
               row->state != DFUKIT_MANIFEST                     ? ""
               : (row->set & DFUKIT_MANIFESTATION_TOLERANT) != 0 ? ", tolerant"
                                                                 : ", not tolerant",
               row->next);
    }
    printf("  dfu -.->|bus reset| s0\n");
}

static void print_diagram(void)
{
    labels l;

    printf("```mermaid\nflowchart TD\n  subgraph app [run-time]\n");
    print_node(DFUKIT_APP_IDLE);
    print_node(DFUKIT_APP_DETACH);
    printf("  end\n  subgraph dfu [DFU mode]\n");
    for (unsigned state = DFUKIT_DFU_IDLE; state < DFUKIT_STATE_COUNT; state++)
        print_node(state);
    printf("  end\n");
    for (unsigned from = 0; from < DFUKIT_STATE_COUNT; from++) {
        for (unsigned to = 0; to < DFUKIT_STATE_COUNT; to++) {
            requests_between(from, to, &l);
            if (l.text[0] != '\0')
                printf("  s%u -->|\"%s\"| s%u\n", from, l.text, to);
        }
    }
    print_event_edges();
    printf("```\n");
}

/* ---- The table ---- */

static const char *arrow(unsigned state, unsigned next, char text[16])
{
    if (next == state)
        snprintf(text, 16, "=");
    else
        snprintf(text, 16, "→ %u", next);
    return text;
}

static void print_refusal(unsigned state)
{
    char to[16];

    if (dfukit_state_refuses(state))
        printf(" stall %s |", arrow(state, state < DFUKIT_DFU_IDLE ? DFUKIT_APP_IDLE : state, to));
    else
        printf(" S |");
}

static void print_cell(unsigned state, unsigned input)
{
    size_t i = outcomes_of(state, input);
    char to[16], or_to[16];

    if (!taken(state, input, false)) {
        print_refusal(state);
        return;
    }
    if (!taken(state, input, true))
        printf(" S; lenient");
    if (i < LENGTH(outcomes))
        printf(" %s %s, %s %s |", outcomes[i].when, arrow(state, (unsigned)outcomes[i].next, to),
               outcomes[i].or_when,
               outcomes[i].or_next < 0 ? "S*" : arrow(state, (unsigned)outcomes[i].or_next, or_to));
    else
        printf(" %s%s |", arrow(state, next_of(state, input), to),
               input == DFUKIT_ON_DETACH ? ", timer" : "");
}

static void print_table(void)
{
    printf("| state |");
    for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++)
        printf(" %s |", inputs[input]);
    printf("\n|");
    for (unsigned input = 0; input <= DFUKIT_INPUT_COUNT; input++)
        printf(" --- |");
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        printf("\n| %u %s |", state, dfukit_state_name(state));
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++)
            print_cell(state, input);
    }
    printf("\n");
}

/* Which requests are refused while the store works. */
static void print_quiet(uint32_t flag, const char *when)
{
    const char *comma = "";

    printf("- %s: ", when);
    for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
        if ((dfukit_transitions[input] & flag) != 0) {
            printf("%s%s", comma, inputs[input]);
            comma = ", ";
        }
    }
    printf(".\n");
}

static void print_lenient(void)
{
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        for (unsigned input = 0; input < DFUKIT_INPUT_COUNT; input++) {
            if (taken(state, input, false) && !taken(state, input, true))
                printf("- %s in %s: strict S, lenient %s %s.\n", inputs[input],
                       dfukit_state_name(state),
                       next_of(state, input) == state ? "answered, still" : "taken, to",
                       dfukit_state_name(next_of(state, input)));
        }
    }
}

/* ---- Events ---- */

typedef struct line {
    char text[1200];
    size_t n;
} line;

static void add(line *l, const char *before, const char *word)
{
    l->n += (size_t)snprintf(l->text + l->n, sizeof l->text - l->n, "%s%s", before, word);
}

static void add_conditions(line *l, const annex_a_row *row)
{
    size_t start = l->n;

    if (row->handling != ANNEX_A_BOTH)
        add(l, "", row->handling == ANNEX_A_STRICT ? "strict" : "lenient");
    for (unsigned i = 0; i < 4; i++) {
        if ((row->set >> i & 1u) != 0)
            add(l, l->n > start ? ", " : "", attributes[i]);
        if ((row->clear >> i & 1u) != 0)
            add(l, l->n > start ? ", not " : "not ", attributes[i]);
    }
    for (unsigned i = 0; i < 6; i++) {
        if (((row->yes | row->no) >> i & 1u) != 0)
            add(l, l->n > start ? ", " : "", facts[i][row->no >> i & 1u]);
    }
    if (l->n > start)
        add(l, "", ": ");
}

/* One sentence of what a state does on an event. */
static void describe(line *l, unsigned state, unsigned event)
{
    static const char *const statuses[] = {
        "", "", " with OK", "", " errNOTDONE", " with errFIRMWARE", " with its bStatus"};
    char to[64];

    memset(l, 0, sizeof *l);
    for (size_t i = 0; i < ANNEX_A_EVENT_ROWS; i++) {
        const annex_a_row *row = &annex_a_events[i];

        if (row->state != state || row->cause != event)
            continue;
        add(l, l->n > 0 ? "<br>" : "", "");
        add_conditions(l, row);
        if (row->reaction == ANNEX_A_STALL || row->reaction == ANNEX_A_NO_REPLY)
            add(l, "", "stall, ");
        if (row->next == state && row->status <= ANNEX_A_UNCHANGED)
            snprintf(to, sizeof to, "stays");
        else
            snprintf(to, sizeof to, "%s%s", dfukit_state_name(row->next), statuses[row->status]);
        add(l, "", to);
        if (row->also == ANNEX_A_LEAVES_BUS)
            add(l, "", " and leaves the bus");
    }
}

/* The states that do the same are told of together. */
static void print_event(unsigned event)
{
    static line lines[DFUKIT_STATE_COUNT];
    bool told[DFUKIT_STATE_COUNT] = {false};

    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++)
        describe(&lines[state], state, event);
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        if (told[state])
            continue;
        printf("| %s | %u", events[event], state);
        for (unsigned i = state + 1; i < DFUKIT_STATE_COUNT; i++) {
            if (strcmp(lines[i].text, lines[state].text) == 0) {
                told[i] = true;
                printf(", %u", i);
            }
        }
        printf(" | %s |\n", lines[state].text);
    }
}

/* ---- Deviations ---- */

static void print_deviation(const deviation *d)
{
    static const char *const requests[ANNEX_A_REQUESTS] = {
        [ANNEX_A_DNLOAD_DATA] = "DNLOAD",
        [ANNEX_A_DNLOAD_EMPTY] = "empty DNLOAD",
        [ANNEX_A_GETSTATUS] = "GETSTATUS",
        [ANNEX_A_ABORT] = "ABORT",
    };
    const char *comma = "";

    printf("- %s%s in ", d->handling == ANNEX_A_LENIENT ? "lenient, " : "",
           d->event                     ? events[d->cause]
           : requests[d->cause] != NULL ? requests[d->cause]
                                        : "a request");
    for (unsigned state = 0; state < DFUKIT_STATE_COUNT; state++) {
        if ((d->states >> state & 1u) != 0) {
            printf("%s%u", comma, state);
            comma = ", ";
        }
    }
    printf("%s: %s→ %u (%u combinations): %s.\n",
           d->instead == DFUKIT_APP_IDLE ? " that would lead to 0" : "",
           d->reaction == ANNEX_A_STALL ? "stall " : "", d->next, d->count[0], d->reason);
}

/* Those of usual products, then what a product has besides. */
static void print_deviations(bench_product product)
{
    for (size_t i = 0; i < DEVIATIONS; i++) {
        const deviation *d = &deviations[i];
        bool usual = (d->products & PRODUCT(PLAIN)) != 0;

        if ((d->products >> product & 1u) != 0 && (usual == (product == BENCH_PLAIN)))
            print_deviation(d);
    }
}

int main(void)
{
    printf(
        "# States\n\n"
        "Generated by `tools/states.c` from the table in `src/protocol/transitions.c` as "
        "it is compiled, and\nfrom the transcription `tests/table/annex_a.h`, which the engine is "
        "held against cell by cell. Not to be\nedited: a test prints it again and compares. "
        "States and tables are those of DFU 1.1 Annex A.2.\n\n"
        "## The diagram\n\n"
        "Solid: requests; dotted: events. Left out: what is refused (S in the table below: stall, "
        "dfuERROR), failed\nflash work (to dfuERROR from 3, 4, 6 and 7), and questions that "
        "change nothing.\n\n");
    print_diagram();
    printf(
        "\n## The table\n\n"
        "`→ 3`: taken or answered, then state 3. `=`: the state is kept. `S`: stall, and dfuERROR "
        "with errSTALLEDPKT;\nin dfuERROR the first cause stands. `S*`: the same with errNOTDONE. "
        "`stall = 8`: a stall, and nothing changes.\nDNLOAD without bitCanDnload, UPLOAD without "
        "bitCanUpload or of length 0: S. \"other\": a DFU request of the\nwrong direction, or one "
        "that does not exist. The next state is the one after the data stage.\n\n");
    print_table();
    printf(
        "\n## Strict and lenient\n\n"
        "`strict` in `dfukit_dfu_config` takes the table to the letter; lenient is what hosts in "
        "the field need:\n\n");
    print_lenient();
    printf(
        "- A bus reset in dfuIDLE and dfuERROR counts where the device is configured (strict), and "
        "has answered a class\n  request in this mode (lenient): hosts reset a device more than "
        "once while they enumerate it.\n\n"
        "## While the store works\n\nRefused until GETSTATUS tells that the work is over:\n\n");
    print_quiet(DFUKIT_INPUT_QUIET, "with one block buffer");
    print_quiet(DFUKIT_INPUT_QUIET_2, "with two of them");
    printf("\n"
           "## Events\n\n| event | state | what happens |\n| --- | --- | --- |\n");
    for (unsigned event = 0; event < ANNEX_A_EVENTS; event++)
        print_event(event);
    printf(
        "\nA change between run-time and DFU mode goes by way of leaving the bus. A class request "
        "to a device that is\nnot configured stalls and changes nothing.\n\n"
        "## Where the engine deviates\n\nFrom the transcription, on purpose (D4 and the like are "
        "the doubts told of in `annex_a.h`):\n\n");
    print_deviations(BENCH_PLAIN);
    printf("\nProducts that are made for what DFU 1.1 does not know deviate for it, strict and "
           "lenient alike:\n");
    for (unsigned product = BENCH_PLAIN + 1; product < BENCH_PRODUCTS; product++) {
        printf("\n%s:\n\n", products[product]);
        print_deviations((bench_product)product);
    }
    return 0;
}
