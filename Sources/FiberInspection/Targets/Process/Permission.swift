/// Why the kernel refuses to let a process be read, in the order in which its causes are told apart
/// (ptrace(2), "Ptrace access mode checking").
struct Permission {
  let process: Int32
  /// The process's real, effective and saved user ids.
  let users: [UInt32]
  let caller: Caller
  /// The process's files in /proc belong to root although it does not run as root: it is not dumpable.
  let isDumpable: Bool
  /// kernel.yama.ptrace_scope, nil where the kernel has no yama.
  let yamaScope: Int?

  /// What is known now, after a refusal.
  init(process: Int32, status: ProcessStatus) throws(SystemError) {
    self.process = process
    users = status.users
    caller = try Caller.current()
    let owner = try FileStatus(path: "/proc/\(process)/maps").owner
    isDumpable = owner != 0 || status.users.contains(0)
    yamaScope = (try? ProcFile.read("/proc/sys/kernel/yama/ptrace_scope")).flatMap {
      Int(String(decoding: $0.prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self))
    }
  }

  init(process: Int32, users: [UInt32], caller: Caller, isDumpable: Bool, yamaScope: Int?) {
    self.process = process
    self.users = users
    self.caller = caller
    self.isDumpable = isDumpable
    self.yamaScope = yamaScope
  }

  /// The refusal with its likeliest cause.
  var error: InspectionError {
    InspectionError(.notPermitted, place: "process \(process)", text)
  }

  private var text: String {
    if !caller.mayTraceAll {
      if let other = users.first(where: { $0 != caller.user }) {
        return "not permitted: it belongs to uid \(other), and this is uid \(caller.user). Run as that user or as root"
      }
      if !isDumpable {
        return "not permitted: it is not dumpable (it changed its user, runs a file that may not be read, or set "
          + "PR_SET_DUMPABLE to 0). Run as root"
      }
    }
    switch yamaScope {
    case 1 where !caller.mayTraceAll:
      return
        "not permitted: kernel.yama.ptrace_scope is 1, which lets only a process's ancestors trace it. Run as root, or "
        + "set it with sysctl kernel.yama.ptrace_scope=0"
    case 2 where !caller.mayTraceAll:
      return
        "not permitted: kernel.yama.ptrace_scope is 2, which lets only root (CAP_SYS_PTRACE) trace. Run as root, or set "
        + "it with sysctl kernel.yama.ptrace_scope=0"
    case 3:
      return "not permitted: kernel.yama.ptrace_scope is 3, which forbids tracing until the next boot. Set it lower in "
        + "/etc/sysctl.d and boot again, or take a core"
    default:
      return "not permitted: a security module, a container's seccomp filter or a user namespace forbids ptrace. "
        + "Run outside it, or give it CAP_SYS_PTRACE"
    }
  }
}
