/* template: may fork judges and nothing else; it is forked before the parent opens what must not cross a fork. */
#include "role/inner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
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
