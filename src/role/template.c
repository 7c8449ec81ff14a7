/* template: may fork judges and nothing else; it is forked before the parent opens what must not cross a fork. */
#include "role/inner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void judge_fork(struct channel **channel, int fd, const struct judge_settings *settings)
{
    pid_t pid = fork();
    if (pid == 0) {
        channel_free(channel);
        signal(SIGCHLD, SIG_DFL);
        signal(SIGTERM, SIG_DFL);
        _exit(judge_run(fd, settings));
    }
    close(fd); /* where fork failed the parent sees the channel close */
}

/* ---- of the service */
struct child { /* a judge that has not been reaped */
    uint32_t id; /* the parent's */
    pid_t pid;
};
struct children {
    struct child *at;
    size_t count;
};

static void judge_fork_role(struct children *children, uint32_t id, int fd, const struct judge_settings *settings)
{
    pid_t pid = role_fork(ROLE_JUDGE, &fd);
    if (pid == 0)
        _exit(judge_serve(fd, settings));
    if (pid < 0)
        log_event(LEVEL_ERROR, "no-judge", "no judge can be started: %s", strerror(errno));
    else if (!(children->at = realloc(children->at, (children->count + 1) * sizeof *children->at)))
        abort();
    else
        children->at[children->count++] = (struct child){id, pid};
    close(fd);
}

static void judge_end(const struct children *children, uint32_t id)
{
    for (size_t i = 0; i < children->count; i++)
        if (children->at[i].id == id)
            kill(children->at[i].pid, SIGKILL);
}

static void child_forget(struct children *children, pid_t pid)
{
    for (size_t i = 0; i < children->count; i++)
        if (children->at[i].pid == pid)
            children->at[i] = children->at[--children->count];
}

static void judges_reap(struct children *children)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0; child_forget(children, pid))
        if (WIFSIGNALED(status))
            log_event(LEVEL_ERROR, "judge-died", "judge %d was ended by signal %d (%s)", pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
        else if (WEXITSTATUS(status))
            log_event(LEVEL_ERROR, "judge-died", "judge %d ended with status %d", pid, WEXITSTATUS(status));
}

static void on_child(int number)
{
}

int template_serve(int fd, const struct judge_settings *settings)
{
    struct frame frame;
    struct err err;
    sigset_t child, none;
    struct sigaction wake = {.sa_handler = on_child};
    sigemptyset(&none);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, NULL); /* it comes while we wait, and at no other time */
    sigaction(SIGCHLD, &wake, NULL);
    struct children children = {0};
    struct channel *channel = channel_new(fd, FRAME_MOST);
    channel_between(channel, ROLE_TEMPLATE, ROLE_PARENT);
    enum channel_state state = CHANNEL_LATER;
    while (state == CHANNEL_LATER) {
        judges_reap(&children);
        struct pollfd wait = channel_wait(channel);
        ppoll(&wait, 1, NULL, &none);
        while ((state = channel_receive(channel, &frame, &err)) == CHANNEL_FRAME)
            if (frame.kind == FRAME_END)
                judge_end(&children, frame.serial);
            else if (frame.fd >= 0)
                judge_fork_role(&children, frame.serial, frame.fd, settings);
    }
    channel_free(&channel);
    free(children.at);
    while (waitpid(-1, NULL, 0) > 0 || errno == EINTR) /* the judges were let go too; the parent waits for us only so long */
        ;
    return 0;
}

/* ---- of scan */
static enum channel_state template_turn(struct channel **channel, const struct judge_settings *settings)
{
    struct frame frame;
    struct err err;
    struct pollfd wait = {channel_fd(*channel), POLLIN, 0};
    if (poll(&wait, 1, -1) < 0)
        return errno == EINTR ? CHANNEL_LATER : CHANNEL_BROKEN;
    enum channel_state state;
    while ((state = channel_receive(*channel, &frame, &err)) == CHANNEL_FRAME)
        if (frame.kind == FRAME_START && frame.fd >= 0)
            judge_fork(channel, frame.fd, settings);
    return state;
}

static void __attribute__((noreturn)) template_run(int fd, const struct judge_settings *settings)
{
    bool own_group = setpgid(0, 0) == 0; /* what the terminal's keys say goes to the parent, which decides */
    signal(SIGINT, SIG_IGN);
    signal(SIGCHLD, SIG_IGN); /* the system takes its dead judges away */
    struct channel *channel = channel_new(fd, FRAME_MOST);
    channel_between(channel, ROLE_TEMPLATE, ROLE_SCAN);
    while (template_turn(&channel, settings) == CHANNEL_LATER)
        ;
    channel_free(&channel);
    signal(SIGTERM, SIG_IGN);
    if (own_group)
        kill(0, SIGTERM); /* a judge in the middle of a message nobody waits for */
    while (wait(NULL) > 0 || errno == EINTR) /* until the last judge is gone */
        ;
    _exit(0);
}

int template_start(const struct judge_settings *settings, struct template *out, struct err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set(err, "socketpair: %s", strerror(errno));
    out->pid = fork();
    if (out->pid == 0) {
        close(ends[0]);
        template_run(ends[1], settings);
    }
    close(ends[1]);
    if (out->pid < 0) {
        close(ends[0]);
        return err_set(err, "no process can be started: %s", strerror(errno));
    }
    out->channel = channel_new(ends[0], FRAME_MOST);
    channel_between(out->channel, ROLE_SCAN, ROLE_TEMPLATE);
    return 0;
}

int template_judge(struct template *template, struct channel **out, struct err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set(err, "socketpair: %s", strerror(errno));
    int sent = channel_send(template->channel, FRAME_START, 0, (struct span){0}, ends[1], err);
    while (sent == 0 && (sent = channel_flush(template->channel, err)) == 0)
        poll(&(struct pollfd){channel_fd(template->channel), POLLOUT, 0}, 1, -1);
    if (sent < 0) {
        close(ends[0]);
        return -1;
    }
    *out = channel_new(ends[0], FRAME_MOST);
    return 0;
}

void template_stop(struct template *template)
{
    channel_free(&template->channel);
    while (template->pid > 0 && waitpid(template->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    template->pid = 0;
}
