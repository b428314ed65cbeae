import Foundation
import Testing

/// A crowd of fibers, held against what the program itself knows of them.
@Suite struct CrowdTests {
  /// Starts `crowd` and answers what it says of itself.
  private func crowd(_ count: Int, in directory: TemporaryDirectory) throws -> (
    program: RunningProgram, truth: CrowdTruth
  ) {
    let path = try Package.product("crowd")
    let truth = directory.file("truth.json")
    // The last line is that it stands.
    let program = try RunningProgram("/bin/sh", "-c", "exec \(path) --fibers \(count) --truth --pause 2>&1 >\(truth)")
    let data = try Data(contentsOf: URL(filePath: truth))
    return (program, try JSONDecoder().decode(CrowdTruth.self, from: data))
  }

  @Test func aDumpEqualsTheProgramsTruthForEveryFiber() throws {
    let directory = try TemporaryDirectory()
    let (program, truth) = try crowd(2000, in: directory)
    #expect(truth.process == program.id)
    let result = try fibertrace("dump", program.argument, "--json")
    #expect(result.status == 0, "\(result.errors)")
    let fibers = try DumpDocument(result.output).objects("fibers")
    #expect(fibers.count == 2000)
    #expect(fibers.map { $0["id"] } == truth.fibers.map { Optional($0.id) })
    for (fiber, expected) in zip(fibers, truth.fibers) {
      #expect(fiber["name"] == expected.name)
      #expect(fiber["state"] == expected.state)
      #expect(fiber["waitReason"] == expected.waiting)
      let own = fiber.frames.filter { $0["inlined"] as Bool? == nil }.compactMap { $0["function"] as String? }
      let start = own.firstIndex { $0 == expected.functions.first } ?? own.endIndex
      #expect(Array(own[start...].prefix(expected.functions.count)) == expected.functions, "fiber #\(expected.id)")
      // Before and after them are the runtime's own frames.
      #expect(own.isEmpty == expected.functions.isEmpty)
      if !own.isEmpty { #expect(own[0] == "ft_fiber_suspend" && own.last == "ft_fiber_not_running") }
    }
  }

  /// The stacks have guards inside their mapping, at which gdb 13.1 gives the mapping up. Where the kernel knows no such guards, or
  /// gdb reads around them, the core has the stacks.
  @Test func stacksThatGcoreHasLostAreNamedOnce() throws {
    let directory = try TemporaryDirectory()
    let (program, truth) = try crowd(500, in: directory)
    let result = try fibertrace("dump", program.core(in: directory), "--json")
    let document = try DumpDocument(result.output)
    let fibers = document.objects("fibers").filter { $0["state"] == "suspended" }
    #expect(fibers.count == truth.fibers.count { $0.state == "suspended" })
    let lost = fibers.filter { ($0["defect"] as String?)?.hasPrefix("its stack is not in the core") == true }
    let problems = document.strings("problems").filter { $0.contains(" not in the core") }
    #expect(problems.count == (lost.isEmpty ? 0 : 1))
    #expect(fibers.count { !$0.frames.isEmpty } == fibers.count - lost.count)
    #expect(result.status == (lost.isEmpty ? 0 : 1))
    #expect(result.errors.split(separator: "\n").count <= 3)
  }
}
