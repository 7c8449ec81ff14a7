/* clamd: its answers, and the client against a stand-in that speaks INSTREAM and does as the message tells it. */
#include "clamd/clamd.h"
#include "exact.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    const char *text;
    enum clamd_word word;
    const char *word_of;
} answers[] = {
    {"stream: OK", CLAMD_NOTHING, ""},
    {"instream(127.0.0.1@4242): OK", CLAMD_NOTHING, ""},
    {"stream: Eicar-Signature FOUND", CLAMD_FOUND, "Eicar-Signature"},
    {"stream: Heuristics.Phishing.Email.SpoofedDomain FOUND", CLAMD_FOUND, "Heuristics.Phishing.Email.SpoofedDomain"},
    {"stream: Eicar-Signature FOUND\n", CLAMD_FOUND, "Eicar-Signature"},
    {"INSTREAM size limit exceeded. ERROR", CLAMD_ERROR, "INSTREAM size limit exceeded. ERROR"},
    {"stream: Can't allocate memory ERROR", CLAMD_ERROR, "stream: Can't allocate memory ERROR"},
    {"stream:  FOUND", CLAMD_ERROR, "stream:  FOUND"},
    {"stream: two words FOUND", CLAMD_ERROR, "stream: two words FOUND"},
    {"stream: a\x1b[31m FOUND", CLAMD_ERROR, "stream: a"},
    {"stream: FOUND", CLAMD_ERROR, "stream: FOUND"},
    {"OK", CLAMD_ERROR, "OK"},
    {"UNKNOWN COMMAND", CLAMD_ERROR, "UNKNOWN COMMAND"},
    {"PONG", CLAMD_ERROR, "PONG"},
    {"", CLAMD_ERROR, "it closed the connection without an answer"},
};

static void each_answer(void **state)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct clamd_answer got;
        struct span text = exact(answers[i].text);
        clamd_answer_parse(text, &got);
        struct span word = got.word == CLAMD_FOUND ? got.name : got.why;
        if (got.word != answers[i].word || !span_eq(word, span_of(answers[i].word_of)))
            fail_msg("\"%s\": %s \"%.*s\"", answers[i].text, clamd_word_name(got.word), SPAN_FMT(word));
        free((char *)text.at);
    }
}

/* ---- the stand-in: a process a connection */
static char path[64];

static bool take(int fd, void *at, size_t len)
{
    for (size_t got = 0; got < len;) {
        ssize_t now = read(fd, (char *)at + got, len - got);
        if (now <= 0)
            return false;
        got += (size_t)now;
    }
    return true;
}

static void __attribute__((noreturn)) connection_serve(int fd)
{
    char command[10], *text = malloc(8 << 20), said[200] = "stream: OK";
    uint32_t head = 1;
    size_t len = 0;
    bool began = take(fd, command, sizeof command) && memcmp(command, "zINSTREAM", 10) == 0;
    while (began && take(fd, &head, 4) && head) {
        if (ntohl(head) > 100000 || !take(fd, text + len, ntohl(head)))
            _exit(1);
        len += ntohl(head);
        if (len > 4 << 20) { /* as StreamMaxLength: it says so and reads no further */
            snprintf(said, sizeof said, "INSTREAM size limit exceeded. ERROR");
            break;
        }
    }
    text[len] = 0;
    if (strstr(text, "MUTE"))
        sleep(20);
    else if (strstr(text, "VIRUS"))
        snprintf(said, sizeof said, "stream: Test.Virus.%zu FOUND", len);
    if (!strstr(text, "CLOSE") && write(fd, said, strlen(said) + 1) < 0)
        _exit(1);
    _exit(0);
}

static pid_t stand_in(int family, uint16_t *port)
{
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in net = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof net;
    int listener = socket(family, SOCK_STREAM, 0);
    snprintf(local.sun_path, sizeof local.sun_path, "%s", path);
    assert_int_equal(bind(listener, family == AF_UNIX ? (struct sockaddr *)&local : (struct sockaddr *)&net, family == AF_UNIX ? sizeof local : len), 0);
    assert_int_equal(listen(listener, 16), 0);
    if (port && getsockname(listener, (struct sockaddr *)&net, &len) == 0)
        *port = ntohs(net.sin_port);
    pid_t pid = fork();
    signal(SIGCHLD, pid ? SIG_DFL : SIG_IGN);
    for (int fd; pid == 0 && (fd = accept(listener, NULL, NULL)) >= 0; close(fd))
        if (fork() == 0) {
            close(listener); /* nobody connects any more once the one above ends */
            connection_serve(fd);
        }
    close(listener);
    return pid;
}

