import Foundation
import TestSupport
import Testing

/// What Docs/unit-tests-of-assembly.md shows is so.
@Suite("The page on unit tests of assembly")
struct StepDocumentTests {
  private let page: String
  private let directory: TemporaryDirectory

  init() throws {
    page = try String(contentsOf: URL(filePath: "\(Package.root)/Docs/unit-tests-of-assembly.md"), encoding: .utf8)
    directory = try TemporaryDirectory()
  }

  private func blocks(_ language: String) -> [String] {
    page.matches(of: /```([a-z]*)\n(.*?)```/.dotMatchesNewlines()).filter { $0.1 == language }.map { String($0.2) }
  }

  /// Runs the commands of a block as they stand, with the library found as if it were installed; their output as the page shows it.
  private func shown(_ block: String) throws -> String {
    let library = URL(filePath: try Package.release("libFiberTraceStepping.so")).deletingLastPathComponent().path
    let environment = [
      "CPATH": "\(Package.root)/Sources/CFiberTraceStepping/include", "LIBRARY_PATH": library,
      "LD_LIBRARY_PATH": library,
    ]
    var text = ""
    for line in block.split(separator: "\n") where line.hasPrefix("$ ") {
      let result = try run(
        "bash", ["-c", String(line.dropFirst(2))], environment: environment, directory: directory.path)
      #expect(result.errors.isEmpty, "\(result.report)")
      text += "\(line)\n" + result.output
    }
    return Self.stable(text.replacing(directory.path, with: "/src"))
  }

  /// Without what depends on the compiler of the caller.
  private static func stable(_ text: String) -> String { text.replacing(/[0-9]+ instructions/, with: "N instructions") }

  @Test("The test in C finds what the page says, and then nothing more")
  func inC() throws {
    let source = try #require(blocks("asm").first)
    try directory.write(source, to: "copy.S")
    try directory.write(#require(blocks("c").first), to: "copy_test.c")
    let sessions = blocks("console")
    try #require(sessions.count == 2)
    #expect(try shown(sessions[0]) == Self.stable(sessions[0]))
    let finding = try #require(sessions[0].split(separator: "\n").last)
    #expect(blocks("") == ["\(finding)\n"])
    let directive = try #require(page.firstMatch(of: /until `(\.cfi[^`]*)` stands before `ret`/)?.1)
    try directory.write(source.replacing("        ret\n", with: "        \(directive)\n        ret\n"), to: "copy.S")
    #expect(try shown(sessions[1]) == Self.stable(sessions[1]))
  }

  @Test("The test in Swift compiles against the product")
  func inSwift() throws {
    let test = try #require(blocks("swift").last)
    try directory.write(test, to: "CopyTests.swift")
    try directory.write("#include <stddef.h>\nvoid *copy(void *, const void *, size_t);\n", to: "copy.h")
    try directory.write("module CCopy { header \"copy.h\" }\n", to: "module.modulemap")
    let products = URL(filePath: try Package.product("fibertrace")).deletingLastPathComponent().path
    let places = ["-I", "\(products)/Modules", "-I", directory.path] + (try Self.modulesOfC(products))
    let result = try run(
      "/usr/bin/env",
      ["swiftc", "-typecheck", "-swift-version", "6"] + places + [directory.file("CopyTests.swift")])
    #expect(result.succeeded, "\(result.report)")
    // The product that the page names is one of the manifest.
    let manifest = try String(contentsOf: URL(filePath: "\(Package.root)/Package.swift"), encoding: .utf8)
    let product = try #require(page.firstMatch(of: /\.product\(name: "([A-Za-z]*)", package: "FiberTrace"\)/)?.1)
    #expect(manifest.contains(".library(name: \"\(product)\", targets: [\"\(product)\"])"))
    #expect(test.contains("import \(product)\n"))
  }

  /// What SwiftPM tells the compiler of modules of C.
  private static func modulesOfC(_ products: String) throws -> [String] {
    let sources = "\(Package.root)/Sources"
    return try FileManager.default.contentsOfDirectory(atPath: sources).flatMap { name in
      let written = "\(sources)/\(name)/module.modulemap"
      let made = "\(products)/\(name).build/module.modulemap"
      return [written, made].filter(FileManager.default.fileExists(atPath:)).flatMap {
        ["-Xcc", "-fmodule-map-file=\($0)"]
      }
    }
  }

  @Test("The page has each rule")
  func rules() throws {
    let file = "\(Package.root)/Sources/ExecutionVerification/InProcess/StepCheck+Report.swift"
    let source = try String(contentsOf: URL(filePath: file), encoding: .utf8)
    let rules = source.matches(of: /Rule\(rawValue: "([a-z-]*)"\)/).map { String($0.1) }
    let rows = page.matches(of: /\n\| `([a-z-]*)` \|/).map { String($0.1) }
    #expect(rules.count == 12)
    #expect(rows == rules)
  }
}
