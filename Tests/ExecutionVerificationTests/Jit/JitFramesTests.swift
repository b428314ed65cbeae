import CallFrameInfo
import FiberInspection
import TestSupport
import Testing

@testable import ExecutionVerification

@Suite("Code that is in no file")
struct JitFramesTests {
  /// Rules of a row, for comparison: where the frame is, and where it keeps rbp and rbx.
  private struct Rules: Hashable {
    var cfa: CFARule
    var framePointer: RegisterRule
    var rbx: RegisterRule
    var returnAddress: RegisterRule
  }

  private func rules(_ frames: JitFrames, _ addresses: Range<UInt64>) throws -> [Rules?] {
    try addresses.map { address in
      var left = 1 << 20
      return try frames.row(at: address, instructionsLeft: &left).map { found in
        let registers = found.row.registers
        return Rules(cfa: found.row.cfa, framePointer: registers[6], rbx: registers[3], returnAddress: registers[16])
      }
    }
  }

  /// What Programs/Jit/registered.c says of its 12 bytes of code.
  private static let expected: [Rules?] = (0..<12).map { (offset: Int) -> Rules? in
    let cfa: CFARule =
      switch offset {
      case 0, 11: .register(7, offset: 8)
      case 1..<4: .register(7, offset: 16)
      default: .register(6, offset: 16)
      }
    let framePointer: RegisterRule = offset < 1 || offset >= 11 ? .unspecified : .offset(-16)
    let rbx: RegisterRule = (5..<10).contains(offset) ? .offset(-24) : .unspecified
    return Rules(cfa: cfa, framePointer: framePointer, rbx: rbx, returnAddress: .offset(-8))
  }

  @Test("Records that were registered give the rows that libgcc walks by, however they were, until they are taken back")
  func registered() throws {
    let program = try JitProgram(compiling: "registered.c")
    let (code, records, entry, table) = (
      try program.number(0), try program.number(1), try program.number(2), try program.number(3)
    )
    #expect(program.words.last == "1", "libgcc does not walk through the code")
    let frames = JitFrames(memory: program.memory)
    let addresses = code..<code + 12
    #expect(try rules(frames, addresses) == Array(repeating: nil, count: 12))

    let calls: [(String, JitInterface.Call, UInt64)] = [
      ("all", .registered, records), ("one FDE", .registered, entry), ("a table", .registeredTable, table),
    ]
    for (what, call, argument) in calls {
      let before = frames.version
      frames.called(call, state(argument))
      #expect(try rules(frames, addresses) == Self.expected, "\(what)")
      #expect(try rules(frames, code - 1..<code) == [nil] && rules(frames, code + 12..<code + 13) == [nil])
      #expect(frames.version > before)
      let copy = JitFrames(of: frames, memory: program.memory)
      frames.called(.deregistered, state(argument))
      #expect(try rules(frames, addresses) == Array(repeating: nil, count: 12), "\(what)")
      #expect(try rules(copy, addresses) == Self.expected, "a child keeps what its parent takes back")
    }
    #expect(frames.problems.isEmpty)
  }

  /// At the first instruction of a function of one argument.
  private func state(_ argument: UInt64) -> MachineState {
    var state = MachineState(InlineArray(repeating: 0))
    state[5] = argument
    return state
  }

