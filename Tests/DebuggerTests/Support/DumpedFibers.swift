import Foundation
import TestSupport

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
}
