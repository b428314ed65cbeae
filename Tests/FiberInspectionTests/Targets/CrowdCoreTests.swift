import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Cores of fibers whose stacks have page table marks as guards; see ARCHITECTURE.md, "Cores of stacks with marks".
@Suite struct CrowdCoreTests {
  /// A core of the sample's release build, which Scripts/test makes first. (Beside the test program it may be one for
  /// AddressSanitizer, which does not know of fibers' stacks.)
  private static func crowd(_ fibers: Int, _ maker: CoreMaker, in directory: TemporaryDirectory) throws -> Snapshot {
    let path = try Package.release("crowd")
    // Swift's own crash reporter would take the signal, and the program would go on.
    let core = try maker.make(
      of: "SWIFT_BACKTRACE=enable=no", path, "--fibers", "\(fibers)", "--pause", program: "/usr/bin/env",
      signal: SIGSEGV,
      in: directory)
    return try Snapshot.load(core: core)
  }

  @Test func theKernelKeepsStacksGuardedByMarks() throws {
    let directory = try TemporaryDirectory()
    let snapshot = try Self.crowd(300, .kernel, in: directory)
    #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
    let registry = try #require(snapshot.registries.first)
    #expect(registry.fibers.map(\.id) == Array(1...300))
    let suspended = registry.fibers.filter { $0.count != 0 && !$0.isFinished }
    #expect(suspended.count == 294)
    for fiber in suspended {
      let frames = FrameChain(snapshot, from: fiber.savedStackPointer).frames
      #expect(frames.suffix(2) == [fiber.base, registry.layout.endRecord])
      // 10 functions at least, and the runtime's.
      #expect(frames.count > 12)
    }
    // The crowd's own measure leaves out the frames of the runtime.
    let live = suspended.reduce(0) { $0 + $1.base - $1.savedStackPointer } / UInt64(suspended.count)
    #expect(live >= 1024)
  }

  @Test func gcoreLeavesZerosInThePlaceOfStacksGuardedByMarks() throws {
    let directory = try TemporaryDirectory()
    let snapshot = try Self.crowd(300, .gcore, in: directory)
    let registry = try #require(snapshot.registries.first)
    let suspended = registry.fibers.filter { $0.count != 0 && !$0.isFinished }
    #expect(suspended.count == 294)
    let links = suspended.map { snapshot.memory.bytes(at: $0.base, count: 8) }
    #expect(links.allSatisfy { $0.allSatisfy { $0 == 0 } })
  }
}
