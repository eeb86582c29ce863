/* Writes down every call that changes the disk, with its content; put before the C library's own.

   Files and folders go by their inode, which outlives their names. One lock is held over a call and its line,
   so that the order of the lines is that in which things happened. A line is a head of 33 bytes, little
   endian (what, three numbers, two lengths), and two runs of bytes; `tests/storage/recorded.py` reads them. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE, TRUNCATE, SYNC, ENTER, LEAVE, MOVE, SAY, SYNC_ALL };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int book = -1, pid;
static dev_t device;
static long left;

/* From now on lines go to the end of `path`; after `most` of them the program is killed, unless that is 0. */
int ranger_record(const char *folder, const char *path, long most) {
    struct stat found;
    if (stat(folder, &found)) return -1;
    device = found.st_dev;
    int opened = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    left = most ? most : -1;
    pid = getpid();
    return book = opened < 0 ? -1 : fcntl(opened, F_DUPFD_CLOEXEC, 512);
}

void ranger_stop(void) { book = -1; }

struct __attribute__((packed)) head { uint8_t what; uint64_t one, two, three; uint32_t first, second; };

static void line(int what, uint64_t one, uint64_t two, uint64_t three, const void *first, size_t first_size,
                 const void *second, size_t second_size) {
    struct head head = {what, one, two, three, first_size, second_size};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)first, first_size}, {(void *)second, second_size}};
    int before = errno;
    syscall(SYS_writev, book, parts, 3);
    errno = before;
    if (left > 0 && --left == 0) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

void ranger_say(const char *text) {
    pthread_mutex_lock(&lock);
    if (book >= 0) line(SAY, 0, 0, 0, text, strlen(text), "", 0);
    pthread_mutex_unlock(&lock);
}

static int on(void) { return book >= 0 && getpid() == pid; }

static int ours(int fd, struct stat *found) {
    return fstat(fd, found) == 0 && found->st_dev == device && (S_ISREG(found->st_mode) || S_ISDIR(found->st_mode));
}

/* The folder that a path is in, and its name there; 0 when that is elsewhere. */
static uint64_t folder_of(int from, const char *path, char *name) {
    char before[4096];
    struct stat found;
    size_t size = strlen(path);
    if (size >= sizeof before) return 0;
    memcpy(before, path, size + 1);
    while (size > 1 && before[size - 1] == '/') before[--size] = 0;
    char *slash = strrchr(before, '/');
    strncpy(name, slash ? slash + 1 : before, 255);
    name[255] = 0;
    if (slash) slash[slash == before] = 0;
    if (fstatat(from, slash ? before : ".", &found, 0) || found.st_dev != device) return 0;
    return found.st_ino;
}