  @Test(
    "Images that LLVM shows to debuggers give the rows that it registers with the unwinder",
    arguments: ["mcjit", "orc"])
  func images(kind: String) throws {
    let program = try JitProgram(
      running: "/usr/bin/lli-14", ["-opaque-pointers", "--jit-kind=\(kind)", JitProgram.source("compiled.ll")])
    let functions = [try program.number(0), try program.number(1)]
    var interface = JitInterface()
    interface.setModules(try program.modules(named: ["libLLVM", "libgcc_s"]))
    #expect(Set(interface.calls.values).isSuperset(of: [.registered, .registeredTable, .deregistered]))
    let descriptor = try #require(interface.descriptors.first)
    #expect(interface.calls.values.contains(.debugger(descriptor: descriptor)))

    let shown = JitFrames(memory: program.memory)
    shown.readDebugDescriptor(at: descriptor)
    #expect(shown.problems.isEmpty, "\(shown.problems)")
    let list = try #require(JitDescriptor(at: descriptor, memory: program.memory))
    let entry = try #require(JitDescriptor.Entry(at: list.firstEntry, memory: program.memory))
    let image = program.memory.knownBytes(at: entry.imageAddress, count: entry.imageSize)
    let elf = try ELFFile(reading: ByteArray(image, name: "image"), isPlaced: true)
    let registered = JitFrames(memory: program.memory)
    registered.registered(at: try #require(elf.section(named: ".eh_frame")).address)
    for function in functions {
      let rows = try rules(shown, function..<function + 0x40)
      #expect(rows.first??.cfa == .register(7, offset: 8))
      #expect(Set(rows).count > 2)
      #expect(try rules(registered, function..<function + 0x40) == rows)
    }
    // What the descriptor last told of, told of again, changes no row; its end takes the image's rows away.
    shown.debugDescriptorChanged(at: descriptor)
    #expect(try rules(shown, functions[0]..<functions[0] + 1) == [Self.expected[0]])
  }

  @Test("A list without an end, an entry that is not there and an image of any size end in a line, and give no rows")
  func hostileLists() throws {
    func frames(_ words: [UInt64: UInt64]) -> JitFrames {
      let frames = JitFrames(memory: WordMemory(words: words))
      frames.readDebugDescriptor(at: 0x1000)
      return frames
    }
    let head: [UInt64: UInt64] = [0x1000: 1 | 1 << 32, 0x1008: 0x2000, 0x1010: 0x2000]
    let cycle = frames(head.merging([0x2000: 0x2000, 0x2008: 0, 0x2010: 0x3000, 0x2018: 8]) { $1 })
    #expect(cycle.problems.count == 1)
    let unreadable = frames(head)
    #expect(
      unreadable.problems.map(\.description) == [
        "the list of __jit_debug_descriptor leads to 0x2000, which cannot be read"
      ])
    unreadable.debugDescriptorChanged(at: 0x1000)
    #expect(unreadable.problems.count == 2)
    let large = frames(head.merging([0x2000: 0, 0x2008: 0, 0x2010: 0x3000, 0x2018: .max]) { $1 })
    #expect(large.problems.first?.description.contains("18446744073709551615 bytes, of which at most") == true)
    #expect(frames([0x1000: 2, 0x1008: 0x2000, 0x1010: 0x2000]).problems.isEmpty)

    let registered = JitFrames(memory: WordMemory(words: [0x4000: 0x14, 0x5000: 0x10 | 0xffff_ffff << 32]))
    // Half of a record, an FDE whose CIE is nowhere, and nothing.
    for address in [0x4000, 0x5000, 0x6000, .max - 3] as [UInt64] { registered.registered(at: address) }
    #expect(registered.problems.count == 4, "\(registered.problems)")
    registered.registeredTable(at: 0x7000)
    var left = 1 << 20
    #expect(try registered.row(at: 0x4000, instructionsLeft: &left) == nil)
  }

  @Test("Code that takes the place of other code takes its rows away, whatever comes in which order")
  func placesUsedAgain() throws {
    var frames = JitCallFrames()
    var model: [(owner: Int, code: [Range<UInt64>])] = []
    var random = SplitMix(state: 7)
    for _ in 0..<120 {
      if model.isEmpty || random.next() % 3 > 0 {
        let code = (0..<1 + random.next() % 4).map { _ in
          let start = random.next() % 1000
          return start..<start + 1 + random.next() % 20
        }
        let added = frames.add([section(code)])
        let owner = try #require(added)
        // The FDEs that are kept of those that overlap each other are for the section alone to say.
        let kept = code.filter { range in (try? row(frames, at: range.lowerBound)) == range }
        for index in model.indices {
          model[index].code.removeAll { old in kept.contains { $0.overlaps(old) } }
        }
        model.append((owner, kept))
      } else {
        frames.remove(model.remove(at: Int(random.next() % UInt64(model.count))).owner)
      }
      for address in 0..<1024 as Range<UInt64> {
        let covering = model.flatMap(\.code).filter { $0.contains(address) }
        #expect(covering.count < 2)
        #expect(try row(frames, at: address) == covering.first)
      }
    }
  }

  private func row(_ frames: JitCallFrames, at address: UInt64) throws -> Range<UInt64>? {
    var left = 1 << 20
    return try frames.row(at: address, instructionsLeft: &left)?.addresses
  }

  /// A CIE and FDEs of these addresses.
  private func section(_ code: [Range<UInt64>]) -> CallFrameSection {
    func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    var contents =
      bytes(20, 4) + bytes(0, 4) + [1] + Array("zR\0".utf8) + [1, 0x78, 16, 1, 0, 0x0c, 7, 8, 0x90, 1, 0, 0]
    for range in code {
      let pointer = UInt64(contents.count + 4)
      contents += bytes(24, 4) + bytes(pointer, 4) + bytes(range.lowerBound, 8) + bytes(UInt64(range.count), 8)
      contents += [0, 0, 0, 0]
    }
    return CallFrameSection(.ehFrame, source: "test", bytes: contents, address: 0x10_0000)
  }
}
