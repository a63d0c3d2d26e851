/*
 * PostgreSQL's own code, in loops: dsm_create and dsm_detach, dsm_attach and dsm_detach, and the
 * free page manager under a churn of runs, called inside a running server. Each function does its
 * work `count` times and returns nanoseconds for one. What it needs (live segments, a free page
 * manager with live runs) is made by the first call of a session and kept by the session.
 * It is a yardstick for apps/bench: no part of dsm, and nothing to install into a server of yours.
 */
#include "postgres.h"

#include <sys/mman.h>
#include <time.h>

#include "fmgr.h"
#include "storage/dsm.h"
#include "utils/freepage.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(bench_create_detach);
PG_FUNCTION_INFO_V1(bench_attach_detach);
PG_FUNCTION_INFO_V1(bench_free_pages);

#define SEGMENT_BYTES 4096
#define LIVE_MAX 65536

static double
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* (live, count): creates and detaches while `live` other segments exist. */
Datum
bench_create_detach(PG_FUNCTION_ARGS)
{
	static int	live = 0;
	int			wanted = PG_GETARG_INT32(0);
	int			count = PG_GETARG_INT32(1);
	double		start;

	for (; live < wanted; live++)
		dsm_pin_mapping(dsm_create(SEGMENT_BYTES, 0));
	start = now_ns();
	for (int done = 0; done < count; done++)
		dsm_detach(dsm_create(SEGMENT_BYTES, 0));
	PG_RETURN_FLOAT8((now_ns() - start) / count);
}

/* (count): attaches to a segment that is pinned, and detaches. */
Datum
bench_attach_detach(PG_FUNCTION_ARGS)
{
	static dsm_handle handle = DSM_HANDLE_INVALID;
	int			count = PG_GETARG_INT32(0);
	double		start;

	if (handle == DSM_HANDLE_INVALID)
	{
		dsm_segment *segment = dsm_create(SEGMENT_BYTES, 0);

		dsm_pin_segment(segment);
		handle = dsm_segment_handle(segment);
		dsm_detach(segment);
	}
	start = now_ns();
	for (int done = 0; done < count; done++)
		dsm_detach(dsm_attach(handle));
	PG_RETURN_FLOAT8((now_ns() - start) / count);
}

/* The same numbers as src/free-page-churn.ts draws. */
static uint32 state = 2463534242u;

static uint32
draw(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* Mostly 1 to 4 pages, one in eight up to 200. */
static Size
draw_length(void)
{
	uint32		kind = draw() >> 4;
	uint32		length = draw() >> 4;

	return 1 + length % (kind % 8 == 0 ? 200 : 4);
}

/*
 * (pages, live, count): a step gives one of the live runs back and gets another: two calls, of
 * which the answer is one. The memory is the session's own.
 */
Datum
bench_free_pages(PG_FUNCTION_ARGS)
{
	static FreePageManager *manager = NULL;
	static Size first[LIVE_MAX];
	static Size length[LIVE_MAX];
	Size		pages = PG_GETARG_INT32(0);
	uint32		live = PG_GETARG_INT32(1);
	int			count = PG_GETARG_INT32(2);
	double		start;

	if (manager == NULL)
	{
		char	   *base = mmap(NULL, pages * FPM_PAGE_SIZE, PROT_READ | PROT_WRITE,
								MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (base == MAP_FAILED || live > LIVE_MAX)
			elog(ERROR, "no memory for %zu pages", pages);
		manager = (FreePageManager *) base;
		FreePageManagerInitialize(manager, base);
		FreePageManagerPut(manager, 1, pages - 1);
		for (uint32 run = 0; run < live; run++)
		{
			length[run] = draw_length();
			if (!FreePageManagerGet(manager, length[run], &first[run]))
				elog(ERROR, "no run of %zu pages", length[run]);
		}
	}
	start = now_ns();
	for (int done = 0; done < count; done++)
	{
		uint32		run = (draw() >> 4) % live;

		FreePageManagerPut(manager, first[run], length[run]);
		length[run] = draw_length();
		if (!FreePageManagerGet(manager, length[run], &first[run]))
			elog(ERROR, "no run of %zu pages", length[run]);
	}
	PG_RETURN_FLOAT8((now_ns() - start) / count / 2);
}