static int opens(int from, const char *path, int flags, mode_t rights) {
    if (!on() || !(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE)
        return syscall(SYS_openat, from, path, flags | O_LARGEFILE, rights);
    char name[256];
    struct stat before, after;
    pthread_mutex_lock(&lock);
    int was = fstatat(from, path, &before, 0) == 0;
    int fd = syscall(SYS_openat, from, path, flags | O_LARGEFILE, rights);
    if (fd >= 0 && ours(fd, &after) && S_ISREG(after.st_mode)) {
        uint64_t folder = folder_of(from, path, name);
        if (!was && folder) line(ENTER, folder, after.st_ino, 1, name, strlen(name), "", 0);
        if (was && (flags & O_TRUNC) && before.st_size) line(TRUNCATE, after.st_ino, 0, 0, "", 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPENS(name, arguments, from)                      \
    int name arguments {                                  \
        mode_t rights = 0;                                \
        if (flags & (O_CREAT | O_TMPFILE)) {              \
            va_list more;                                 \
            va_start(more, flags);                        \
            rights = va_arg(more, mode_t);                \
            va_end(more);                                 \
        }                                                 \
        return opens(from, path, flags, rights);          \
    }

OPENS(open, (const char *path, int flags, ...), AT_FDCWD)
OPENS(open64, (const char *path, int flags, ...), AT_FDCWD)
OPENS(openat, (int from, const char *path, int flags, ...), from)
OPENS(openat64, (int from, const char *path, int flags, ...), from)
int creat(const char *path, mode_t rights) {
    return opens(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, rights);
}
int creat64(const char *path, mode_t rights) {
    return opens(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, rights);
}

/* Calls on an open file: done under the lock, and written down when they did something. */
#define UNDER_LOCK(type, call, did, ...)                                   \
    struct stat found;                                                     \
    if (!on() || !ours(fd, &found)) return call;                           \
    pthread_mutex_lock(&lock);                                             \
    type done = call;                                                      \
    if (did) __VA_ARGS__;                                                  \
    pthread_mutex_unlock(&lock);                                           \
    return done;

ssize_t write(int fd, const void *from, size_t size) {
    UNDER_LOCK(ssize_t, syscall(SYS_write, fd, from, size), done > 0,
               line(WRITE, found.st_ino, lseek(fd, 0, SEEK_CUR) - done, 0, from, done, "", 0))
}
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
    UNDER_LOCK(ssize_t, syscall(SYS_pwrite64, fd, from, size, at), done > 0,
               line(WRITE, found.st_ino, at, 0, from, done, "", 0))
}
ssize_t pwrite64(int fd, const void *from, size_t size, off64_t at) { return pwrite(fd, from, size, at); }
ssize_t writev(int fd, const struct iovec *parts, int many) {
    struct stat found;
    if (!on() || !ours(fd, &found)) return syscall(SYS_writev, fd, parts, many);
    ssize_t all = 0, done = 0;
    for (int i = 0; i < many && done >= 0; i++)
        if (parts[i].iov_len) all += done = write(fd, parts[i].iov_base, parts[i].iov_len);
    return done < 0 && all < 0 ? -1 : all;
}
int ftruncate(int fd, off_t size) {
    UNDER_LOCK(int, syscall(SYS_ftruncate, fd, size), done == 0,
               line(TRUNCATE, found.st_ino, size, 0, "", 0, "", 0))
}
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }
int fsync(int fd) {
    UNDER_LOCK(int, syscall(SYS_fsync, fd), done == 0, line(SYNC, found.st_ino, 0, 0, "", 0, "", 0))
}
int fdatasync(int fd) {
    UNDER_LOCK(int, syscall(SYS_fdatasync, fd), done == 0, line(SYNC, found.st_ino, 0, 0, "", 0, "", 0))
}
int syncfs(int fd) {
    UNDER_LOCK(int, syscall(SYS_syncfs, fd), done == 0, line(SYNC_ALL, 0, 0, 0, "", 0, "", 0))
}
void sync(void) {
    pthread_mutex_lock(&lock);
    syscall(SYS_sync);
    if (on()) line(SYNC_ALL, 0, 0, 0, "", 0, "", 0);
    pthread_mutex_unlock(&lock);
}

/* What copies inside the system shows no content: callers go on with plain writes. */
ssize_t sendfile(int out, int in, off_t *at, size_t size) {
    if (!on()) return syscall(SYS_sendfile, out, in, at, size);
    errno = ENOTSOCK;
    return -1;
}
ssize_t sendfile64(int out, int in, off64_t *at, size_t size) { return sendfile(out, in, at, size); }
ssize_t copy_file_range(int in, off64_t *here, int out, off64_t *there, size_t size, unsigned flags) {
    if (!on()) return syscall(SYS_copy_file_range, in, here, out, there, size, flags);
    errno = ENOSYS;
    return -1;
}

static int leaves(int from, const char *path, int flags) {
    if (!on()) return syscall(SYS_unlinkat, from, path, flags);
    char name[256];
    pthread_mutex_lock(&lock);
    uint64_t folder = folder_of(from, path, name);
    int done = syscall(SYS_unlinkat, from, path, flags);
    if (done == 0 && folder) line(LEAVE, folder, 0, 0, name, strlen(name), "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}
int unlink(const char *path) { return leaves(AT_FDCWD, path, 0); }
int unlinkat(int from, const char *path, int flags) { return leaves(from, path, flags); }
int rmdir(const char *path) { return leaves(AT_FDCWD, path, AT_REMOVEDIR); }

int mkdirat(int from, const char *path, mode_t rights) {
    if (!on()) return syscall(SYS_mkdirat, from, path, rights);
    char name[256];
    struct stat made;
    pthread_mutex_lock(&lock);
    int done = syscall(SYS_mkdirat, from, path, rights);
    uint64_t folder = folder_of(from, path, name);
    if (done == 0 && folder && fstatat(from, path, &made, 0) == 0)
        line(ENTER, folder, made.st_ino, 2, name, strlen(name), "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}
int mkdir(const char *path, mode_t rights) { return mkdirat(AT_FDCWD, path, rights); }

int linkat(int from, const char *path, int into, const char *other, int flags) {
    if (!on()) return syscall(SYS_linkat, from, path, into, other, flags);
    char name[256];
    struct stat found;
    pthread_mutex_lock(&lock);
    int done = syscall(SYS_linkat, from, path, into, other, flags);
    uint64_t folder = folder_of(into, other, name);
    if (done == 0 && folder && fstatat(into, other, &found, 0) == 0)
        line(ENTER, folder, found.st_ino, 0, name, strlen(name), "", 0);
    pthread_mutex_unlock(&lock);
    return done;
}
int link(const char *path, const char *other) { return linkat(AT_FDCWD, path, AT_FDCWD, other, 0); }

int renameat(int from, const char *path, int into, const char *other) {
    if (!on()) return syscall(SYS_renameat2, from, path, into, other, 0);
    char name[256], new_name[256];
    pthread_mutex_lock(&lock);
    uint64_t folder = folder_of(from, path, name), new_folder = folder_of(into, other, new_name);
    int done = syscall(SYS_renameat2, from, path, into, other, 0);
    if (done == 0 && folder && new_folder)
        line(MOVE, folder, new_folder, 0, name, strlen(name), new_name, strlen(new_name));
    pthread_mutex_unlock(&lock);
    return done;
}
int rename(const char *path, const char *other) { return renameat(AT_FDCWD, path, AT_FDCWD, other); }
