import Foundation
import TestSupport
import Testing

/// What `fibertrace dump --json` says of fibers, as far as gdb says the same.
struct DumpedFibers: Decodable {
  struct Fiber: Decodable {
    var id: Int
    var name: String?
    var state: String
    var waitReason: String?
    var stackUsed: Int?
    var stackSize: Int
    var timesResumed: Int
  }

  var fibers: [Fiber]

  /// Of a process, or of a core at a path.
  init(of target: String) async throws {
    let result = try await CommandQueue.run(Package.product("fibertrace"), ["dump", "--json", target])
    self = try JSONDecoder().decode(Self.self, from: Data(result.output.utf8))
  }

  /// Of many cores, one after another without waiting for other tests' commands.
  static func all(of cores: [String]) async throws -> [DumpedFibers] {
    let loop = #"for core; do "$0" dump --json "$core" >"$core.json" || exit; done"#
    let result = try await CommandQueue.run("sh", ["-c", loop, Package.product("fibertrace")] + cores, seconds: 120)
    try #require(result.succeeded, "\(result.report)")
    return try cores.map {
      try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(filePath: "\($0).json")))
    }
  }
}
