/* Memory backed by a temporary file; see paged.h. */
#include "audit/verify/paged.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ledger/base/span.h"

#define IN_MEMORY_MAX (UINT32_C(4) << 20)
#define SIZE_FIRST 1024
#define STEP_MAX (UINT32_C(256) << 20)
#define EXIT_FAULT 4

_Noreturn static void stop(const char *dir, int failure)
{
    (void)fprintf(stderr, "zhidui-audit: no room for a temporary file in %s: %s; TMPDIR names another directory. 临时目录不可用或空间不足，可用 TMPDIR 指定。\n", dir, strerror(failure));
    exit(EXIT_FAULT);
}

static const char *temporary_dir(void)
{
    const char *dir = getenv("TMPDIR");
    return dir != NULL && dir[0] == '/' ? dir : "/var/tmp";
}

static int open_nameless(void)
{
    zd_buf path = {0};
    zd_buf_addf(&path, "%s/zhidui-audit-XXXXXX", temporary_dir());
    zd_buf_add_byte(&path, 0);
    int file = mkostemp((char *)path.data, O_CLOEXEC);
    if (file < 0 || unlink((char *)path.data) != 0) {
        stop(temporary_dir(), errno);
    }
    zd_buf_free(&path);
    return file;
}

/* Room on the disk is taken now: running out of it later would be a signal, not an answer. */
static void take_room(int file, size_t size)
{
    int failure = posix_fallocate(file, 0, (off_t)size);
    if (failure != 0) {
        stop(temporary_dir(), failure);
    }
}

static void move_to_file(zd_paged *region, size_t size)
{
    int file = open_nameless();
    take_room(file, size);
    void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED) {
        stop(temporary_dir(), errno);
    }
    if (region->size > 0) {
        memcpy(mapped, region->data, region->size);
    }
    free(region->data);
    *region = (zd_paged){.data = mapped, .size = size, .file = file + 1};
}

static void widen_file(zd_paged *region, size_t size)
{
    take_room(region->file - 1, size);
    void *mapped = mremap(region->data, region->size, size, MREMAP_MAYMOVE);
    if (mapped == MAP_FAILED) {
        stop(temporary_dir(), errno);
    }
    region->data = mapped;
    region->size = size;
}

void zd_paged_grow(zd_paged *region, size_t size)
{
    if (size <= region->size) {
        return;
    }
    size_t wider = region->size == 0 ? SIZE_FIRST : region->size;
    while (wider < size) {
        ZD_ASSERT(wider <= SIZE_MAX / 4);
        wider += wider < STEP_MAX ? wider : STEP_MAX;
    }
    if (region->file != 0) {
        widen_file(region, wider);
    } else if (wider > IN_MEMORY_MAX) {
        move_to_file(region, wider);
    } else {
        region->data = zd_realloc(region->data, wider);
        memset(region->data + region->size, 0, wider - region->size);
        region->size = wider;
    }
}

void *zd_paged_at(zd_paged *region, size_t number, size_t element_size)
{
    ZD_ASSERT(number < SIZE_MAX / element_size - 1);
    zd_paged_grow(region, (number + 1) * element_size);
    return region->data;
}

void zd_paged_relax(zd_paged *region)
{
    if (region->file != 0) {
        (void)madvise(region->data, region->size, MADV_DONTNEED); /* advice: when it is not taken, nothing but memory is lost */
    }
}

/* The third number of statm (proc(5)): pages that are backed by files. */
size_t zd_paged_resident(void)
{
    char text[128];
    int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0) {
        (void)close(file);
    }
    if (size <= 0) {
        return SIZE_MAX;
    }
    text[size] = '\0';
    char *at = text;
    unsigned long pages = 0;
    for (int i = 0; i < 3; i++) {
        pages = strtoul(at, &at, 10);
    }
    return (size_t)pages * (size_t)sysconf(_SC_PAGESIZE);
}

void zd_paged_free(zd_paged *region)
{
    if (region->file != 0) {
        (void)munmap(region->data, region->size);
        (void)close(region->file - 1);
    } else {
        free(region->data);
    }
    *region = (zd_paged){0};
}
