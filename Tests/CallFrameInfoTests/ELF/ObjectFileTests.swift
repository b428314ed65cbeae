import TestSupport
import Testing

@testable import CallFrameInfo

@Suite struct ObjectFileTests {
  /// Sections that a linker changes by their relocations only. (Strings, for one, it merges.)
  private static let compared: Set<String> = [
    ".eh_frame", ".eh_frame.kept", ".debug_frame", ".debug_aranges", ".gcc_except_table", ".data.rel",
  ]

  @Test(arguments: CompiledObjects.recipes)
  func sectionsAndSymbolsAreThoseOfReadelf(_ recipe: CompiledObjects.Recipe) throws {
    let directory = try TemporaryDirectory()
    let path = try CompiledObjects.make(recipe, in: directory)
    let file = try ELFFile(reading: RealFiles.source(path))
    let difference = try Readelf.difference(file, path: path)
    #expect(difference == nil)
  }

  @Test(arguments: CompiledObjects.recipes)
  func relocatedSectionsAreThoseOfTheLinkerAtTheSameAddresses(_ recipe: CompiledObjects.Recipe) throws {
    let directory = try TemporaryDirectory()
    let object = try ELFFile(reading: RealFiles.source(CompiledObjects.make(recipe, in: directory)))
    let loaded = object.sections.filter { $0.isAllocated && $0.size != 0 }
    try #require(Set(loaded.map(\.name)).count == loaded.count, "names are what the linker's script tells them by")
    let script = loaded.map { "  \($0.name) \($0.address) : SUBALIGN(1) { *(\($0.name)) }\n" }.joined()
    let scriptPath = try directory.write("SECTIONS {\n\(script)}\n", to: "script.ld")
    // In the traditional format the linker neither merges nor drops what is in .eh_frame.
    try SystemTool.run(
      SystemTool.path(of: "ld"),
      [
        "--traditional-format", "--unresolved-symbols=ignore-all", "--no-warnings", "-N", "-e", "0", "-T", scriptPath,
        directory.file("object.o"), "-o", directory.file("linked"),
      ])
    let linked = try ELFFile(reading: RealFiles.source(directory.file("linked")))
    var count = 0
    for section in object.sections where Self.compared.contains(section.name) && section.size != 0 {
      let other = try #require(linked.section(named: section.name))
      #expect(other.address == section.address)
      let expected = try linked.contents(of: other)
      let bytes = try object.contents(of: section)
      let differing = zip(bytes, expected).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
      #expect(bytes.count == expected.count && differing.isEmpty, "\(section.name): bytes \(differing) differ")
      let stored = try object.storedBytes(of: section)
      if stored != bytes { count += 1 }
    }
    #expect(count > 0, "no section that relocations change")
  }

  @Test func severalFramesOfOneObjectAreRelocatedEach() throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
        .text
        .skip 32
      here:
        .section .eh_frame, "a", @progbits
        .quad here
        .section .eh_frame, "aG", @progbits, one, comdat
        .quad 0, here + 1
        .section .eh_frame, "aG", @progbits, two, comdat
        .quad here + 2 - .

      """, to: "frames.s")
    try SystemTool.run(SystemTool.path(of: "gcc"), ["-c", source, "-o", directory.file("frames.o")])
    let file = try ELFFile(reading: RealFiles.source(directory.file("frames.o")))
    let frames = try file.sections(named: ".eh_frame")
    #expect(frames.map(\.isGroupMember) == [false, true, true])
    let here = try #require(file.section(named: ".text")).address + 32
    #expect(try file.contents(of: frames[0]).littleEndian(0) == here)
    #expect(try file.contents(of: frames[1]).littleEndian(8) == here + 1)
    #expect(try file.contents(of: frames[2]).littleEndian(0) == here + 2 &- frames[2].address)
  }

  @Test func objectsOfMoreThan65280SectionsAreReadWhole() throws {
    let directory = try TemporaryDirectory()
    let functions = (0..<22_000).map {
      "  .section .text.f\($0), \"ax\"\n  .globl f\($0)\nf\($0):\n  .quad f\($0)\n  .section .data.f\($0), \"aw\"\n  .byte 1\n"
    }
    let source = try directory.write(functions.joined(), to: "many.s")
    try SystemTool.run(SystemTool.path(of: "gcc"), ["-c", source, "-o", directory.file("many.o")])
    let file = try ELFFile(reading: RealFiles.source(directory.file("many.o")))
    #expect(file.sections.count > 66_000)
    let difference = try Readelf.difference(file, path: directory.file("many.o"))
    #expect(difference == nil)
    let last = try #require(file.section(named: ".text.f21999"))
    #expect(try file.contents(of: last).littleEndian(0) == last.address)
  }

  @Test func aDebugFileHasAddressesAndSymbolsButNoCode() throws {
    let directory = try TemporaryDirectory()
    let recipe = CompiledObjects.Recipe(compiler: "gcc", language: .c, options: ["-g"])
    let program = directory.file("program")
    try SystemTool.run(
      SystemTool.path(of: "gcc"),
      ["-Wl,--build-id", try CompiledObjects.make(recipe, in: directory), "-o", program])
    let objcopy = try SystemTool.path(of: "objcopy")
    let debug = directory.file("program.debug")
    try SystemTool.run(objcopy, ["--only-keep-debug", "--compress-debug-sections", program, debug])
    try SystemTool.run(objcopy, ["--strip-all", "--add-gnu-debuglink=\(debug)", program, directory.file("stripped")])

    let whole = try ELFFile(reading: RealFiles.source(program))
    let split = try ELFFile(reading: RealFiles.source(debug))
    let stripped = try ELFFile(reading: RealFiles.source(directory.file("stripped")))
    for (file, path) in [(whole, program), (split, debug), (stripped, directory.file("stripped"))] {
      let difference = try Readelf.difference(file, path: path)
      #expect(difference == nil)
    }
    let text = try #require(split.section(named: ".text"))
    #expect(text.range == whole.section(named: ".text")?.range)
    #expect(try split.contents(of: text).isEmpty)
    #expect(split.bytes(atAddress: text.address, count: 8).isEmpty)
    #expect(stripped.bytes(atAddress: text.address, count: 8).count == 8)
    #expect(whole.buildID?.count == 20 && split.buildID == whole.buildID && stripped.buildID == whole.buildID)
    #expect(try split.symbols()?.section.name == ".symtab")
    #expect(try stripped.symbols()?.section.name == ".dynsym")
    #expect(try split.symbols()?.count == whole.symbols()?.count)
    let checksum = crc32(try RealFiles.source(debug).contents)
    #expect(stripped.debugLink == DebugLink(name: "program.debug", checksum: checksum))
    #expect(split.debugLink == nil)
  }

  /// IEEE 802.3, reflected.
  private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc: UInt32 = .max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 0 ? 0 : 0xedb8_8320) }
    }
    return ~crc
  }
}
