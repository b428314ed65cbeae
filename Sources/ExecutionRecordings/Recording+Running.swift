internal import Foundation

extension Recording {
  /// Runs a program and records functions of it, or of a library that it is linked with.
  ///
  /// - Parameters:
  ///   - program: its path. It is traced by the calling thread, and dead when this returns.
  ///   - arguments: its arguments behind the name.
  ///   - module: the path of the file whose functions are recorded, as /proc/PID/maps has it; nil for the program itself.
  ///   - activationsPerFunction: how many calls of each function are stepped, the first ones.
  ///   - mostSteps: how many instructions are stepped at most.
  ///   - seconds: after this long the program is ended.
  ///   - notPreserved: registers that its functions need not preserve, bit n for DWARF number n: `Activation.swiftErrors`.
  ///   - isRecorded: whether the function of these addresses in the file is to be recorded.
  /// - Throws: `RecordingError`, and what reading the file throws.
  package init(
    running program: String, arguments: [String] = [], module: String? = nil, activationsPerFunction: Int = 3,
    mostSteps: Int = 2_000_000, seconds: UInt32 = 120, notPreserved: UInt16 = 0,
    isRecorded: (Range<UInt64>) -> Bool = { _ in true }
  ) throws {
    let path = try RecordedFile.realPath(program)
    let main = try RecordedFile(path) { module == nil && isRecorded($0) }
    let stepped = try SteppedProgram(path, arguments, seconds: seconds)
    var file = main
    var bias = try stepped.bias(of: main)
    if let module {
      file = try RecordedFile(try RecordedFile.realPath(module), isRecorded)
      // By then the dynamic loader has mapped what the program is linked with.
      let entry = main.entry &+ bias
      try stepped.setBreakpoint(at: entry)
      guard try stepped.run() else {
        throw RecordingError(program: path, reason: "it ended before it began (status \(stepped.ending ?? 0))")
      }
      try stepped.removeBreakpoint(at: entry)
      bias = try stepped.bias(of: file)
    }
    var recorder = ExecutionRecorder(
      stepped, file, bias: bias, activationsPerFunction: activationsPerFunction, mostSteps: mostSteps,
      notPreserved: notPreserved)
    try recorder.record()
    self = recorder.recording
  }
}

extension RecordedFile {
  static func realPath(_ path: String) throws -> String {
    guard let real = unsafe realpath(path, nil) else {
      throw RecordingError(program: path, reason: "it cannot be found, error \(errno)")
    }
    defer { unsafe free(real) }
    return unsafe String(cString: real)
  }
}

extension SteppedProgram {
  /// What is added to addresses of a file that the program has mapped.
  func bias(of file: RecordedFile) throws -> UInt64 {
    guard let address = try loadAddress(of: file.path) else {
      throw RecordingError(program: path, reason: "\(file.path) is not loaded by it")
    }
    return address &- file.firstPage
  }
}
