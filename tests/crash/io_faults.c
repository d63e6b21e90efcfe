/* A disk that fails, for a program that knows nothing of it: preloaded, this makes calls on files below one directory
 * fail as a file that can be changed at any time says.
 *
 *   LD_PRELOAD=libio_faults.so IO_FAULTS_DIRECTORY=/the/data IO_FAULTS_CONTROL=/elsewhere/control program
 *
 * Each line of the control file is a rule, CALLS FAULT COUNT [PATTERN]:
 *
 *   sync EIO 3 firn.db-wal      the third sync of the log from now on, only that one
 *   write,reserve ENOSPC 1-     every write, to any file
 *   write short 2-5 incoming*   the second to the fifth write only half of what they are given
 *   sync skip 1-                no sync is done, and all succeed
 *
 * CALLS are write (also copies between files), sync, reserve, create (files and directories), open (what there is),
 * rename, or any. COUNT counts the calls that match, from when the control file was replaced. PATTERN is a shell's, for
 * the path below the directory (of a rename, where it leads to); its * matches slashes. The first rule whose turn it is
 * decides. Replace the file by a rename, so that it is never seen half. Each call that fails is told by a line in
 * <control>.log, CALL PATH FAULT. Without a control file nothing fails.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define RULES_MAX 32

enum { NO_FAULT = 0, SHORT_WRITE = -1, SKIPPED_SYNC = -2 }; /* or an errno */

struct rule {
    char calls[64];
    char fault_name[16];
    int fault;
    long first, last, seen;
    char pattern[256];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES_MAX];
static int rule_count;
static struct timespec control_time;
static ino_t control_inode;
static char directory[PATH_MAX];
static char const *control;

__attribute__((constructor)) static void begin(void) {
    char const *const named = getenv("IO_FAULTS_DIRECTORY");
    control = getenv("IO_FAULTS_CONTROL");
    if (named == NULL || control == NULL) return;
    if (realpath(named, directory) == NULL) snprintf(directory, sizeof directory, "%s", named);
}

#define REAL(name)                                            \
    static __typeof__(&name) real;                            \
    if (real == NULL) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int fault_of(char const *name) {
    if (strcmp(name, "ENOSPC") == 0) return ENOSPC;
    if (strcmp(name, "EIO") == 0) return EIO;
    if (strcmp(name, "short") == 0) return SHORT_WRITE;
    if (strcmp(name, "skip") == 0) return SKIPPED_SYNC;
    fprintf(stderr, "io_faults: no such fault: %s\n", name);
    abort();
}

static void read_rules(void) {
    rule_count = 0;
    FILE *const file = fopen(control, "re");
    if (file == NULL) return;
    char line[512];
    while (rule_count < RULES_MAX && fgets(line, sizeof line, file) != NULL) {
        struct rule rule = {.pattern = "*"};
        char count[32];
        if (sscanf(line, "%63s %15s %31s %255s", rule.calls, rule.fault_name, count, rule.pattern) < 3) continue;
        rule.fault = fault_of(rule.fault_name);
        char *end;
        rule.first = rule.last = strtol(count, &end, 10);
        if (*end == '-') rule.last = end[1] == '\0' ? LONG_MAX : strtol(end + 1, NULL, 10);
        rules[rule_count++] = rule;
    }
    fclose(file);
}

static void read_control(void) {
    struct stat status;
    if (stat(control, &status) != 0) {
        rule_count = 0;
        control_inode = 0;
        return;
    }
    if (status.st_ino == control_inode && status.st_mtim.tv_sec == control_time.tv_sec &&
        status.st_mtim.tv_nsec == control_time.tv_nsec)
        return;
    control_inode = status.st_ino;
    control_time = status.st_mtim;
    read_rules();
}

static int names_call(char const *calls, char const *call) {
    size_t const length = strlen(call);
    if (strcmp(calls, "any") == 0) return 1;
    for (char const *at = calls; (at = strstr(at, call)) != NULL; at += length) {
        if ((at == calls || at[-1] == ',') && (at[length] == ',' || at[length] == '\0')) return 1;
    }
    return 0;
}

static void tell(char const *call, char const *path, char const *fault) {
    char name[PATH_MAX], line[PATH_MAX + 64];
    snprintf(name, sizeof name, "%s.log", control);
    int const length = snprintf(line, sizeof line, "%s %s %s\n", call, path, fault);
    int const log = (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) return;
    if (syscall(SYS_write, log, line, (size_t)length) != length) fprintf(stderr, "io_faults: cannot tell: %s", line);
    close(log);
}

/* What is to become of a call on this file. */
static int fate(char const *call, char const *path) {
    size_t const length = strlen(directory);
    if (length == 0 || strncmp(path, directory, length) != 0) return NO_FAULT;
    if (path[length] != '/' && path[length] != '\0') return NO_FAULT;
    char const *const below = path[length] == '/' ? path + length + 1 : ".";
    int const kept_errno = errno;
    int fault = NO_FAULT;
    pthread_mutex_lock(&mutex);
    read_control();
    for (int i = 0; i < rule_count && fault == NO_FAULT; ++i) {
        struct rule *const rule = &rules[i];
        if (!names_call(rule->calls, call) || fnmatch(rule->pattern, below, 0) != 0) continue;
        ++rule->seen;
        if (rule->seen < rule->first || rule->seen > rule->last) continue;
        fault = rule->fault;
        tell(call, below, rule->fault_name);
    }
    pthread_mutex_unlock(&mutex);
    errno = kept_errno;
    return fault;
}