static void stand_down(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    unlink(path);
}

/* ---- asking it */
struct asked {
    enum clamd_word word;
    char text[200];
    bool done;
};

static void on_done(void *context, const struct clamd_answer *answer)
{
    struct asked *asked = context;
    struct span text = answer->word == CLAMD_FOUND ? answer->name : answer->why;
    asked->word = answer->word;
    asked->done = true;
    snprintf(asked->text, sizeof asked->text, "%.*s", SPAN_FMT(text));
}

static int message(const char *text, size_t fill)
{
    int fd = memfd_create("message", MFD_CLOEXEC);
    char *more = calloc(1, fill + 1);
    memset(more, 'x', fill);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(write(fd, more, fill), fill);
    free(more);
    return fd;
}

static struct clamd_scan *ask(struct clamd *clamd, const char *text, size_t fill, struct asked *asked)
{
    *asked = (struct asked){0};
    return clamd_scan(clamd, message(text, fill), 0, strlen(text) + fill, on_done, asked);
}

static void run(struct clamd *clamd)
{
    for (int wait; (wait = clamd_wait_ms(clamd)) >= 0;) {
        struct pollfd at = {clamd_fd(clamd), POLLIN, 0};
        poll(&at, 1, wait);
        clamd_run(clamd);
    }
}

static struct clamd *client(int deadline_ms)
{
    return clamd_new(&(struct clamd_options){.path = path, .deadline_ms = deadline_ms, .connections = 3});
}

/* It says that it takes no more in the middle of a message, when the next piece is ready and there is no room for it yet. */
static void who_takes_no_more_is_not_away(void **state)
{
    pid_t pid = stand_in(AF_UNIX, NULL);
    struct clamd *clamd = client(20000);
    struct asked asked[3];
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 3; i++)
            ask(clamd, "too much", 7 << 20, &asked[i]);
        run(clamd);
        for (int i = 0; i < 3; i++)
            if (asked[i].word != CLAMD_ERROR)
                fail_msg("round %d: %s, %s", round, clamd_word_name(asked[i].word), asked[i].text);
    }
    clamd_free(&clamd);
    stand_down(pid);
}

static void messages_are_scanned(void **state)
{
    pid_t pid = stand_in(AF_UNIX, NULL);
    struct clamd *clamd = client(20000);
    struct asked asked[20];
    for (int i = 0; i < 20; i++)
        ask(clamd, i % 2 ? "VIRUS" : "letter", i * 30000, &asked[i]);
    run(clamd);
    for (int i = 0; i < 20; i++) {
        char name[64];
        snprintf(name, sizeof name, "Test.Virus.%d", 5 + i * 30000); /* all of it came through */
        assert_int_equal(asked[i].word, i % 2 ? CLAMD_FOUND : CLAMD_NOTHING);
        assert_string_equal(asked[i].text, i % 2 ? name : "");
    }
    ask(clamd, "", 0, &asked[0]);
    ask(clamd, "too much", 7 << 20, &asked[1]);
    ask(clamd, "CLOSE", 0, &asked[2]);
    run(clamd);
    assert_int_equal(asked[0].word, CLAMD_NOTHING);
    assert_int_equal(asked[1].word, CLAMD_ERROR);
    assert_int_equal(asked[2].word, CLAMD_ERROR);
    int fd = message("VIRUS, and what follows it", 0);
    clamd_scan(clamd, fd, 7, 8, on_done, &asked[0]); /* a message in the middle of a file */
    run(clamd);
    assert_int_equal(asked[0].word, CLAMD_NOTHING);
    clamd_free(&clamd);
    stand_down(pid);
}

