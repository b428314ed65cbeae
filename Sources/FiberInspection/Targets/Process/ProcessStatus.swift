/// What /proc/PID/status and /proc/PID/stat say of a process or thread.
package struct ProcessStatus {
  let name: String
  /// "R", "S", "D", "Z", "T", "t", "X".
  let state: Character
  /// The process it belongs to: its own id if it is a process's main thread.
  let threadGroup: Int32
  /// The process that started its own, or that has taken it over.
  package let parent: Int32
  /// Who traces it, 0 for nobody.
  let tracer: Int32
  /// Real, effective and saved user ids.
  let users: [UInt32]
  let isKernelThread: Bool
  /// Signals that the thread has yet to get, of those sent to it alone: bit n-1 for signal n.
  package let pendingSignals: UInt64
  /// Signals that it does not get for the time being.
  package let blockedSignals: UInt64

  package init(thread: Int32) throws(SystemError) {
    var fields: [Substring: Substring] = [:]
    let status = String(decoding: try ProcFile.read("/proc/\(thread)/status"), as: UTF8.self)
    for line in status.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      fields[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == "\t" || $0 == " " }
    }
    name = String(fields["Name"] ?? "")
    state = fields["State"]?.first ?? "?"
    threadGroup = fields["Tgid"].flatMap { Int32($0) } ?? thread
    parent = fields["PPid"].flatMap { Int32($0) } ?? 0
    tracer = fields["TracerPid"].flatMap { Int32($0) } ?? 0
    users = (fields["Uid"] ?? "").split(whereSeparator: \.isWhitespace).prefix(3).compactMap { UInt32($0) }
    pendingSignals = fields["SigPnd"].flatMap { UInt64($0, radix: 16) } ?? 0
    blockedSignals = fields["SigBlk"].flatMap { UInt64($0, radix: 16) } ?? 0
    // Flags are the seventh field after the name, which is in parentheses and may hold anything. PF_KTHREAD is 0x200000.
    let stat = String(decoding: try ProcFile.read("/proc/\(thread)/stat"), as: UTF8.self)
    let rest = stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...] } ?? ""
    let values = rest.split(separator: " ")
    isKernelThread = values.count > 6 && (UInt64(values[6]) ?? 0) & 0x20_0000 != 0
  }

  /// It has ended; only its entry is left.
  package var isDead: Bool { state == "Z" || state == "X" }
}

/// Who asks.
struct Caller {
  let user: UInt32
  let mayTraceAll: Bool

  /// The calling thread. CAP_SYS_PTRACE is bit 19.
  static func current() throws(SystemError) -> Caller {
    let status = String(decoding: try ProcFile.read("/proc/thread-self/status"), as: UTF8.self)
    func field(_ name: String) -> Substring? {
      status.split(separator: "\n").first { $0.hasPrefix(name) }?.dropFirst(name.count)
    }
    let user = field("Uid:")?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { UInt32($0) }
    let capabilities = field("CapEff:")?.split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0, radix: 16) }
    return Caller(user: user ?? .max, mayTraceAll: (capabilities ?? 0) & 1 << 19 != 0)
  }
}
