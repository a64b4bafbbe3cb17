/* SPDX-License-Identifier: MIT */
/* The command line: tables of verbs and options, and what they are parsed into. */
#ifndef DFUKIT_CLI_ARGS_H
#define DFUKIT_CLI_ARGS_H

#include "dfukit/host.h"
#include "place.h"
#include "ui.h"

#define DFUKIT_CLI_FILES_MAX 64u

typedef struct dfukit_cli_verb dfukit_cli_verb;

/** A parsed command line. Texts are argv's. */
typedef struct dfukit_cli_args {
    const dfukit_cli_verb *verb; /**< NULL when --help or --version stand alone */
    size_t file_count;           /**< arguments behind the verb */
    const char *files[DFUKIT_CLI_FILES_MAX];
    bool help, version;
    /* everywhere */
    bool json, quiet, verbose;
    const char *trace; /**< NULL: none */
    dfukit_cli_color color;
    /* selection */
    dfukit_selector selector;
    bool has_alt;
    uint8_t alt;
    const char *alt_name;
    bool wait, wait_bounded;
    uint32_t wait_ms;
    dfukit_cli_place place;
    /* write, read, verify, erase, leave, unlock */
    bool has_at, has_size, has_range, all, dry_run, force;
    uint32_t at, size;
    dfukit_range range;
    dfukit_erase erase;
    const char *like; /**< read: a file whose addresses are read */
    dfukit_verify verify;
    dfukit_then then;
    uint32_t transfer_size, timeout_ms;
    /* image */
    bool has_vid, has_pid, has_did, has_family;
    uint16_t vid, pid, did;
    uint16_t spec; /**< bcdDFU; 0: not given */
    uint32_t family;
    dfukit_prefix_kind prefix;
    /* virtual */
    bool list, fast;
    uint32_t count; /**< 0: one */
    const char *listen, *flash, *serial, *replay;
    size_t fault_count;
    dfukit_fault faults[DFUKIT_FAULTS_MAX];
    char verb_family[64]; /**< help is wanted for these verbs, "image suffix"; "": for all */
    /* why parsing failed: one line */
    char complaint[DFUKIT_CLI_COMPLAINT_SIZE];
} dfukit_cli_args;

/** Verbs as bits, for the table of options. */
enum {
    DFUKIT_CLI_LIST = 1,
    DFUKIT_CLI_INFO = 2,
    DFUKIT_CLI_DETACH = 4,
    DFUKIT_CLI_WRITE = 8,
    DFUKIT_CLI_READ = 16,
    DFUKIT_CLI_VERIFY = 32,
    DFUKIT_CLI_LEAVE = 64,
    DFUKIT_CLI_IMAGE_INFO = 128,
    DFUKIT_CLI_VIRTUAL = 256,
    DFUKIT_CLI_DEMO = 512,
    DFUKIT_CLI_ERASE = 1024,
    DFUKIT_CLI_UNLOCK = 2048,
    DFUKIT_CLI_IMAGE_CONVERT = 1 << 16,
    DFUKIT_CLI_SUFFIX_ADD = 1 << 17,
    DFUKIT_CLI_SUFFIX_CHECK = 1 << 18,
    DFUKIT_CLI_SUFFIX_STRIP = 1 << 19,
    DFUKIT_CLI_PREFIX_ADD = 1 << 20,
    DFUKIT_CLI_PREFIX_CHECK = 1 << 21,
    DFUKIT_CLI_PREFIX_STRIP = 1 << 22,
    DFUKIT_CLI_IMAGE_PACK = 1 << 23,
    DFUKIT_CLI_IMAGE_UNPACK = 1 << 24,
    DFUKIT_CLI_EVERY = 0x7FFFFFFF
};

/** Verbs whose --force replaces a trace and nothing else: no remedy for anything. */
#define DFUKIT_CLI_TRACED (DFUKIT_CLI_LIST | DFUKIT_CLI_INFO | DFUKIT_CLI_DETACH | DFUKIT_CLI_LEAVE)

struct dfukit_cli_verb {
    unsigned bit;
    const char *name;      /**< "write"; two or three words for those of `image` */
    const char *alias;     /**< the specification's word for it; NULL: none */
    const char *arguments; /**< as shown in the help */
    size_t least, most;    /**< how many arguments */
    const char *summary;   /**< one line */
    const char *text;      /**< paragraphs for its own help, lines ready broken */
    int (*run)(const dfukit_cli_args *args, dfukit_cli_ui *ui);
};
/** The verbs, closed by one without a name. */
extern const dfukit_cli_verb dfukit_cli_verbs[];

typedef enum dfukit_cli_group_of {
    DFUKIT_CLI_OWN,       /**< options of the verb itself */
    DFUKIT_CLI_SELECTING, /**< which device */
    DFUKIT_CLI_GLOBAL,
    DFUKIT_CLI_GROUP_COUNT
} dfukit_cli_group_of;

typedef struct dfukit_cli_option {
    dfukit_cli_group_of group;
    unsigned verbs;       /**< whose option it is */
    const char *name;     /**< without the dashes */
    char letter;          /**< '\0': none */
    const char *argument; /**< NULL: takes none; "[=X]": optional, joined to the name */
    const char *help;
    /** Take the value (NULL when there is none).
     *  @return NULL, or what was wanted instead; may write args->complaint and return that. */
    const char *(*set)(dfukit_cli_args *args, const char *value);
} dfukit_cli_option;
/** The options, closed by one without a name. A name may stand twice, for different verbs and with
 *  another help; letter, argument and setter are then the same. */
extern const dfukit_cli_option dfukit_cli_options[];

/** Parse. @return false with args->complaint. */
bool dfukit_cli_parse(dfukit_cli_args *args, int argc, char *const *argv);
/** Has the verb this option ("--name" without the dashes)? */
bool dfukit_cli_has_option(const dfukit_cli_verb *verb, const char *name, size_t length);
/** Does a text name only options ("--range", "-a") that the verb has? */
bool dfukit_cli_options_fit(const dfukit_cli_verb *verb, const char *text);
/** Help for a verb, on ui->out; `verb` NULL: for the verbs that begin with `family`, or all ("").
 */
void dfukit_cli_help(const dfukit_cli_ui *ui, const dfukit_cli_verb *verb, const char *family);

#endif
