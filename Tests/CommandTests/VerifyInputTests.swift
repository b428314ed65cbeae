import Foundation
import TestSupport
import Testing

/// What `fibertrace verify` makes of files and directories of all kinds.
@Suite struct VerifyInputTests {
  @Test func whatIsNoProgramIsAnErrorInOneLineAndAllElseIsVerified() throws {
    let fixture = try VerifyFixture("wrong", "uncovered")
    let directory = fixture.directory
    try directory.write("", to: "empty")
    try directory.write("hello", to: "text")
    try directory.write("\u{7f}ELF", to: "magic")
    try run("/usr/bin/mkfifo", [directory.file("fifo")])
    try run("/usr/bin/ar", ["rc", directory.file("archive.a"), directory.file("wrong.o")])
    try run("/usr/bin/truncate", ["--size=100", try copy("wrong.o", to: "short.o", in: fixture)])
    let names = ["empty", "text", "magic", "fifo", "archive.a", "short.o", "absent", "/dev/null"]
    for name in names {
      let result = try fixture.verify(name)
      #expect(result.status == 3, "\(name): \(result.report)")
      #expect(result.complaints.count == 1, "\(name): \(result.errors)")
      #expect(result.errors.hasPrefix("fibertrace: \(name): "), "\(name): \(result.errors)")
    }
    #expect(try fixture.verify("archive.a").errors.contains("extract its members by ar x"))
    let all = try run(
      Package.product("fibertrace"), ["verify"] + names + ["uncovered.o"], directory: directory.path)
    #expect(all.status == 3)
    #expect(all.complaints.count == names.count)
    #expect(all.output.contains("uncovered.o: 1 FDE, 1 instruction: 100% proved"))
  }

  /// Cut anywhere, a file is verified as far as it goes, or refused: never a crash, never without a word.
  @Test func aFileCutShortIsNeverTakenForVerified() throws {
    let fixture = try VerifyFixture("wrong")
    let bytes = try Data(contentsOf: URL(filePath: fixture.file("wrong.o")))
    var names: [String] = []
    for size in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 40)) {
      names.append("cut-\(1000 + size).o")
      try bytes.prefix(size).write(to: URL(filePath: fixture.file(names.last ?? "")))
    }
    let result = try run(Package.product("fibertrace"), ["verify"] + names, directory: fixture.directory.path)
    #expect(!result.wasSignalled && [1, 3].contains(result.status), "\(result.report)")
    for name in names { #expect(result.errors.contains("\(name): "), "\(name)") }
  }

  @Test func aDirectoryIsItsProgramsEachOnceInOrder() throws {
    let fixture = try VerifyFixture("uncovered")
    let manager = FileManager.default
    try manager.createDirectory(atPath: fixture.file("tree/b/c"), withIntermediateDirectories: true)
    for name in ["tree/z.o", "tree/a.o", "tree/b/c/d.o"] { _ = try copy("uncovered.o", to: name, in: fixture) }
    try manager.linkItem(atPath: fixture.file("tree/a.o"), toPath: fixture.file("tree/hard.o"))
    try manager.createSymbolicLink(atPath: fixture.file("tree/soft.o"), withDestinationPath: "a.o")
    try manager.createSymbolicLink(atPath: fixture.file("tree/loop"), withDestinationPath: "..")
    try fixture.directory.write("hello", to: "tree/text")
    try fixture.directory.write("", to: "tree/empty")
    try run("/usr/bin/mkfifo", [fixture.file("tree/fifo")])
    // Another machine's.
    var foreign = try Data(contentsOf: URL(filePath: fixture.file("uncovered.o")))
    foreign[18] = 183
    try foreign.write(to: URL(filePath: fixture.file("tree/arm.o")))

    let result = try fixture.verify("tree")
    #expect(result.status == 0, "\(result.report)")
    #expect(
      result.lines.map { $0.prefix { $0 != ":" } } == ["tree/a.o", "tree/b/c/d.o", "tree/z.o", "3 files"])
    #expect(
      result.complaints == ["fibertrace: tree: passed over 4 other files, 2 symbolic links, 1 further hard link"])
    // What is named is verified, a link too.
    #expect(try fixture.verify("tree/soft.o", "tree/hard.o").output.contains("tree/hard.o: 1 FDE"))

    try Data([0x7f, 0x45, 0x4c, 0x46]).write(to: URL(filePath: fixture.file("tree/broken")))
    #expect(try fixture.verify("tree").status == 3)
  }

  @Test func aDirectoryWithoutAProgramIsNotVerified() throws {
    let fixture = try VerifyFixture()
    try fixture.directory.write("hello", to: "text")
    let result = try fixture.verify(".")
    #expect(result.status == 3)
    #expect(result.complaints.last?.contains("a directory without a program") == true)
  }

  @Test func namesComeFromTheDebugFileThatIsNamed() throws {
    let fixture = try VerifyFixture("wrong", "uncovered")
    let source = "\(Package.root)/Tests/CommandTests/Programs/verify/wrong.s"
    for (name, seed) in [("program", "1"), ("other", "2")] {
      let program = try fixture.build(
        ["-g", "-nostdlib", "-static", "-Wl,-e,right,--build-id=0x\(seed)\(seed)", source], as: name)
      try run("/usr/bin/objcopy", ["--only-keep-debug", program, "\(program).symbols"])
      try run("/usr/bin/strip", ["--strip-all", program])
    }
    let plain = try fixture.verify("program")
    #expect(plain.status == 1)
    #expect(!plain.output.contains(" in wrong+1"))
    let named = try fixture.verify("program", "--debug-file", "program.symbols", "--function", "wrong")
    #expect(named.status == 1, "\(named.report)")
    #expect(named.output.contains("cfa-wrong in wrong+1"))
    #expect(named.output.contains("wrong.s:8)"), "\(named.output)")

    for path in ["other.symbols", "absent", "."] {
      let result = try fixture.verify("program", "--debug-file", path)
      #expect(result.status == 3)
      #expect(result.complaints.count == 1)
      #expect(result.errors.hasPrefix("fibertrace: program: \(path): "), "\(result.errors)")
    }
    #expect(try fixture.verify(".", "--debug-file", "program.symbols").status == 3)
    #expect(try fixture.verify("program.symbols").errors.contains("a separate debug file"))
  }

  private func copy(_ name: String, to other: String, in fixture: VerifyFixture) throws -> String {
    try FileManager.default.copyItem(atPath: fixture.file(name), toPath: fixture.file(other))
    return fixture.file(other)
  }
}
