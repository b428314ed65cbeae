/// libunwind walking the stack of another process, whose registers and memory the caller reads.
///
/// Loaded as privately as CUnwindShim.h has it, and for the same reason. One walker belongs to one thread at a time.
#ifndef CUNWINDREMOTE_H
#define CUNWINDREMOTE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FT_REMOTE_HIDDEN __attribute__((visibility("hidden")))

/// The search table of the module that a pc lies in: `.eh_frame_hdr` as it is mapped.
struct ft_remote_table {
  uint64_t module_start; /* addresses of the module, half open */
  uint64_t module_end;
  uint64_t header;  /* address of .eh_frame_hdr */
  uint64_t entries; /* address of its first entry: two 4-byte offsets from `header` */
  uint64_t count;   /* how many entries */
};

/// What the caller provides.
struct ft_remote_target {
  void *_Nullable context;
  /// Reads the word at an address. Answers 1, or 0 if it cannot be read.
  int (*_Nonnull read)(void *_Nullable context, uint64_t address, uint64_t *_Nonnull word);
  /// Finds the search table for a pc. Answers 1; 0 if there is none; or -1 if libunwind must not look at what is there.
  int (*_Nonnull find)(void *_Nullable context, uint64_t pc, struct ft_remote_table *_Nonnull table);
};

/// One frame.
struct ft_remote_frame {
  uint64_t pc;
  uint64_t sp;
  uint64_t fp;          /* rbp, if `has_fp` */
  uint32_t has_fp;      /* 0: rbp is not known here */
  uint32_t by_row;      /* 1: found by call frame information, and the first frame; 0: by something else */
  uint32_t interrupted; /* 1: pc is the next instruction, not a return address */
  uint32_t reserved;
};

/// Why a walk ended.
enum ft_remote_end {
  FT_REMOTE_OUTERMOST,
  FT_REMOTE_LIMIT,   /* there may be more */
  FT_REMOTE_FAILED,  /* `error` is libunwind's code, positive */
  FT_REMOTE_REFUSED, /* `find` answered -1 */
  FT_REMOTE_TIRED,   /* a walk has read more words than any real one: an endless expression */
};

struct ft_remote_walker;

/// Makes a walker. Answers NULL and one line in `*reason` if libunwind cannot be had. To be given back with
/// ft_remote_destroy.
FT_REMOTE_HIDDEN struct ft_remote_walker *_Nullable ft_remote_create(struct ft_remote_target target,
                                                                     const char *_Nullable *_Nonnull reason);
FT_REMOTE_HIDDEN void ft_remote_destroy(struct ft_remote_walker *_Nonnull walker);

/// Walks outwards from `registers` (17, by DWARF number), which are those of a thread between two instructions. Writes at
/// most `limit` frames, the first of which is the start, and answers how many there are.
FT_REMOTE_HIDDEN size_t ft_remote_walk(struct ft_remote_walker *_Nonnull walker, const uint64_t *_Nonnull registers,
                                       struct ft_remote_frame *_Nonnull frames, size_t limit, uint32_t *_Nonnull end,
                                       int32_t *_Nonnull error);

/// What libunwind calls an error, from FT_REMOTE_FAILED.
FT_REMOTE_HIDDEN const char *_Nonnull ft_remote_error(int32_t error);

#ifdef __cplusplus
}
#endif

#endif
