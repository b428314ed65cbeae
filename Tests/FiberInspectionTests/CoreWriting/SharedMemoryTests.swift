import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Shared memory in cores of processes.
@Suite struct SharedMemoryTests {
  /// Nothing tells without CAP_CHECKPOINT_RESTORE which pages exist; then all are read, as by the kernel.
  private static let isPermitted = unsafe access("/proc/self/map_files", X_OK) == 0 && geteuid() == 0

  @Test(.enabled(if: isPermitted, "/proc/PID/map_files is not permitted"))
  func pagesThatNobodyHasWrittenAreNotMadeAndOthersKept() throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("shared")
    let built = try run(
      "/usr/bin/env", ["cc", "\(Package.root)/Tests/FiberInspectionTests/Programs/shared.c", "-o", program])
    try #require(built.succeeded, "\(built.report)")
    let running = try RunningProgram(arguments: [], path: program)
    let numbers = running.firstLine.split(separator: " ").compactMap { UInt64($0, radix: 16) }
    try #require(numbers.count == 3)
    func blocks() throws -> String {
      let answer = try run("/usr/bin/env", ["stat", "-L", "-c", "%b", "/proc/\(running.id)/fd/\(numbers[2])"])
      try #require(answer.succeeded, "\(answer.report)")
      return answer.output
    }
    let before = try blocks()

    let core = try WrittenCore(of: running.id, in: directory)
    #expect(core.summary.problems.isEmpty, "\(core.summary.problems)")
    #expect(try blocks() == before, "pages were made")
    let memory = CoreMemory(try CoreFile(path: core.path))
    let (filled, zeros) = ([UInt8](repeating: 0x5a, count: 4096), [UInt8](repeating: 0, count: 4096))
    for (address, written) in [(numbers[0], 0), (numbers[1], 1)] as [(UInt64, UInt64)] {
      for page in [0, 1, 2, 16_383] as [UInt64] {
        #expect(memory.bytes(at: address + page * 4096, count: 4096) == (page == written ? filled : zeros), "\(page)")
      }
    }
    try running.expectUnharmed()
  }
}
