/*
 * Put before the C library (LD_PRELOAD): of all that a process does to the files below one folder, the Nth call fails. This is
 * where a disk fails, below LevelDB and Node.
 *
 *   CALLS_ROOT  the folder; without it nothing is touched
 *   CALLS_AT    which call: 1 is the first; 0 none
 *   CALLS_HOW   error: that one with EIO, half of what it was to write is written
 *               full:  that one and all after it with ENOSPC, half of the first is written
 *               kill:  SIGKILL, half of what it was to write is written
 *   CALLS_LOG   a file that has a line for each call: "write 4096 /db/000003.log", with the size that the file has by then
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#undef fwrite_unlocked
#undef fflush_unlocked

static const char *root, *how;
static size_t length;
static long at;
static int logged = -1;
static atomic_long calls;

__attribute__((constructor)) static void begin(void) {
  const char *number = getenv("CALLS_AT"), *file = getenv("CALLS_LOG");
  root = getenv("CALLS_ROOT");
  how = getenv("CALLS_HOW");
  if (root == NULL) return;
  length = strlen(root);
  at = number == NULL ? 0 : atol(number);
  if (file != NULL) logged = syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int fails(const char *call, const char *path) {
  char line[PATH_MAX + 64];
  struct stat is;
  long n;
  if (root == NULL || path == NULL || strncmp(path, root, length) != 0) return 0;
  n = atomic_fetch_add(&calls, 1) + 1;
  if (logged >= 0) {
    long size = stat(path, &is) == 0 ? (long)is.st_size : -1;
    int characters = snprintf(line, sizeof line, "%s %ld %s\n", call, size, path + length);
    syscall(SYS_write, logged, line, characters);
  }
  if (at == 0 || how == NULL) return 0;
  return n == at || (n > at && strcmp(how, "full") == 0);
}

static int failsAt(const char *call, int file) {
  char link[64], path[PATH_MAX];
  ssize_t size;
  if (root == NULL || file < 0) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  size = readlink(link, path, PATH_MAX - 1);
  if (size < 0) return 0;
  path[size] = 0;
  return fails(call, path);
}

/* What a call that failed gives; it does not come back where the process is to die. */
static int failed(void) {
  if (strcmp(how, "kill") == 0)
    for (;;) syscall(SYS_kill, getpid(), SIGKILL);
  errno = strcmp(how, "full") == 0 ? ENOSPC : EIO;
  return -1;
}

#define REAL(name) static __typeof__(name) *real; if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

ssize_t write(int file, const void *bytes, size_t size) {
  REAL(write);
  if (!failsAt("write", file)) return real(file, bytes, size);
  if (size > 1) real(file, bytes, size / 2);
  return failed();
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t from) {
  REAL(pwrite64);
  if (!failsAt("write", file)) return real(file, bytes, size, from);
  if (size > 1) real(file, bytes, size / 2, from);
  return failed();
}

size_t fwrite_unlocked(const void *bytes, size_t size, size_t count, FILE *file) {
  REAL(fwrite_unlocked);
  if (!failsAt("write", fileno(file))) return real(bytes, size, count, file);
  if (size * count > 1) real(bytes, 1, size * count / 2, file);
  fflush(file);
  failed();
  return 0;
}

int fflush_unlocked(FILE *file) {
  REAL(fflush_unlocked);
  return file != NULL && failsAt("flush", fileno(file)) ? failed() : real(file);
}

int fsync(int file) {
  REAL(fsync);
  return failsAt("sync", file) ? failed() : real(file);
}

int fdatasync(int file) {
  REAL(fdatasync);
  return failsAt("sync", file) ? failed() : real(file);
}

int ftruncate64(int file, off64_t size) {
  REAL(ftruncate64);
  return failsAt("truncate", file) ? failed() : real(file, size);
}

int rename(const char *from, const char *to) {
  REAL(rename);
  return fails("rename", to) ? failed() : real(from, to);
}

int unlink(const char *path) {
  REAL(unlink);
  return fails("unlink", path) ? failed() : real(path);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  return fails("mkdir", path) ? failed() : real(path, mode);
}

int open64(const char *path, int flags, ...) {
  mode_t mode = 0;
  REAL(open64);
  if (flags & O_CREAT) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0 && fails("open", path) ? failed() : real(path, flags, mode);
}

FILE *fopen64(const char *path, const char *mode) {
  REAL(fopen64);
  if (mode[0] == 'r' || !fails("open", path)) return real(path, mode);
  failed();
  return NULL;
}
