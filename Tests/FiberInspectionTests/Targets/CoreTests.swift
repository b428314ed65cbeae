import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Cores of both makers, with their programs in place and without.
@Suite struct CoreTests {
  @Test(arguments: CoreMaker.allCases) func aCoreShowsWhatTheProcessWas(maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    let path = try maker.make(of: "states", in: directory)
    let snapshot = try Snapshot.load(core: path)
    #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
    #expect(snapshot.notes.isEmpty)
    #expect(snapshot.source == .core(path: path))
    #expect(snapshot.command == "fibers")
    #expect(snapshot.processID == snapshot.threads.first?.id)
    let registry = try #require(snapshot.registries.first)
    #expect(registry.fibers.map(\.name) == ["suspended", nil, "finished", "inner", "outer"])
    #expect(registry.fibers.map(\.count) == [6, 0, 2, 1, 1])
    #expect(registry.fibers[0].waitReason == "a token")
    let end = registry.layout.endRecord
    for fiber in registry.fibers.prefix(3) {
      let frames = FrameChain(snapshot, from: fiber.savedStackPointer).frames
      #expect(frames.suffix(2) == [fiber.base, end])
    }
    let thread = try #require(snapshot.threads.first)
    if maker == .kernel { #expect(thread.signal == SIGABRT) }
    let frames = FrameChain(snapshot, from: thread.registers?.framePointer ?? 0).frames
    #expect(
      frames.filter { frame in registry.fibers.contains { $0.base == frame } } == registry.fibers[3...].map(\.base))
    #expect(frames.drop { $0 != registry.fibers[4].base }.count > 2)
    // Code is in no core; the files have it.
    let pc = try #require(thread.registers?.programCounter)
    #expect(snapshot.memory.bytes(at: pc - 2, count: 2) == [0x0f, 0x05])
    for module in snapshot.modules {
      guard case .file = module.image else {
        Issue.record("\(module.path) has no file")
        continue
      }
    }
    #expect(snapshot.modules.contains { $0.path == "[vdso]" })
    let library = try #require(snapshot.modules.first { $0.path.contains("libc.so") })
    #expect(library.buildID != nil)
    let parts = snapshot.mappings.filter { $0.path == library.path }
    #expect(parts.filter(\.isExecutable).count == 1 && parts.filter(\.isWritable).count == 1)
    #expect(parts.allSatisfy { library.range.contains($0.range.lowerBound) })
  }

  @Test(arguments: CoreMaker.allCases) func everyThreadIsThere(maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    let snapshot = try Snapshot.load(core: maker.make(of: "threaded", in: directory))
    #expect(snapshot.threads.count == 2)
    #expect(snapshot.threads[0].id == snapshot.processID)
    #expect(snapshot.threads.allSatisfy { $0.registers != nil })
    if maker == .kernel { #expect(snapshot.threads.filter { $0.signal != 0 }.count == 1) }
    let fiber = try #require(snapshot.fiber(1))
    #expect((fiber.low..<fiber.high).contains(snapshot.threads[1].registers?.stackPointer ?? 0))
  }

  @Test(arguments: CoreMaker.allCases) func aCoreWithoutItsProgramSaysSoAndShowsTheFibers(maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    let copy = directory.file("moved")
    try FileManager.default.copyItem(atPath: try FiberProgram.path(), toPath: copy)
    let path = try maker.make(of: "states", program: copy, in: directory)
    let elsewhere = directory.file("elsewhere")
    try FileManager.default.moveItem(atPath: copy, toPath: elsewhere)

    let without = try Snapshot.load(core: path)
    let module = try #require(without.modules.first { $0.path == copy })
    guard case .missing(let reason) = module.image else {
      Issue.record("the program was found where it is not")
      return
    }
    #expect(
      reason
        == "\(copy) cannot be opened: No such file or directory: give the program that made the core by --executable")
    let problem = "\(copy) has no names and no unwind information: it" + reason.dropFirst(copy.count)
    #expect(Dump(of: without).problems.map(\.description).filter { $0.hasPrefix(copy) } == [problem])
    #expect(without.registries.first?.fibers.map(\.id) == [1, 2, 3, 4, 5])
    #expect(module.buildID != nil)

    let with = try Snapshot.load(core: path, executable: elsewhere)
    #expect(with.problems.isEmpty)
    guard case .file(let file) = try #require(with.modules.first { $0.path == copy }).image else {
      Issue.record("the executable given was not taken")
      return
    }
    #expect(file.path == elsewhere)

    let wrong = try Snapshot.load(core: path, executable: "/usr/bin/env")
    guard case .missing(let reason) = try #require(wrong.modules.first { $0.path == copy }).image else {
      Issue.record("another program was taken for the one that made the core")
      return
    }
    #expect(reason.contains("/usr/bin/env is another build"))
    #expect(wrong.registries.first?.fibers.count == 5)
  }

  @Test func aSysrootIsPutBeforePaths() throws {
    let directory = try TemporaryDirectory()
    let copy = directory.file("there")
    try FileManager.default.copyItem(atPath: try FiberProgram.path(), toPath: copy)
    let path = try CoreMaker.kernel.make(of: "states", program: copy, in: directory)
    let root = directory.file("root")
    try FileManager.default.createDirectory(atPath: root + directory.path, withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: copy, toPath: root + copy)
    let snapshot = try Snapshot.load(core: path, sysroot: root)
    guard case .file(let file) = try #require(snapshot.modules.first { $0.path == copy }).image,
      case .missing(let reason) = try #require(snapshot.modules.first { $0.path.contains("libc.so") }).image
    else {
      Issue.record("files were not looked for below the sysroot")
      return
    }
    #expect(file.path == root + copy)
    #expect(reason.contains("by --sysroot"))
    let wrong = #expect(throws: InspectionError.self) { try Snapshot.load(core: path, sysroot: directory.file("none")) }
    #expect(wrong?.category == .notFound)
  }

  @Test func aTruncatedCoreSaysHowMuchIsMissing() throws {
    let directory = try TemporaryDirectory()
    let path = try CoreMaker.kernel.make(of: "many", "50", in: directory)
    let whole = try Data(contentsOf: URL(filePath: path))
    var shown = 0
    for part in stride(from: whole.count - 1, to: 0, by: -whole.count / 40) {
      let cut = directory.file("cut")
      try whole.prefix(part).write(to: URL(filePath: cut))
      do {
        let snapshot = try Snapshot.load(core: cut)
        let problem = try #require(snapshot.problems.first { $0.description.contains("is truncated") })
        #expect(problem.description.contains("of memory are missing (it has \(part) bytes)"))
        shown += snapshot.registries.first?.fibers.count == 50 ? 1 : 0
        #expect(snapshot.threads.count <= 1)
      } catch {
        #expect((error as? InspectionError)?.code == .malformedCore, "\(error)")
      }
    }
    #expect(shown > 0)
  }

  @Test func aCoreOfManyGigabytesIsReadWhereItIsNeededAlone() throws {
    let directory = try TemporaryDirectory()
    let path = try CoreMaker.kernel.make(of: "many", "20", in: directory)
    let file = try FileHandle(forUpdating: URL(filePath: path))
    try file.truncate(atOffset: 200 << 30)
    let snapshot = try Snapshot.load(core: path)
    #expect(snapshot.problems.isEmpty)
    #expect(snapshot.registries.first?.fibers.count == 20)
  }
}
