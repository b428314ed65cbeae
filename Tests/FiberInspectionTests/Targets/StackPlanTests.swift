import Testing

@testable import FiberInspection

/// What a capture copies, for records and registers of every kind.
@Suite struct StackPlanTests {
  /// A stack in three mappings, a gap, memory that may not be read, and other memory.
  private let maps = ProcessMaps(
    parsing: Array(
      """
      10000-11000 rw-p 00000000 00:00 0
      11000-12000 rwxp 00000000 00:00 0
      12000-14000 rw-p 00000000 00:00 0
      20000-21000 ---p 00000000 00:00 0
      21000-22000 rw-p 00000000 00:00 0
      """.utf8))

  private func plan(_ fill: (inout StackPlan) -> Void) -> StackPlan {
    var plan = StackPlan(maps: maps, pageMap: nil)
    fill(&plan)
    return plan
  }

  @Test func aStackInSeveralMappingsIsOne() {
    #expect(plan { $0.add(0x10800, to: 0x13000, stack: "it") }.merged() == [0x10800..<0x13000])
  }

  @Test func whatIsNotMappedOrNotReadableIsLeftOut() {
    #expect(plan { $0.add(0x13000, to: 0x30000, stack: "it") }.merged() == [0x13000..<0x14000])
    #expect(plan { $0.add(0x20000, to: 0x22000, stack: "it") }.merged().isEmpty)
    #expect(plan { $0.add(0x15000, to: 0x22000, stack: "it") }.merged().isEmpty)
    #expect(plan { $0.add(0x21000, to: 0x21000, stack: "it") }.merged().isEmpty)
    #expect(plan { $0.addData(at: .max - 3, size: 8) }.merged().isEmpty)
  }

  @Test func whatOverlapsIsCopiedOnce() {
    let plan = plan {
      $0.addData(at: 0x10100, size: 256)
      $0.add(0x10180, to: 0x10300, stack: "it")
      $0.addData(at: 0x21ff0, size: 256)
    }
    #expect(plan.merged() == [0x10100..<0x10300, 0x21ff0..<0x22000])
  }

  @Test func aStackLargerThanTheLimitIsCutWithAWord() {
    let maps = ProcessMaps(parsing: Array("100000000-200000000 rw-p 00000000 00:00 0\n".utf8))
    var plan = StackPlan(maps: maps, pageMap: nil)
    plan.add(0x1_0000_0000, to: 0x2_0000_0000, stack: "the stack of fiber #7")
    #expect(plan.merged() == [0x1_0000_0000..<0x1_0400_0000])
    #expect(
      plan.problems.map(\.description) == [
        "the stack of fiber #7 is larger than 64 MiB: only so much of it was copied, its trace may end early"
      ])
    for index in 1...100 as ClosedRange<UInt64> {
      plan.add(0x1_0000_0000 + index << 22, to: 0x2_0000_0000, stack: "another")
    }
    #expect(plan.problems.last?.description.contains("larger than 1024 MiB in all") == true)
    #expect(plan.problems.count <= 17)
  }

  /// Their threads may be in handlers on alternate stacks.
  @Test func stacksOfRunningFibersThatNoRegisterLeadsToAreCopiedWhole() throws {
    let running = try RunningProgram("states")
    let memory = ProcessMemory(thread: running.id)
    let target = try ProcessTarget(running.id)
    let files = ProcessFiles(target)
    let maps = try target.maps()
    let modules = files.modules(in: maps).modules
    let locations = RegistryLocation.all(in: modules, memory: ImageBackedMemory(memory, modules: modules)).0
    let fibers = FiberStacks(RegistryTable.all(at: locations, memory: memory).tables)
    var plan = StackPlan(maps: maps, pageMap: nil)
    plan.addUnreached(fibers)
    let onThread = fibers.stacks.filter(\.record.isOnThread).map(\.range)
    #expect(onThread.count == 2)
    #expect(onThread.allSatisfy { range in plan.merged().contains { $0.contains(range.lowerBound) } })
    #expect(
      fibers.stacks.filter { !$0.record.isOnThread }.allSatisfy { stack in
        !plan.merged().contains { $0.contains(stack.record.low) }
      })
  }

  @Test func aThreadInNoMemoryIsAProblem() {
    let plan = plan {
      $0.add(ThreadStack(thread: 9, stackPointer: 0x66, framePointer: 0, home: 0x21800), fibers: FiberStacks([])) { _ in
        nil
      }
    }
    #expect(
      plan.problems.map(\.description) == ["thread 9: rsp 0x66 is in no readable memory: its trace is incomplete"])
    #expect(plan.merged() == [0x21000..<0x22000])
  }
}
