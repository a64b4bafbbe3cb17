/* SPDX-License-Identifier: MIT */
/* What is explored: configurations by name, and the plans that say which of them, and how deep. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

/* ---- Names ---- */

static const char *const verbs[] = {
    [DFUKIT_VERB_DETACH] = "detach", [DFUKIT_VERB_WRITE] = "write", [DFUKIT_VERB_READ] = "read",
    [DFUKIT_VERB_VERIFY] = "verify", [DFUKIT_VERB_LEAVE] = "leave", [DFUKIT_VERB_STATUS] = "status",
};
static const char *const froms[EXPLORE_FROM_COUNT] = {
    "runtime", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "empty",
};
static const char *const verifies[] = {
    [DFUKIT_VERIFY_AUTO] = "auto",
    [DFUKIT_VERIFY_ALWAYS] = "always",
    [DFUKIT_VERIFY_NEVER] = "never",
};
static const char *const brokens[EXPLORE_BROKEN_COUNT] = {
    [EXPLORE_SOUND] = "no",    [EXPLORE_LASTBYTE] = "lastbyte", [EXPLORE_LIAR] = "liar",
    [EXPLORE_STRAY] = "stray", [EXPLORE_HASTY] = "hasty",       [EXPLORE_SIZE] = "size",
    [EXPLORE_BRICK] = "brick", [EXPLORE_LEAK] = "leak",         [EXPLORE_STUCK] = "stuck",
};
#define COUNT(list) (sizeof(list) / sizeof(list)[0])

void explore_config_print(const explore_config *c, char name[EXPLORE_NAME_SIZE])
{
    char timeout[24] = "";
    char batch[16] = "";

    if (c->timeout_ms != 0)
        (void)snprintf(timeout, sizeof timeout, ",timeout=%u", c->timeout_ms);
    if (c->batch > 1)
        (void)snprintf(batch, sizeof batch, ",batch=%u", c->batch);
    (void)snprintf(name, EXPLORE_NAME_SIZE,
                   "attr=%02x,%s,verb=%s,from=%s%s%s%s%s%s%s%s%s%s%s%s%s%s", c->attributes,
                   c->strict ? "strict" : "lenient", verbs[c->verb], froms[c->from],
                   c->verify != DFUKIT_VERIFY_AUTO ? ",verify=" : "",
                   c->verify != DFUKIT_VERIFY_AUTO ? verifies[c->verify] : "", batch,
                   c->no_reset ? ",noreset" : "", c->loader ? ",loader" : "",
                   c->alternates ? ",alternates" : "", c->two_blocks ? ",twoblocks" : "",
                   c->dfu_1_0 ? ",v10" : "", c->unasked ? ",unasked" : "",
                   c->slow_manifest ? ",slowmanifest" : "", timeout,
                   c->broken != EXPLORE_SOUND ? ",broken=" : "",
                   c->broken != EXPLORE_SOUND ? brokens[c->broken] : "");
}

/* Which of `names` is it? @return -1: none. */
static int which(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return (int)i;
    }
    return -1;
}

/* One word, `value` behind its '=' or NULL. */
static bool take(explore_config *c, const char *word, const char *value)
{
    int n = -1;

    if (value == NULL) {
        static const char *const words[] = {"strict",     "lenient",      "noreset",
                                            "alternates", "slowmanifest", "loader",
                                            "twoblocks",  "v10",          "unasked"};
        n = which(words, COUNT(words), word);
        c->strict = n == 0 || (c->strict && n != 1);
        c->no_reset = c->no_reset || n == 2;
        c->alternates = c->alternates || n == 3;
        c->slow_manifest = c->slow_manifest || n == 4;
        c->loader = c->loader || n == 5;
        c->two_blocks = c->two_blocks || n == 6;
        c->dfu_1_0 = c->dfu_1_0 || n == 7;
        c->unasked = c->unasked || n == 8;
    } else if (strcmp(word, "attr") == 0) {
        n = 0;
        c->attributes = (uint8_t)strtoul(value, NULL, 16);
    } else if (strcmp(word, "timeout") == 0) {
        n = 0;
        c->timeout_ms = (uint32_t)strtoul(value, NULL, 10);
    } else if (strcmp(word, "batch") == 0) {
        n = 0;
        c->batch = (uint8_t)strtoul(value, NULL, 10);
    } else if (strcmp(word, "verb") == 0 && (n = which(verbs, COUNT(verbs), value)) >= 0) {
        c->verb = (dfukit_verb)n;
    } else if (strcmp(word, "from") == 0 && (n = which(froms, COUNT(froms), value)) >= 0) {
        c->from = (uint8_t)n;
    } else if (strcmp(word, "verify") == 0 && (n = which(verifies, COUNT(verifies), value)) >= 0) {
        c->verify = (dfukit_verify)n;
    } else if (strcmp(word, "broken") == 0 && (n = which(brokens, COUNT(brokens), value)) >= 0) {
        c->broken = (explore_broken)n;
    }
    return n >= 0;
}

const char *explore_config_parse(explore_config *c, const char *text)
{
    char word[32];
    size_t n;

    *c = (explore_config){.attributes = 0x0F, .verb = DFUKIT_VERB_WRITE};
    for (;; text++) {
        n = strcspn(text, ",:");
        if (n == 0 || n >= sizeof word)
            return NULL;
        memcpy(word, text, n);
        word[n] = '\0';
        char *value = strchr(word, '=');
        if (value != NULL)
            *value++ = '\0';
        if (!take(c, word, value))
            return NULL;
        text += n;
        if (*text != ',')
            return *text == ':' ? text + 1 : text;
    }
}

