/// "1 thread", "2 threads".
func counted(_ count: some BinaryInteger, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}

/// "once", "twice", "3 times".
func times(_ count: UInt64) -> String {
  switch count {
  case 1: "once"
  case 2: "twice"
  default: "\(count) times"
  }
}

/// Bytes as people read them: "512 B", "1.3 KiB", "64 KiB".
func size(_ bytes: UInt64) -> String {
  var unit: UInt64 = 1
  var name = "B"
  for next in ["KiB", "MiB", "GiB", "TiB"] where bytes / unit >= 1024 {
    unit *= 1024
    name = next
  }
  let tenths = bytes / unit * 10 + bytes % unit * 10 / unit
  // A tenth tells something of small numbers only.
  guard unit > 1, tenths < 100, tenths % 10 != 0 else { return "\(bytes / unit) \(name)" }
  return "\(tenths / 10).\(tenths % 10) \(name)"
}

/// A duration in milliseconds, to two significant digits or whole ones.
func milliseconds(_ duration: Duration) -> String {
  let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
  guard microseconds < 10_000 else { return "\(microseconds / 1000) ms" }
  let tenths = (microseconds + 50) / 100
  return tenths == 0 ? "\(microseconds) us" : "\(tenths / 10).\(tenths % 10) ms"
}

/// Names of the signals that end a process, for x86-64 Linux.
package func signalName(_ number: Int32) -> String {
  let names: [Int32: String] = [
    1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
    9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
    16: "SIGSTKFLT", 19: "SIGSTOP", 24: "SIGXCPU", 25: "SIGXFSZ", 31: "SIGSYS",
  ]
  return names[number] ?? "signal \(number)"
}
