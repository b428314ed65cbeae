import Foundation
import TestSupport
import Testing

/// The Swift samples, whose objects have no .debug_aranges.
@Suite struct SamplesTests {
  @Test func threeNestedFibersAreShownDownToMainInAProcessAndInACore() throws {
    let program = try RunningProgram(Package.product("nested"), "--pause")
    let live = try fibertrace("dump", program.argument, directory: Package.root)
    let directory = try TemporaryDirectory()
    let core = try fibertrace("dump", program.core(in: directory), directory: Package.root)
    for result in [live, core] {
      #expect(result.status == 0)
      #expect(result.errors == "")
      let text = DumpText(result.output)
      #expect(text.sections[0].title.contains("1 thread, 3 fibers (1 running, 2 resuming)"))
      let boundaries = (text.section("thread ")?.lines ?? []).filter { $0.contains("resumed by") }
      #expect(
        boundaries.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " ─")) } == [
          "fiber #3 \"inner\" resumed by fiber #2 \"middle\"", "fiber #2 \"middle\" resumed by fiber #1 \"outer\"",
          "fiber #1 \"outer\" resumed by thread \(program.id)",
        ])
      let own = text.frames("thread ").filter { $0.place.hasPrefix("Levels.swift:") }
      #expect(
        own.map(\.name) == [
          "sleepUntilKilled()", "runInner(seconds:)", "closure", "runMiddle(pauses:)", "closure", "runOuter(pauses:)",
          "closure", "startOuter(pauses:)",
        ])
      #expect(result.output.contains("at Examples/nested/Levels.swift:"))
      for (name, creator) in ["outer": "startOuter", "middle": "runOuter", "inner": "runMiddle"] {
        #expect(text.section(name)?.lines.first?.contains("created by \(creator)(pauses:) at ") == true)
      }
    }
  }

  /// The linker's --gc-sections once dropped it: an exception that searched past a fiber's body would have called address 0.
  @Test(arguments: ["crowd", "generator", "nested", "ring", "threads"])
  func aReleaseBuildKeepsThePersonalityOfTheBaseFrame(sample: String) throws {
    let listing = try run(
      Package.release("fibertrace"), ["cfi", Package.release(sample), "--function", "ft_fiber_start"])
    #expect(listing.status == 0)
    #expect(listing.output.contains(/personality 0x[1-9a-f][0-9a-f]* <ft_fiber_personality>/))
  }

  @Test func aRingOfFibersIsShownInEveryState() throws {
    let program = try RunningProgram(Package.product("ring"), "--pause")
    let result = try fibertrace("dump", "--all-frames", program.argument)
    #expect(result.status == 0)
    let text = DumpText(result.output)
    #expect(text.sections[0].title.contains("1 running, "))
    let suspended = text.sections.filter { $0.title.contains("suspended: waiting for the token") }
    #expect(suspended.count >= 2)
    #expect(suspended.allSatisfy { $0.lines.last?.contains("ft_fiber_not_running") == true })
  }
}