/* ---- Plans ---- */

static bool add(explore_plan *plan, explore_config c, uint8_t faults)
{
    if (plan->count % 256 == 0) {
        explore_config *configs = realloc(plan->configs, (plan->count + 256) * sizeof c);
        if (configs != NULL)
            plan->configs = configs;
        uint8_t *numbers = realloc(plan->faults, plan->count + 256);
        if (numbers != NULL)
            plan->faults = numbers;
        if (configs == NULL || numbers == NULL)
            return false;
    }
    plan->configs[plan->count] = c;
    plan->faults[plan->count++] = faults;
    return true;
}

/* Is there a device that can be found so? */
static bool possible(const explore_config *c)
{
    bool tolerant = (c->attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0;
    bool leaves = (c->attributes & DFUKIT_WILL_DETACH) != 0;

    if (c->from <= DFUKIT_APP_DETACH && c->loader)
        return false;
    if (c->dfu_1_0 && leaves) /* the bit came with DFU 1.1 */
        return false;
    if (c->from == DFUKIT_APP_DETACH)
        return !leaves;
    if (c->from == DFUKIT_MANIFEST_WAIT_RESET)
        return !tolerant && !leaves;
    if (c->from == DFUKIT_UPLOAD_IDLE)
        return (c->attributes & DFUKIT_CAN_UPLOAD) != 0;
    return true;
}

/* Every attribute, verb and state; those found in run-time mode or dfuIDLE go deeper. */
static bool add_all(explore_plan *plan, uint8_t faults, uint8_t deeper)
{
    static const dfukit_verb all[] = {DFUKIT_VERB_WRITE, DFUKIT_VERB_READ, DFUKIT_VERB_VERIFY,
                                      DFUKIT_VERB_LEAVE, DFUKIT_VERB_DETACH};

    for (unsigned n = 0; n < 16u * COUNT(all) * EXPLORE_FROM_COUNT; n++) {
        explore_config c = {
            .attributes = (uint8_t)(DFUKIT_CAN_DNLOAD | (n & 7u) << 1),
            .strict = (n & 8u) != 0,
            .verb = all[n / 16 % COUNT(all)],
            .from = (uint8_t)(n / 16 / COUNT(all)),
        };
        bool usual = c.from == EXPLORE_FROM_RUNTIME || c.from == DFUKIT_DFU_IDLE;
        if (possible(&c) && !add(plan, c, usual ? deeper : faults))
            return false;
    }
    return true;
}

/* What stands beside the usual job … */
static const char *const jobs[] = {
    "verify=always", "verify=never", "batch=4",     "noreset",
    "slowmanifest",  "timeout=4000", "timeout=300", "batch=4,slowmanifest,verify=always",
};
/* … and beside the usual device. */
static const char *const devices[] = {
    "alternates",
    "twoblocks",
    "twoblocks,batch=4,slowmanifest",
    "loader",
    "loader,alternates,verify=always",
    "loader,twoblocks,alternates,batch=4",
    "v10",
    "v10,unasked",
};
/* Devices that are found in every state. */
static const char *const found[] = {"alternates", "twoblocks", "loader,alternates"};

/* `row` on every attribute. */
static bool add_row(explore_plan *plan, const char *row, unsigned from, uint8_t faults)
{
    for (unsigned n = 0; n < 16u; n++) {
        char text[EXPLORE_NAME_SIZE];
        explore_config c;
        (void)snprintf(text, sizeof text, "attr=%02x,%s,verb=write,from=%s,%s",
                       (unsigned)(DFUKIT_CAN_DNLOAD | (n & 7u) << 1),
                       (n & 8u) != 0 ? "strict" : "lenient", froms[from], row);
        if (explore_config_parse(&c, text) == NULL || (possible(&c) && !add(plan, c, faults)))
            return false;
    }
    return true;
}

static bool add_rows(explore_plan *plan, uint8_t faults, uint8_t deeper)
{
    for (unsigned from = EXPLORE_FROM_RUNTIME; from < EXPLORE_FROM_COUNT; from++) {
        bool usual = from == EXPLORE_FROM_RUNTIME || from == DFUKIT_DFU_IDLE;
        for (size_t i = 0; usual && i < COUNT(jobs); i++) {
            if (!add_row(plan, jobs[i], from, deeper))
                return false;
        }
        for (size_t i = 0; usual && i < COUNT(devices); i++) {
            if (!add_row(plan, devices[i], from, deeper))
                return false;
        }
        for (size_t i = 0; !usual && i < COUNT(found); i++) {
            if (!add_row(plan, found[i], from, faults))
                return false;
        }
    }
    return true;
}

bool explore_plan_make(explore_plan *plan, const char *name)
{
    static const struct {
        const char *name;
        uint8_t faults; /* on every path of a device found amidst something … */
        uint8_t deeper; /* … and of one found in run-time mode or in dfuIDLE */
    } plans[] = {
        {"quick", 1, 1},
        {"bounded", 1, 2},
        {"full", 2, 3},
    };

    *plan = (explore_plan){.name = name};
    for (size_t i = 0; i < COUNT(plans); i++) {
        if (strcmp(plans[i].name, name) == 0)
            return add_all(plan, plans[i].faults, plans[i].deeper) &&
                   add_rows(plan, plans[i].faults, plans[i].deeper);
    }
    return false;
}

void explore_plan_free(explore_plan *plan)
{
    free(plan->configs);
    free(plan->faults);
}