static int fate_of_descriptor(char const *call, int descriptor) {
    if (directory[0] == '\0') return NO_FAULT;
    int const kept_errno = errno;
    char link[32], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t const length = readlink(link, path, sizeof path - 1);
    errno = kept_errno;
    if (length <= 0 || path[0] != '/') return NO_FAULT; /* a socket, for one */
    path[length] = '\0';
    return fate(call, path);
}

static int failed(int fault) {
    errno = fault;
    return -1;
}

/* --- Writes: the size is halved, or the call fails. */

#define ON_WRITE(descriptor, size)                                  \
    do {                                                            \
        int const fault = fate_of_descriptor("write", descriptor);  \
        if (fault > 0) return failed(fault);                        \
        if (fault == SHORT_WRITE && (size) > 1) (size) /= 2;        \
    } while (0)

ssize_t write(int descriptor, void const *bytes, size_t size) {
    REAL(write);
    ON_WRITE(descriptor, size);
    return real(descriptor, bytes, size);
}

ssize_t pwrite(int descriptor, void const *bytes, size_t size, off_t offset) {
    REAL(pwrite);
    ON_WRITE(descriptor, size);
    return real(descriptor, bytes, size, offset);
}

ssize_t pwrite64(int descriptor, void const *bytes, size_t size, off64_t offset) {
    REAL(pwrite64);
    ON_WRITE(descriptor, size);
    return real(descriptor, bytes, size, offset);
}

ssize_t writev(int descriptor, struct iovec const *pieces, int count) {
    REAL(writev);
    ON_WRITE(descriptor, count);
    return real(descriptor, pieces, count);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t size, unsigned flags) {
    REAL(copy_file_range);
    ON_WRITE(to, size);
    return real(from, from_offset, to, to_offset, size, flags);
}

int ioctl(int descriptor, unsigned long request, ...) {
    REAL(ioctl);
    va_list arguments;
    va_start(arguments, request);
    void *const argument = va_arg(arguments, void *);
    va_end(arguments);
    int const fault = request == FICLONE ? fate_of_descriptor("write", descriptor) : NO_FAULT;
    return fault > 0 ? failed(fault) : real(descriptor, request, argument);
}

/* --- Syncs and space. */

int fsync(int descriptor) {
    REAL(fsync);
    int const fault = fate_of_descriptor("sync", descriptor);
    if (fault == SKIPPED_SYNC) return 0;
    return fault > 0 ? failed(fault) : real(descriptor);
}

int fdatasync(int descriptor) {
    REAL(fdatasync);
    int const fault = fate_of_descriptor("sync", descriptor);
    if (fault == SKIPPED_SYNC) return 0;
    return fault > 0 ? failed(fault) : real(descriptor);
}

int syncfs(int descriptor) {
    REAL(syncfs);
    int const fault = fate_of_descriptor("sync", descriptor);
    if (fault == SKIPPED_SYNC) return 0;
    return fault > 0 ? failed(fault) : real(descriptor);
}

int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    REAL(fallocate);
    int const fault = fate_of_descriptor("reserve", descriptor);
    return fault > 0 ? failed(fault) : real(descriptor, mode, offset, size);
}

int fallocate64(int descriptor, int mode, off64_t offset, off64_t size) {
    REAL(fallocate64);
    int const fault = fate_of_descriptor("reserve", descriptor);
    return fault > 0 ? failed(fault) : real(descriptor, mode, offset, size);
}

/* --- Names. */

static int fate_of_open(char const *path, int flags) {
    if (directory[0] == '\0' || path[0] != '/') return NO_FAULT;
    int const kept_errno = errno;
    int const is_new = (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
    errno = kept_errno;
    return fate(is_new ? "create" : "open", path);
}

static mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

int open(char const *path, int flags, ...) {
    REAL(open);
    va_list arguments;
    va_start(arguments, flags);
    mode_t const mode = mode_of(flags, arguments);
    va_end(arguments);
    int const fault = fate_of_open(path, flags);
    return fault > 0 ? failed(fault) : real(path, flags, mode);
}

int open64(char const *path, int flags, ...) {
    REAL(open64);
    va_list arguments;
    va_start(arguments, flags);
    mode_t const mode = mode_of(flags, arguments);
    va_end(arguments);
    int const fault = fate_of_open(path, flags);
    return fault > 0 ? failed(fault) : real(path, flags, mode);
}

int mkdir(char const *path, mode_t mode) {
    REAL(mkdir);
    int const fault = path[0] == '/' ? fate("create", path) : NO_FAULT;
    return fault > 0 ? failed(fault) : real(path, mode);
}

int rename(char const *from, char const *to) {
    REAL(rename);
    int const fault = to[0] == '/' ? fate("rename", to) : NO_FAULT;
    return fault > 0 ? failed(fault) : real(from, to);
}
