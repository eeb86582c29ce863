/* Makes the n-th call that writes to the disk go wrong, and counts them; put before the C library's own.

   Armed with nth = 0 it only counts. What goes wrong: the process is killed before the call, or in the middle
   of a write; or the call fails once, or it and every later one, with an error number. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT, KILL, TEAR, FAIL_ONCE, FAIL_ON };

static atomic_long calls;
static long nth;
static int mode, number, armed;

void ranger_arm(long which, int how, int error) {
    atomic_store(&calls, 0);
    nth = which;
    mode = how;
    number = error;
    armed = 1;
}

long ranger_calls(void) { return atomic_load(&calls); }

static int goes_wrong(void) {
    if (!armed) return COUNT;
    long now = atomic_fetch_add(&calls, 1) + 1;
    if (nth == 0 || now < nth || (now > nth && mode != FAIL_ON)) return COUNT;
    if (mode == KILL) {
        kill(getpid(), SIGKILL);
        pause();
    }
    return mode;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define REFUSE { errno = number; return -1; }

#define WRITES(name, arguments, passed, half)                    \
    ssize_t name arguments {                                     \
        if (fd > 2) switch (goes_wrong()) {                      \
            case COUNT: break;                                   \
            case TEAR: REAL(name) half; kill(getpid(), SIGKILL); \
            default: REFUSE                                      \
        }                                                        \
        return REAL(name) passed;                                \
    }

#define DOES(name, arguments, passed)            \
    int name arguments {                         \
        switch (goes_wrong()) {                  \
            case COUNT: return REAL(name) passed; \
            case TEAR: kill(getpid(), SIGKILL);  \
            default: REFUSE                      \
        }                                        \
    }

WRITES(write, (int fd, const void *from, size_t size), (fd, from, size), (fd, from, size / 2))
WRITES(pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at), (fd, from, size / 2, at))
WRITES(pwrite64, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at), (fd, from, size / 2, at))
WRITES(copy_file_range, (int in, off64_t *here, int fd, off64_t *there, size_t size, unsigned flags),
       (in, here, fd, there, size, flags), (in, here, fd, there, size / 2, flags))

DOES(fsync, (int fd), (fd))
DOES(fdatasync, (int fd), (fd))
DOES(ftruncate, (int fd, off_t size), (fd, size))
DOES(ftruncate64, (int fd, off64_t size), (fd, size))
DOES(unlink, (const char *path), (path))
DOES(rmdir, (const char *path), (path))
DOES(mkdir, (const char *path, mode_t rights), (path, rights))
DOES(rename, (const char *from, const char *to), (from, to))
