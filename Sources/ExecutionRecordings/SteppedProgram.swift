internal import CProcess
internal import Foundation

/// A child process that is stepped: its registers, its memory and breakpoints in it.
///
/// All calls come from one thread, the one that made it. It dies with this object.
final class SteppedProgram {
  /// Index in `struct user_regs_struct` of registers by DWARF number (sys/user.h).
  private static let order = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0]
  private static let pcIndex = 16
  private static let originalAxIndex = 15

  let path: String
  let process: pid_t
  /// The 27 words of `struct user_regs_struct`.
  private var words = [UInt64](repeating: 0, count: 27)
  /// The first byte of the instruction below each breakpoint.
  private var breakpoints: [UInt64: UInt8] = [:]
  /// It has ended, with this status of waitpid(2).
  private(set) var ending: Int32?
  /// The signal that it stopped for and gets next, 0 for none.
  private var signal: Int32 = 0

  /// Starts a program and stops it before its first instruction.
  init(_ path: String, _ arguments: [String], seconds: UInt32) throws {
    self.path = path
    let sink = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard sink >= 0 else { throw RecordingError(program: path, reason: "/dev/null cannot be opened, error \(errno)") }
    defer { close(sink) }
    var copies: [UnsafeMutablePointer<CChar>?] = unsafe ([path] + arguments).map { unsafe strdup($0) } + [nil]
    let child = unsafe ft_start_stepped(path, &copies, sink, seconds)
    unsafe copies.forEach { unsafe free($0) }
    // Before `process` is set: from then on it is killed whenever this fails.
    guard child > 0 else { throw RecordingError(program: path, reason: "fork failed, error \(-child)") }
    process = child
    try wait()
    if let ending { throw RecordingError(program: path, reason: "it cannot be executed (status \(ending))") }
    signal = 0
    // PTRACE_O_EXITKILL.
    try check(ft_ptrace_options(process, 1 << 20), "PTRACE_SETOPTIONS")
  }

  deinit {
    guard ending == nil else { return }
    kill(process, SIGKILL)
    var status: Int32 = 0
    _ = unsafe ft_thread_wait(process, &status)
  }

  private func check(_ error: Int32, _ call: String) throws {
    if error != 0 { throw RecordingError(program: path, reason: "\(call) failed, error \(error)") }
  }

  /// Of the instruction that comes next.
  var pc: UInt64 { words[Self.pcIndex] }
  var stackPointer: UInt64 { words[19] }

  /// By DWARF number.
  var registers: InlineArray<16, UInt64> { InlineArray { words[Self.order[$0]] } }

  /// Executes one instruction, also one with a breakpoint.
  func step() throws {
    if let byte = breakpoints[pc] {
      let place = pc
      try write(byte, at: place)
      try check(ft_ptrace_step(process, take()), "PTRACE_SINGLESTEP")
      try wait()
      if ending == nil, breakpoints[place] != nil { try write(0xcc, at: place) }
    } else {
      try check(ft_ptrace_step(process, take()), "PTRACE_SINGLESTEP")
      try wait()
    }
  }

  /// Runs to the next breakpoint, or to the end. The breakpoint at the pc, if there is one, is stepped over.
  ///
  /// - Returns: false if it has ended.
  func run() throws -> Bool {
    if breakpoints[pc] != nil { try step() }
    while ending == nil {
      if breakpoints[pc] != nil, signal == 0 { return true }
      try check(ft_ptrace_continue(process, take()), "PTRACE_CONT")
      try wait()
      if ending == nil, signal == 0, breakpoints[pc &- 1] != nil {
        words[Self.pcIndex] -= 1
        words[Self.originalAxIndex] = .max
        try check(unsafe ft_ptrace_set_registers(process, words, 27 * 8), "PTRACE_SETREGSET")
        return true
      }
    }
    return false
  }

  private func take() -> Int32 {
    defer { signal = 0 }
    return signal
  }

  private func wait() throws {
    var status: Int32 = 0
    try check(unsafe ft_thread_wait(process, &status), "waitpid")
    guard status & 0xff == 0x7f else {
      ending = status
      return
    }
    let stop = status >> 8 & 0xff
    signal = stop == SIGTRAP ? 0 : stop
    var size = 27 * 8
    try check(unsafe ft_ptrace_registers(process, &words, &size), "PTRACE_GETREGSET")
  }

  /// Stops `run` at an address.
  func setBreakpoint(at address: UInt64) throws {
    guard breakpoints[address] == nil else { return }
    guard let word = word(at: address) else {
      throw RecordingError(program: path, reason: "no memory at \(String(address, radix: 16)) for a breakpoint")
    }
    breakpoints[address] = UInt8(truncatingIfNeeded: word)
    try write(0xcc, at: address)
  }

  /// Does no more.
  func removeBreakpoint(at address: UInt64) throws {
    guard let byte = breakpoints.removeValue(forKey: address) else { return }
    try write(byte, at: address)
  }

  private func write(_ byte: UInt8, at address: UInt64) throws {
    guard let word = word(at: address) else {
      throw RecordingError(program: path, reason: "memory at \(String(address, radix: 16)) cannot be read any more")
    }
    try check(ft_ptrace_write_word(process, address, word & ~0xff | UInt64(byte)), "PTRACE_POKETEXT")
  }

  /// The 8 bytes at an address; breakpoints are seen.
  func word(at address: UInt64) -> UInt64? { read(address, count: 1)?.first }

  /// Whether a call of the function at `entry`, or the kernel on its way to a handler of a signal, leaves this address on the stack: a
  /// call instruction stands before it, or `mov rax, 15; syscall` at it.
  ///
  /// - Parameter isOther: whether an address is known to be another function's: a call of that one left this address there before.
  func isReturnAddress(_ address: UInt64, of entry: UInt64, _ isOther: (UInt64) -> Bool) -> Bool {
    guard let before = word(at: address &- 8), let behind = word(at: address) else { return false }
    func byte(_ distance: UInt64) -> UInt64 { before >> ((8 - distance) * 8) & 0xff }
    if behind == 0x0f00_0000_0fc0_c748 { return true }
    // call r/m: ff /2, with a register, a displacement, a SIB byte.
    if [2, 3, 4, 6, 7].contains(where: { byte($0) == 0xff && byte($0 - 1) >> 3 & 7 == 2 }) { return true }
    // call rel32: e8.
    guard byte(5) == 0xe8 else { return false }
    let target = address &+ UInt64(bitPattern: Int64(Int32(truncatingIfNeeded: before >> 32)))
    return target == entry || !isOther(target)
  }

  /// `count` words from an address on, nil unless all can be read.
  func read(_ address: UInt64, count: Int) -> [UInt64]? {
    var range = ft_remote_range(address: address, size: UInt64(count) * 8)
    var words = [UInt64](repeating: 0, count: count)
    let got = unsafe ft_memory_gather(process, &range, 1, &words, count * 8)
    return got == count * 8 ? words : nil
  }

  /// Where a file is mapped, by its lowest mapping; nil if it is not.
  func loadAddress(of file: String) throws -> UInt64? {
    let maps = try String(contentsOfFile: "/proc/\(process)/maps", encoding: .utf8)
    for line in maps.split(separator: "\n") {
      let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
      guard fields.count == 6, fields[5].drop(while: { $0 == " " }) == file,
        let start = fields[0].split(separator: "-").first
      else { continue }
      return UInt64(start, radix: 16)
    }
    return nil
  }
}
