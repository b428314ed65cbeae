/// Lines that gdb has printed, without empty ones and without what says nothing of the program.
struct GdbText: CustomStringConvertible {
  let lines: [String]

  init(lines: [String]) { self.lines = lines }

  init(printed: [String]) { self.init(lines: printed.filter { !$0.isEmpty && !Self.isNoise($0) }) }

  /// What gdb says of itself, of the system's libraries and of their debug information.
  static func isNoise(_ line: String) -> Bool {
    let starts = [
      // gdb's reader of DWARF, on what Swift's compiler and linkers have written.
      "During symbol reading: ", "warning: Section .debug_names in ",
      "[Thread debugging using libthread_db enabled]", "Using host libthread_db library ",
      "warning: Unable to find libthread_db matching",
      // Its gcore: the kernel's page of system calls, and a command line with several words.
      "warning: Memory read failed for corefile section, 4096 bytes at 0xffffffffff600000.",
      "warning: target file /proc/",
      // At an attach: a thread.
      "[New LWP ",
      // Its reader of cores, where the processor has more registers than gdb 13 knows.
      "warning: Section `.reg-xstate/",
    ]
    return starts.contains { line.hasPrefix($0) }
  }

  var description: String { lines.joined(separator: "\n") }

  func contains(_ text: String) -> Bool { lines.contains { $0.contains(text) } }

  /// The frames among the lines.
  var frames: [GdbFrame] { lines.compactMap(GdbFrame.init) }

  /// Without what differs from run to run: numbers in base 16, and ids of processes and threads.
  var masked: [String] {
    lines.map {
      $0.replacing(/0x[0-9a-f]+/, with: "0x").replacing(/(process|LWP|Thread 0x|pid) [0-9]+/) { "\($0.1) N" }
    }
  }
}
