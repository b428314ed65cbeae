import Foundation
import TestSupport
import Testing

/// Samples with many fibers, and with many threads.
@Suite struct CrowdSamplesTests {
  @Test func aCrowdIsShownAsItIs() throws {
    let said = try run(Package.product("crowd"), ["--fibers", "300", "--seed", "3", "--truth"])
    #expect(said.status == 0)
    let truth = try JSONDecoder().decode(CrowdTruth.self, from: Data(said.output.utf8))
    #expect(truth.fibers.count == 300)

    let program = try RunningProgram(Package.product("crowd"), "--fibers", "300", "--seed", "3", "--pause")
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 0, "\(result.errors)")
    let text = DumpText(result.output)
    let fibers = text.sections.filter { $0.title.hasPrefix("fiber #") }
    #expect(fibers.count == 300)
    for (fiber, section) in zip(truth.fibers, fibers) {
      let title = "fiber #\(fiber.id)" + (fiber.name.map { " \"\($0)\"" } ?? "") + ", \(fiber.state)"
      #expect(section.title == title + (fiber.waiting.map { ": \($0)" } ?? ""))
      // From the first of the sample's own on; a debug build shows more of the library above.
      let functions = DumpText.frames(section.lines).filter { !$0.isInlined }.map(\.name)
      #expect((functions.first == "ft_fiber_suspend") == (fiber.state == "suspended"))
      let own = functions.drop { $0 != fiber.functions.first }
      #expect(Array(own.prefix(fiber.functions.count)) == fiber.functions)
      // Then comes the fiber's body.
      let next = own.dropFirst(fiber.functions.count).first
      #expect(fiber.functions.isEmpty || next == "closure" || next == "partial", "\(next ?? "nothing")")
    }
  }

  @Test func fibersOfSeveralThreadsLeadToTheirOwnThread() throws {
    let program = try RunningProgram(Package.product("threads"), "--threads", "4", "--fibers", "3", "--pause")
    let result = try fibertrace("dump", "--all-frames", program.argument)
    #expect(result.status == 0, "\(result.errors)")
    let text = DumpText(result.output)
    #expect(text.sections[0].title.contains("5 threads, 15 fibers (5 running, 10 suspended)"))
    let threads = text.sections.filter { $0.title.hasPrefix("thread ") }
    #expect(threads.count == 5)
    for thread in threads {
      #expect(thread.title.contains("runs fiber #"))
      let names = DumpText.frames(thread.lines).filter { !$0.isInlined }.map(\.name)
      // The fiber in the middle of each thread's, two calls deep, and then the thread that resumed it.
      let order = [
        "Rendezvous.stand(onMainThread:)", "add(_:_:_:)", "descend(levels:_:_:_:)", "ft_fiber_start", "Worker.run()",
      ]
      #expect(names.filter { order.contains($0) } == [order[0], order[1], order[2], order[2], order[3], order[4]])
      #expect(names.contains("main") || names.contains("start_thread") || names.contains("_start"))
    }
  }

  @Test func aGeneratorIsShownInItsRecursion() throws {
    let program = try RunningProgram(Package.product("generator"), "--pause")
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 0, "\(result.errors)")
    let text = DumpText(result.output)
    let walk = try #require(text.section("half a walk"))
    let names = DumpText.frames(walk.lines).filter { !$0.isInlined }.map(\.name)
    #expect(names.count { $0 == "Tree.walk(_:)" } == 3)
    #expect(text.section("primes") != nil)
  }
}
