/// What the argument of `dump`, `core` or `gdbstub` names.
enum DumpTarget {
  case process(Int32)
  /// A number that is no process id on any Linux.
  case impossibleProcess
  case core(path: String)

  /// A decimal number is a process id, even where a file has that name: `./4711` is the file.
  init(_ argument: String) {
    guard !argument.isEmpty, argument.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      self = .core(path: argument)
      return
    }
    if let id = Int32(argument), id > 0 { self = .process(id) } else { self = .impossibleProcess }
  }

  /// A process is meant, not a file.
  var isProcess: Bool {
    if case .core = self { return false }
    return true
  }
}
