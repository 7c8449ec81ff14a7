/* talk: which command may follow which, and what both sides agreed upon. */
#include "milter/milter.h"

#define BIT(command) (UINT32_C(1) << MILTER_##command)
#define ALWAYS (BIT(MACROS) | BIT(QUIT) | BIT(QUIT_NEW))
#define BETWEEN (ALWAYS | BIT(ABORT) | BIT(HELO) | BIT(MAIL) | BIT(UNKNOWN)) /* messages */

/* What may come after each; macros change nothing. A MAIL may be refused by others, and another one follow. */
static const uint32_t follows[MILTER_COMMANDS] = {
    [MILTER_NEGOTIATE] = ALWAYS | BIT(ABORT) | BIT(CONNECT),
    [MILTER_CONNECT] = BETWEEN,
    [MILTER_HELO] = BETWEEN,
    [MILTER_MAIL] = BETWEEN | BIT(RCPT),
    [MILTER_RCPT] = ALWAYS | BIT(ABORT) | BIT(UNKNOWN) | BIT(RCPT) | BIT(DATA) | BIT(HEADER) | BIT(HEADERS_END),
    [MILTER_DATA] = ALWAYS | BIT(ABORT) | BIT(HEADER) | BIT(HEADERS_END),
    [MILTER_HEADER] = ALWAYS | BIT(ABORT) | BIT(HEADER) | BIT(HEADERS_END),
    [MILTER_HEADERS_END] = ALWAYS | BIT(ABORT) | BIT(BODY) | BIT(MESSAGE_END),
    [MILTER_BODY] = ALWAYS | BIT(ABORT) | BIT(BODY) | BIT(MESSAGE_END),
    [MILTER_MESSAGE_END] = BETWEEN,
    [MILTER_ABORT] = BETWEEN | BIT(CONNECT),
    [MILTER_QUIT] = 0,
    [MILTER_QUIT_NEW] = ALWAYS | BIT(ABORT) | BIT(CONNECT),
};

static int agree(struct milter_talk *talk, const struct milter_offer *offer, const struct milter_wish *wish, struct err *err)
{
    if (offer->version < 2)
        return err_set(err, "version %u of the milter protocol, where 2 to %d are spoken", offer->version, MILTER_VERSION);
    uint32_t macros = 0;
    for (size_t i = 0; i < MILTER_COMMANDS; i++)
        macros |= wish->macros[i] ? MILTER_MAY_CHOOSE_MACROS : 0;
    talk->agreed = (struct milter_offer){.version = offer->version < MILTER_VERSION ? offer->version : MILTER_VERSION,
                                         .actions = offer->actions & (wish->actions | macros), .steps = offer->steps & wish->steps};
    return 0;
}

int milter_follow(struct milter_talk *talk, const struct milter_said *said, const struct milter_wish *wish, struct err *err)
{
    bool begun = talk->awaited != 0;
    uint32_t awaited = begun ? talk->awaited : BIT(NEGOTIATE) | BIT(QUIT);
    if (!(awaited >> said->command & 1))
        return err_set(err, "%s after %s, where it does not belong", milter_command_name(said->command), begun ? milter_command_name(talk->last) : "nothing");
    if (said->command == MILTER_NEGOTIATE && agree(talk, &said->offer, wish, err) < 0)
        return -1;
    if (said->command == MILTER_MACROS || said->command == MILTER_UNKNOWN)
        return 0;
    talk->awaited = follows[said->command];
    talk->last = said->command;
    return 0;
}

bool milter_is_answered(const struct milter_talk *talk, enum milter_command command)
{
    static const uint32_t silent[MILTER_COMMANDS] = {
        [MILTER_CONNECT] = MILTER_SILENT_CONNECT, [MILTER_HELO] = MILTER_SILENT_HELO, [MILTER_MAIL] = MILTER_SILENT_MAIL,
        [MILTER_RCPT] = MILTER_SILENT_RCPT, [MILTER_DATA] = MILTER_SILENT_DATA, [MILTER_UNKNOWN] = MILTER_SILENT_UNKNOWN,
        [MILTER_HEADER] = MILTER_SILENT_HEADER, [MILTER_HEADERS_END] = MILTER_SILENT_HEADERS_END, [MILTER_BODY] = MILTER_SILENT_BODY,
    };
    if (command == MILTER_MACROS || command == MILTER_ABORT || command == MILTER_QUIT || command == MILTER_QUIT_NEW)
        return false;
    return !(talk->agreed.steps & silent[command]);
}
