import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Cores in which fibers are threads, held against the process they show.
@Suite struct FiberCoreTests {
  @Test func registersAndMemoryAreTheProcesss() throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram("states")
    try running.settle()
    let core = try WrittenCore(of: running.id, in: directory)
    try running.expectUnharmed()
    #expect(core.summary.problems.isEmpty, "\(core.summary.problems)")
    let live = try Snapshot.capture(processID: running.id)
    let loaded = try Snapshot.load(core: core.path)
    #expect(loaded.problems.isEmpty, "\(loaded.problems)")
    #expect(loaded.processID == running.id && loaded.command == "fibers")
    #expect(loaded.threads.map(\.id) == live.threads.map(\.id))
    #expect(loaded.threads.map(\.registers) == live.threads.map(\.registers))
    #expect(loaded.modules.map(\.path) == live.modules.map(\.path))
    #expect(loaded.modules.map(\.buildID) == live.modules.map(\.buildID))

    let file = try CoreFile(path: core.path)
    let kept = CoreMemory(file)
    let memory = ProcessMemory(thread: running.id)
    let descriptors = CoreNotes(file).threads.map(\.threadPointer)
    var compared = 0
    for segment in file.segments where segment.kind == .load && segment.fileSize > 0 {
      for page in stride(from: segment.virtualAddress, to: segment.virtualAddress + segment.fileSize, by: 4096) {
        let there = memory.bytes(at: page, count: 4096)
        guard !there.isEmpty else { continue }
        compared += 1
        let copy = kept.bytes(at: page, count: 4096)
        // The kernel writes the number of the processor into the descriptor of a thread that moves (rseq(2)): 8 bytes.
        let differing = copy.count == there.count ? zip(copy, there).count { $0 != $1 } : 4096
        let isDescriptor = descriptors.contains { $0 + 4096 > page && $0 < page + 4096 }
        #expect(differing <= (isDescriptor ? 8 : 0), "page \(hexadecimal(page))")
      }
    }
    #expect(compared > 100)
    // Whatever may be written and was is there whole.
    for mapping in live.mappings where mapping.isWritable {
      #expect(file.segments.contains { $0.virtualRange == mapping.range }, "\(mapping)")
    }
  }

  @Test func eachFiberWithFramesIsAThreadWithTheRegistersOfItsStart() throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram("states")
    try running.settle()
    let core = try WrittenCore(of: running.id, in: directory)
    let snapshot = try Snapshot.capture(processID: running.id)
    let threads = try core.threads()
    let expected = snapshot.debuggerThreads().all
    #expect(threads.keys.sorted() == expected.map(\.id).sorted())
    #expect(core.summary.threads == 1 && core.summary.fibers == expected.count - 1)
    for thread in expected {
      let words = try #require(threads[thread.id])
      let registers = try #require(thread.registers)
      for (known, word) in zip(UserRegisters.words(registers), words) where known != 0 { #expect(known == word) }
      let pointer = words[21]
      switch thread.subject {
      case .thread, .fiber(_, .running): #expect(pointer != 0)
      case .fiber: #expect(pointer == 0)
      }
    }
  }

  @Test(arguments: [FiberCore.Contents.memory, .stacks], ["states", "threaded", "deep", "alternate"])
  func aDumpOfItIsADumpOfTheProcess(contents: FiberCore.Contents, mode: String) throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram(mode)
    try running.settle()
    var live = ""
    TextReport(Dump(of: try Snapshot.capture(processID: running.id)), style: TextStyle(usesUnicode: true)).write(
      to: &live)
    let core = try WrittenCore(of: running.id, contents, in: directory)
    #expect(core.summary.problems.isEmpty, "\(core.summary.problems)")
    // Cores have no names of threads.
    let expected = live.split(separator: "\n").dropFirst().map { $0.replacing(/^(thread [0-9]+) "side"/) { $0.1 } }
    #expect(try core.dump() == expected.joined(separator: "\n"))
  }

  @Test(arguments: CoreMaker.allCases) func aCoreKeepsWhatItHas(maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    let path = try maker.make(of: "threaded", in: directory)
    let core = try WrittenCore(ofCore: path, in: directory)
    #expect(core.summary.problems.isEmpty && core.summary.stopped == nil, "\(core.summary.problems)")
    let before = try CoreFile(path: path)
    let after = try CoreFile(path: core.path)
    #expect(after.segments.filter { $0.kind == .load } == before.segments.filter { $0.kind == .load })
    var notes: [Note] = []
    var kept: [Note] = []
    _ = before.forEachNote { notes.append($0) }
    _ = after.forEachNote { kept.append($0) }
    let isSame = kept.prefix(notes.count).elementsEqual(notes) {
      $0.name == $1.name && $0.type == $1.type && $0.descriptor.elementsEqual($1.descriptor)
    }
    #expect(isSame)
    #expect(kept.count > notes.count)
    for segment in before.segments where segment.kind == .load {
      #expect(
        before.bytes.bytes(at: segment.fileOffset, count: segment.fileSize)
          == after.bytes.bytes(at: segment.fileOffset, count: segment.fileSize))
    }
    let stacks = try WrittenCore(ofCore: path, .stacks, in: directory)
    #expect(try stacks.dump() == core.dump())
    #expect(stacks.summary.written < core.summary.written)
  }

  /// Untouched pages, those of zeros, and what is between segments.
  @Test func nothingIsWrittenWhereThereAreZeros() throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram("many", "20")
    try running.settle()
    let core = try WrittenCore(of: running.id, in: directory)
    let file = try CoreFile(path: core.path)
    let kept = CoreMemory(file)
    var zeros = 0
    var filled = 0
    for segment in file.segments where segment.kind == .load {
      for page in stride(from: segment.virtualAddress, to: segment.virtualAddress + segment.fileSize, by: 4096) {
        if kept.bytes(at: page, count: 4096).allSatisfy({ $0 == 0 }) { zeros += 1 } else { filled += 1 }
      }
    }
    #expect(zeros > 20 && filled > 20)
    // Twice: with the notes of threads, and again when those of fibers are known.
    let headers = 2 * UInt64(64 + 56 * file.segments.count)
    let notes = file.segments.reduce(0) { $0 + ($1.kind == .note ? $1.fileSize : 0) }
    #expect(core.summary.written == UInt64(filled) * 4096 + headers + notes)
    // Holes are copied as such.
    let second = try WrittenCore(ofCore: core.path, in: directory)
    #expect(second.summary.written < second.summary.size - UInt64(zeros) * 2048)
  }

  @Test func aFiberCoreIsNotDoubled() throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram("states")
    try running.settle()
    let first = try WrittenCore(of: running.id, in: directory)
    let second = try WrittenCore(ofCore: first.path, in: directory)
    let isSame = FileManager.default.contentsEqual(atPath: first.path, andPath: second.path)
    #expect(isSame)
    #expect(second.summary.fibers == first.summary.fibers && second.summary.threads == first.summary.threads)
  }

  @Test func memoryLeftOutIsNotThereUnlessFibersStandOnIt() throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("left_out")
    try FiberProgram.build(["\(Package.root)/Tests/FiberInspectionTests/Programs/left_out.c"], to: program)
    let running = try RunningProgram(arguments: [], path: program)
    let addresses = running.firstLine.split(separator: " ").compactMap { UInt64($0, radix: 16) }
    try #require(addresses.count == 3)
    for contents in [FiberCore.Contents.memory, .stacks] {
      let core = try WrittenCore(of: running.id, contents, in: directory)
      #expect(core.summary.problems.isEmpty && core.summary.fibers == 1)
      let memory = CoreMemory(try CoreFile(path: core.path))
      let filled = [UInt8](repeating: 0x5a, count: 4096)
      let isWhole = contents == .memory
      #expect((memory.bytes(at: addresses[0], count: 4096) == filled) == isWhole)
      #expect(memory.bytes(at: addresses[1], count: 4096).isEmpty)
      #expect((memory.bytes(at: addresses[2], count: 4096) == filled) == isWhole)
      let snapshot = try Snapshot.load(core: core.path)
      #expect(snapshot.holdsFrames(of: try #require(snapshot.fiber(1))))
    }
  }

  @Test func otherReadersOfNotesReadThem() throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram("threaded")
    try running.settle()
    let core = try WrittenCore(of: running.id, in: directory)
    let notes = try run("/usr/bin/env", ["eu-readelf", "-n", core.path])
    #expect(notes.succeeded && notes.errors.isEmpty, "\(notes.report)")
    for word in ["PRPSINFO", "AUXV", "FILE", "FPREGSET", "X86_XSTATE", "pid: 1000000001,", "fname: fibers", "psargs: "]
    {
      #expect(notes.output.contains(word), "no \(word)")
    }
    let headers = try run("/usr/bin/env", ["eu-readelf", "-l", "-h", core.path])
    #expect(
      headers.succeeded && headers.errors.isEmpty && headers.output.contains("CORE (Core file)"), "\(headers.report)")
  }
}
