import FiberInspection
import Foundation
import TestSupport

/// A program that makes code, has printed addresses, and waits.
struct JitProgram {
  /// The words of its first line.
  let words: [String]
  let memory: any MemoryReader
  private let process: RunningProgram
  private let directory: TemporaryDirectory?

  /// A file of Programs/Jit.
  static func source(_ name: String) -> String {
    "\(Package.root)/Tests/ExecutionVerificationTests/Programs/Jit/\(name)"
  }

  init(compiling name: String) throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("program")
    let built = try run("/usr/bin/env", ["gcc", "-O1", "-o", program, Self.source(name)])
    guard built.succeeded else { throw Failure(description: built.report) }
    try self.init(running: program, [], directory)
  }

  init(running program: String, _ arguments: [String], _ directory: TemporaryDirectory? = nil) throws {
    process = try RunningProgram(program, arguments: arguments, until: "ready")
    self.directory = directory
    words = process.greeting.split(separator: "\n").first?.split(separator: " ").map(String.init) ?? []
    memory = ProcessMemory(thread: process.id)
  }

  /// A word of its first line: a hexadecimal number.
  func number(_ index: Int) throws -> UInt64 {
    guard index < words.count, let number = UInt64(words[index].dropFirst(2), radix: 16) else {
      throw Failure(description: "it printed \(process.greeting)")
    }
    return number
  }

  /// Its modules whose paths contain one of `names`.
  func modules(named names: [String]) throws -> [Module] {
    try Snapshot.capture(processID: process.id).modules.filter { module in names.contains { module.path.contains($0) } }
  }

  private struct Failure: Error, CustomStringConvertible {
    var description: String
  }
}

/// Words at some addresses, and nothing elsewhere.
struct WordMemory: MemoryReader {
  let words: [UInt64: UInt64]

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    for index in buffer.indices {
      let (place, overflow) = address.addingReportingOverflow(UInt64(index))
      guard !overflow, let word = words[place & ~7] else { return index }
      unsafe buffer[index] = UInt8(truncatingIfNeeded: word >> (8 * (place & 7)))
    }
    return buffer.count
  }
}
