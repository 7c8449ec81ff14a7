/* user: under whose name, and into which log, the service runs. */
#include "role/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

int log_open(const char *file, struct err *err)
{
    if (!file)
        return 0;
    int fd __attribute__((cleanup(fd_close_later))) = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0)
        return err_set(err, "%s: the log cannot be written: %s", file, strerror(errno));
    return 0;
}

static int group_of(const char *name, gid_t *out, struct err *err)
{
    const struct group *group = getgrnam(name);
    if (!group)
        return err_set(err, "run.group: there is no group \"%s\"; make it with groupadd --system %s", name, name);
    *out = group->gr_gid;
    return 0;
}

int user_become(const char *user, const char *group, struct err *err)
{
    const struct passwd *who = user ? getpwnam(user) : NULL;
    gid_t gid = who ? who->pw_gid : getgid();
    if (!user && !group)
        return 0;
    if (user && !who)
        return err_set(err, "run.user: there is no user \"%s\"; make it with useradd --system %s", user, user);
    if (group && group_of(group, &gid, err) < 0)
        return -1;
    if (who && who->pw_uid == geteuid() && gid == getegid())
        return 0;
    if (geteuid() != 0)
        return err_set(err, "run.user: only root can become another user; start it as root, or leave run.user out");
    if ((who && initgroups(user, gid) < 0) || setgid(gid) < 0 || (who && setuid(who->pw_uid) < 0))
        return err_set(err, "cannot become the user \"%s\": %s", user ? user : "", strerror(errno));
    return 0;
}