static void over_tcp_too(void **state)
{
    uint16_t port = 0;
    pid_t pid = stand_in(AF_INET, &port);
    struct clamd_options options = {.port = port, .deadline_ms = 20000};
    struct asked asked;
    ip_parse(S("127.0.0.1"), &options.ip);
    struct clamd *clamd = clamd_new(&options);
    ask(clamd, "VIRUS", 1000, &asked);
    run(clamd);
    assert_int_equal(asked.word, CLAMD_FOUND);
    stand_down(pid);
    ask(clamd, "VIRUS", 1000, &asked);
    run(clamd);
    assert_int_equal(asked.word, CLAMD_AWAY);
    clamd_free(&clamd);
}

static void silence_is_not_waited_for_again_and_again(void **state)
{
    pid_t pid = stand_in(AF_UNIX, NULL);
    struct clamd *clamd = client(300);
    struct asked asked[5];
    for (int i = 0; i < 4; i++)
        ask(clamd, "MUTE", 0, &asked[i]);
    run(clamd);
    for (int i = 0; i < 4; i++)
        assert_int_equal(asked[i].word, CLAMD_SILENT); /* the fourth never had its turn */
    ask(clamd, "MUTE", 0, &asked[0]);
    run(clamd);
    assert_int_equal(asked[0].word, CLAMD_SILENT); /* the fourth that was connected */
    assert_null(ask(clamd, "letter", 0, &asked[4]));
    assert_int_equal(asked[4].word, CLAMD_AWAY);
    assert_string_equal(asked[4].text, "it does not answer");
    usleep(550 * 1000);
    ask(clamd, "letter", 0, &asked[4]);
    run(clamd);
    assert_int_equal(asked[4].word, CLAMD_NOTHING);
    clamd_free(&clamd);
    stand_down(pid);
}

static void while_it_is_away_nobody_waits(void **state)
{
    struct clamd *clamd = client(5000);
    struct asked asked[3];
    for (int i = 0; i < 3; i++)
        ask(clamd, "letter", 0, &asked[i]);
    clamd_run(clamd);
    for (int i = 0; i < 3; i++)
        assert_true(asked[i].done && asked[i].word == CLAMD_AWAY);
    assert_string_equal(asked[2].text, "No such file or directory");
    pid_t pid = stand_in(AF_UNIX, NULL);
    assert_null(ask(clamd, "letter", 0, &asked[0])); /* not tried again yet */
    assert_int_equal(asked[0].word, CLAMD_AWAY);
    usleep(550 * 1000);
    ask(clamd, "VIRUS", 0, &asked[0]);
    run(clamd);
    assert_int_equal(asked[0].word, CLAMD_FOUND);
    clamd_free(&clamd);
    stand_down(pid);
}

static void who_is_forgotten_is_not_called(void **state)
{
    pid_t pid = stand_in(AF_UNIX, NULL);
    struct clamd *clamd = client(5000);
    struct asked asked[6];
    struct clamd_scan *scans[6];
    for (int i = 0; i < 6; i++)
        scans[i] = ask(clamd, "letter", 200000, &asked[i]);
    clamd_run(clamd);
    clamd_forget(scans[1]);
    clamd_forget(scans[5]);
    run(clamd);
    for (int i = 0; i < 6; i++)
        assert_true(asked[i].done == (i != 1 && i != 5));
    ask(clamd, "letter", 200000, &asked[0]);
    clamd_run(clamd);
    clamd_free(&clamd);
    assert_false(asked[0].done);
    stand_down(pid);
}

static void what_a_story_says(void **state)
{
    struct clamd *clamd = clamd_new(&(struct clamd_options){.says = "stream: Test.Virus FOUND"});
    struct asked asked;
    assert_null(ask(clamd, "letter", 0, &asked));
    assert_int_equal(asked.word, CLAMD_FOUND);
    assert_string_equal(asked.text, "Test.Virus");
    assert_int_equal(clamd_wait_ms(clamd), -1);
    clamd_free(&clamd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_answer),
        cmocka_unit_test(who_takes_no_more_is_not_away),
        cmocka_unit_test(messages_are_scanned),
        cmocka_unit_test(over_tcp_too),
        cmocka_unit_test(silence_is_not_waited_for_again_and_again),
        cmocka_unit_test(while_it_is_away_nobody_waits),
        cmocka_unit_test(who_is_forgotten_is_not_called),
        cmocka_unit_test(what_a_story_says),
    };
    snprintf(path, sizeof path, "/tmp/sekimori-clamd-%d.sock", getpid());
    return cmocka_run_group_tests(tests, NULL, NULL);
}
