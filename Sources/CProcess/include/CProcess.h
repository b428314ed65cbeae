/// System calls on another process that Swift cannot import: ptrace is variadic, and a few flags are macros.
///
/// Every function answers 0 or an errno value (or as said); none prints, none touches `errno` for the caller.
#ifndef CPROCESS_H
#define CPROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// PTRACE_SEIZE without options: the thread goes on running. The kernel lets go of it when the calling thread ends.
int ft_ptrace_seize(pid_t thread);
/// PTRACE_INTERRUPT: asks a seized thread to stop; it stops later.
int ft_ptrace_interrupt(pid_t thread);
/// PTRACE_DETACH of a stopped thread, delivering `signal` if it is not 0. A thread in group-stop stays in it.
int ft_ptrace_detach(pid_t thread, int signal);
/// PTRACE_GETREGSET of NT_PRSTATUS into `words`; `*size` is its size in bytes, and then how many there were: 216 for a
/// 64-bit thread (struct user_regs_struct), 68 for a 32-bit one.
int ft_ptrace_registers(pid_t thread, uint64_t *_Nonnull words, size_t *_Nonnull size);

/// PTRACE_GETREGSET of any set: `type` is the note type that cores have for it. `*size` is the buffer's size in bytes, and then how
/// many there were; a set that does not fit is cut.
int ft_ptrace_register_set(pid_t thread, uint32_t type, void *_Nonnull bytes, size_t *_Nonnull size);
/// PTRACE_GETSIGINFO: the 128 bytes of the siginfo_t of the signal that stopped the thread.
int ft_ptrace_signal(pid_t thread, void *_Nonnull bytes);

/// What has become of a seized thread. Nothing is reaped: a child of this process keeps its exit status.
enum ft_thread_event {
  FT_THREAD_RUNNING = 0,
  /// Stopped; `*status` is the signal | PTRACE_EVENT << 8.
  FT_THREAD_STOPPED = 1,
  /// Ended, or not traced any more.
  FT_THREAD_GONE = 2,
};
/// Does not wait.
enum ft_thread_event ft_thread_poll(pid_t thread, int *_Nonnull status);

/// Forks and executes `path` as a traced child without address space randomization, its input empty and its output going to the
/// descriptor `output`. It stops with SIGTRAP once the program is loaded, and is killed when the calling thread ends. Answers its
/// process id, or a negative errno value; if the program cannot be executed, the child exits with 127. SIGALRM ends it after
/// `seconds`, SIGXCPU after so many on a processor, and SIGKILL a second later.
pid_t ft_start_stepped(const char *_Nonnull path, char *_Nullable const *_Nonnull arguments, int output, unsigned seconds);
/// PTRACE_SETOPTIONS.
int ft_ptrace_options(pid_t thread, uint64_t options);
/// PTRACE_SINGLESTEP, delivering `signal` if it is not 0.
int ft_ptrace_step(pid_t thread, int signal);
/// PTRACE_CONT, delivering `signal` if it is not 0.
int ft_ptrace_continue(pid_t thread, int signal);
/// PTRACE_SETREGSET of NT_PRSTATUS: `size` bytes, as `ft_ptrace_registers` answers them.
int ft_ptrace_set_registers(pid_t thread, const uint64_t *_Nonnull words, size_t size);
/// PTRACE_POKETEXT: writes the 8 bytes at `address`, whatever their protection.
int ft_ptrace_write_word(pid_t thread, uint64_t address, uint64_t word);
/// Waits for a traced thread to stop or to end; `*status` is waitpid's.
int ft_thread_wait(pid_t thread, int *_Nonnull status);

/// What a program inherits from the one that starts it, and that this process may have changed for itself since it was started.
struct ft_inheritance {
  /// Blocked signals, as the kernel has them: bit n-1 for signal n.
  uint64_t blocked;
  /// SIGURG, for which this process has a handler while it waits, is ignored.
  bool ignores_wake;
  /// The limits of open files (RLIMIT_NOFILE).
  uint64_t soft_descriptors;
  uint64_t hard_descriptors;
};
/// What this thread would pass on now.
struct ft_inheritance ft_inheritance_now(void);
/// Forks and executes `path`, traced by the calling thread from before it executes on (PTRACE_SEIZE with `options`). It keeps this
/// process's descriptors, environment and terminal, and has the signal mask and the limit of `inheritance`. Answers its process id: it
/// stops with PTRACE_EVENT_EXEC, which the first ft_wait_traced answers if the options ask for it. 0 if it cannot be executed, with the
/// errno value in `*exec_error`, or a negative errno value.
pid_t ft_start_traced(const char *_Nonnull path, char *_Nullable const *_Nonnull arguments, uint64_t options,
                      const struct ft_inheritance *_Nonnull inheritance, int *_Nonnull exec_error);
