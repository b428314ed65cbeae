internal import CContenders
internal import Foundation

/// What a case's contenders ask of the allocator, of locks and of the system.
struct CallResult: Codable {
  let name: String
  let title: String
  /// "round trips"
  let operation: String
  let contenders: [ContenderCalls]
}

/// What a number of operations of a contender has asked for.
struct ContenderCalls: Codable {
  let name: String
  let operations: Int
  let allocations: Int
  let locks: Int
  /// By the system call's name. What does not occur is left out.
  let systemCalls: [String: Int]
}

/// What CallCounters has counted in one process while the operations ran.
struct CountedCalls: Codable {
  let allocations: Int
  let locks: Int

  /// - Throws: ``MissingCounters`` in a process without the library.
  init(of contender: Contender, operations: Int) throws {
    let workload = try contender.make()
    // What is done once is done by then.
    _ = try workload.run(contender.slice)
    let before = try Self.read()
    // Where the counted part begins and ends for who traces system calls.
    _ = getppid()
    _ = try workload.run(operations)
    _ = getppid()
    let after = try Self.read()
    allocations = after.allocations - before.allocations
    locks = after.locks - before.locks
  }

  private static func read() throws -> call_counts {
    var counts = call_counts()
    guard unsafe call_counts_read(&counts) else { throw MissingCounters() }
    return counts
  }
}

/// Counting in a process that CallCounters is not loaded into.
struct MissingCounters: Error, CustomStringConvertible {
  let description = "libCallCounters.so is not loaded: start with it in LD_PRELOAD, as Benchmarks/run --case calls does"
}

extension CallResult {
  /// A case whose calls are counted.
  struct Counted {
    let name: String
    let title: String
    let operation: String
    let benchmark: String
  }

  static let all = [
    Counted(
      name: "calls-round-trip", title: "Calls of round trips", operation: "round trips", benchmark: "round-trip-1"),
    Counted(name: "calls-create", title: "Calls of creations", operation: "fibers", benchmark: "create-reused"),
  ]

  /// Counts in processes of their own: allocations and locks by CallCounters, system calls by strace.
  init(_ counted: Counted) throws {
    name = counted.name
    title = counted.title
    operation = counted.operation
    contenders = try (Case.named(counted.benchmark)?.contenders ?? []).map { contender in
      let operations = 50 * contender.slice
      let path = try ownPath()
      let library = URL(fileURLWithPath: path).deletingLastPathComponent().appending(path: "libCallCounters.so").path
      func arguments(_ operations: Int) -> [String] {
        [path, "count", counted.benchmark, contender.name, String(operations)]
      }
      let calls = try JSONDecoder().decode(
        CountedCalls.self, from: try output(of: arguments(operations), environment: ["LD_PRELOAD": library]))
      let systemCalls = try systemCalls(arguments(operations), preloading: library)
      return ContenderCalls(
        name: contender.name, operations: operations, allocations: calls.allocations, locks: calls.locks,
        systemCalls: systemCalls)
    }
  }
}

/// How often a program makes each system call between two of `getppid`, by strace.
private func systemCalls(_ arguments: [String], preloading library: String) throws -> [String: Int] {
  let file = FileManager.default.temporaryDirectory.appending(path: "FiberBenchmark-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: file) }
  _ = try output(of: ["strace", "-f", "-E", "LD_PRELOAD=\(library)", "-o", file.path] + arguments)
  // "1234  mmap(NULL, 4096, ...) = 0x7f12"
  let names = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
    line.split(separator: " ").dropFirst().first?.split(separator: "(").first
  }
  let parts = names.split(separator: "getppid", omittingEmptySubsequences: false)
  guard parts.count == 3 else { throw MissingMarks(count: parts.count - 1) }
  return parts[1].reduce(into: [:]) { $0[String($1), default: 0] += 1 }
}

/// A trace in which the operations do not stand between two marks.
struct MissingMarks: Error, CustomStringConvertible {
  let count: Int

  var description: String { "strace has seen \(count) calls of getppid, expected 2" }
}
