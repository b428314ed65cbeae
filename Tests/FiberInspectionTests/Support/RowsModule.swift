import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Programs/rows.s as a loaded module, and stacks around it that a test makes by hand.
struct RowsModule {
  static let bias: UInt64 = 0x40_0000
  static let stack: UInt64 = 0x7000_0000

  /// The linked file.
  let path: String
  private let symbols: [String: UInt64]
  private let directory: TemporaryDirectory

  init() throws {
    let directory = try TemporaryDirectory()
    let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path + "/Programs"
    path = directory.file("rows.so")
    let built = try run(
      "/usr/bin/env",
      ["gcc", "-shared", "-nostdlib", "-Wl,--build-id", "-o", path, "\(programs)/rows.s", "\(programs)/rows_debug.s"])
    try #require(built.status == 0, "\(built.report)")
    let names = try run("/usr/bin/env", ["nm", path]).output.split(separator: "\n").map { $0.split(separator: " ") }
    symbols = Dictionary(
      names.compactMap { words in UInt64(words[0], radix: 16).map { (String(words[words.count - 1]), $0) } },
      uniquingKeysWith: { first, _ in first })
    self.directory = directory
  }

  /// Another file in the module's directory.
  func file(_ name: String) -> String { directory.file(name) }

  /// The address of a label in the process.
  func address(_ name: String) throws -> UInt64 { try #require(symbols[name], "no symbol \(name)") + Self.bias }

  /// A return address into a function: the call would be its first instruction.
  func caller(_ name: String) throws -> UInt64 { try address(name) + 1 }

  /// The word of the stack at a distance from its start.
  static func place(_ offset: Int) -> UInt64 { stack &+ UInt64(bitPattern: Int64(offset)) }

  /// The module as an image of the file at `path`, or without one.
  func module(_ path: String? = nil, isMissing: Bool = false) throws -> FoundModule {
    let file = try OpenFile.open(path ?? self.path)
    let source = try FileBytes(file)
    let segments = try ELFHeader(reading: source).programHeaders(in: source)
    guard let range = try ModuleFinder.span(of: segments, from: Self.bias, source: "rows.so")?.range else {
      throw ELFError(.malformed, source: "rows.so", offset: 0, "no loaded segments")
    }
    return FoundModule(
      module: Module(
        path: "rows.so", range: range, bias: Self.bias,
        buildID: ModuleNotes.buildID(ModuleNotes.inFile(segments, source)),
        image: isMissing ? .missing(reason: "not given") : .file(file)),
      segments: segments)
  }

  /// A process with this module, and these words in its memory beside the module's code.
  func snapshot(_ words: [UInt64: UInt64], module: FoundModule? = nil, image: [UInt8] = []) throws -> Snapshot {
    let module = try module ?? self.module()
    let text = Mapping(
      range: Self.bias + 0x1000..<Self.bias + 0x2000, fileOffset: 0x1000, path: "rows.so", isWritable: false,
      isExecutable: true)
    let primary = LayeredMemory(words: Words(words), image: FakeMemory([(Self.bias, image)]))
    return Snapshot(
      source: .core(path: "none"), processID: nil, command: "none", threads: [], mappings: [text],
      modules: [module.module], registries: [], memory: ImageBackedMemory(primary, modules: [module]), problems: [])
  }

  /// The walk from a function with these registers by DWARF number; rsp is the stack's start unless given.
  func walk(
    from pc: String, _ registers: [Int: UInt64] = [:], _ words: [UInt64: UInt64], limit: Int = 100,
    in snapshot: Snapshot? = nil
  ) throws -> Walk {
    let snapshot = try snapshot ?? self.snapshot(words)
    var unwinder = RowUnwinder(snapshot, debugDirectory: directory.path)
    let start = try Self.registers(pc: address(pc), registers)
    let walk = unwinder.walk(from: start, limit: limit)
    // What a walk finds depends on nothing but the snapshot.
    let again = unwinder.walk(from: start, limit: limit)
    #expect(again.frames == walk.frames && again.end == walk.end)
    return walk
  }

  static func registers(pc: UInt64, _ given: [Int: UInt64]) -> Registers {
    var values = (0..<17).map { 0x1111_0000 + UInt64($0) }
    values[6] = 0
    values[7] = stack
    values[16] = pc
    for (number, value) in given { values[number] = value }
    return Registers(dwarfOrder: values)
  }
}

/// Words, and where there are none a part of an image.
private struct LayeredMemory: MemoryReader {
  let words: Words
  let image: FakeMemory

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    if let word = words.words[address] {
      let count = min(buffer.count, 8)
      unsafe withUnsafeBytes(of: word.littleEndian) { unsafe buffer.copyMemory(from: .init(rebasing: $0[..<count])) }
      return count
    }
    return unsafe image.read(at: address, into: buffer)
  }
}

extension Walk {
  /// Addresses of its frames' pcs.
  var addresses: [UInt64] { frames.map(\.programCounter.address) }

  /// Why it failed, nil if it did not.
  var failure: String? { if case .failed(let reason) = end { reason } else { nil } }
}