/// Waits for any child or traced thread of the calling thread to stop or to end; `*status` is waitpid's. Answers its id or a negative
/// errno value: ECHILD when there is none any more, EINTR when a signal came.
pid_t ft_wait_traced(int *_Nonnull status);
/// The same without waiting: 0 if there is nothing yet.
pid_t ft_poll_traced(int *_Nonnull status);
/// Whether two processes have one address space (kcmp); `otherwise` if the kernel does not tell.
bool ft_shares_memory(pid_t process, pid_t other, bool otherwise);
/// PTRACE_GETREGS: the 27 words of struct user_regs_struct.
int ft_ptrace_user_registers(pid_t thread, uint64_t *_Nonnull words);
/// PTRACE_SEIZE with options.
int ft_ptrace_seize_with(pid_t thread, uint64_t options);
/// PTRACE_LISTEN: leaves a thread in group-stop.
int ft_ptrace_listen(pid_t thread);
/// PTRACE_GETEVENTMSG.
int ft_ptrace_event_message(pid_t thread, uint64_t *_Nonnull message);

/// What wakes a thread that waits for others, from outside.
struct ft_watch;
/// A time is up.
#define FT_WATCH_TIME 1000
/// Blocks the signals that others end a program by (SIGINT, SIGTERM, SIGHUP, SIGQUIT, ...) in the calling thread and those that it
/// starts: for `ft_watch_start`, before there are others.
void ft_block_end_signals(void);
/// They end it again.
void ft_unblock_end_signals(void);
/// Watches for these signals, if `signals`, and for the end of a time, if that is not negative. Then waits of the calling thread end
/// with EINTR until it calls `ft_watch_end`. Null where no thread can be started, with the errno value in `*error`. One at a time
/// for each thread; of those that wait for signals, one in the process.
struct ft_watch *_Nullable ft_watch_start(bool signals, int64_t nanoseconds, int *_Nonnull error);
/// A signal's number, FT_WATCH_TIME, or 0 as long as neither has come.
int ft_watch_reason(struct ft_watch *_Nonnull watch);
/// The signal was the terminal's, which sends it to all processes of its foreground group.
bool ft_watch_is_from_terminal(struct ft_watch *_Nonnull watch);
/// Ends it. On the thread that started it.
void ft_watch_end(struct ft_watch *_Nonnull watch);

/// A part of another process's memory.
struct ft_remote_range {
  uint64_t address;
  uint64_t size;
};
/// Copies up to 1,024 ranges one after the other into `buffer` with one process_vm_readv. Answers the number of bytes
/// copied, which ends where the first unreadable byte is met, or a negative errno value.
ssize_t ft_memory_gather(pid_t process, const struct ft_remote_range *_Nonnull ranges, size_t count, void *_Nonnull buffer,
                         size_t size);

/// A descriptor of a new memory file that holds `size` bytes, or a negative errno value.
int ft_memory_file(const char *_Nonnull name, const void *_Nonnull bytes, size_t size);

/// The next run of bytes in a file from `*start` on that is no hole: `*start` and `*end`. ENXIO: there is none any more.
int ft_next_data(int file, off_t *_Nonnull start, off_t *_Nonnull end);
/// One copy_file_range. Answers the number of bytes copied, 0 where the file ends, or a negative errno value: EXDEV, EINVAL and
/// EOPNOTSUPP where files of these kinds cannot be copied so.
ssize_t ft_copy_range(int source, off_t from, int target, off_t to, size_t size);

/// Makes a file by mkstemp(3) of the template `name`, open for reading and writing. From the moment it is there SIGHUP, SIGINT,
/// SIGTERM and SIGPIPE remove it before they end the process, as they do anyway. One file at a time; `name` has to outlive that.
/// Answers the descriptor, or a negative errno value: then there is no file.
int ft_make_removable(char *_Nonnull name);
/// From now on signals only end the process.
void ft_keep_on_signal(void);

/// Runs `body` on a new thread and waits for it to end.
int ft_run_on_new_thread(void (*_Nonnull body)(void *_Nonnull), void *_Nonnull context);

/// Starts `path` as no child of this process: whoever waits for children does not meet it, and no terminal's signals reach it. Its
/// input, output and errors are /dev/null, its descriptor 3 is `channel`, and it has no others. It is to end when that is closed. Answers
/// its process id; 0 if it cannot be executed, with the errno value in `*exec_error`; or a negative errno value.
pid_t ft_start_apart(const char *_Nonnull path, char *_Nullable const *_Nonnull arguments, int channel, int *_Nonnull exec_error);
/// A line between two processes that has a name: a pseudo-terminal that passes on all bytes as they are. Answers the descriptor of
/// one end, with the path of the other in `name` and, in `*other`, a descriptor that keeps it open; or a negative errno value.
int ft_open_line(char *_Nonnull name, size_t size, int *_Nonnull other);

#endif
