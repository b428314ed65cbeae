internal import Foundation
internal import TestSupport

/// Builds programs of `Tests/SwitchTests/Programs` together with the switch itself.
struct ProgramBuilder {
  /// A compiler driver; C++ sources ask for its C++ sibling.
  enum Compiler: String, CaseIterable, Sendable {
    /// The Swift toolchain's, which knows preserve_none.
    case clang
    /// The system's, which goes through the plain C entry points.
    case gcc
  }

  struct BuildError: Error, CustomStringConvertible {
    var description: String
  }

  /// The package's root.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let programs = root.appending(path: "Tests/SwitchTests/Programs")
  static let switchSources = root.appending(path: "Sources/CFiberAsm")

  private let directory: TemporaryDirectory

  /// Programs are built into a directory of this builder, which goes when the last copy of the builder goes.
  init() throws {
    directory = try TemporaryDirectory()
  }

  /// A path for a file of this builder's programs.
  func path(_ name: String) -> String { directory.file(name) }

  /// Compiles `sources` (names in `Programs`, or absolute paths) with the switch, and links them to one program. Warnings are errors.
  ///
  /// - Parameters:
  ///   - flags: options of compiler and linker, after `-O2 -g`.
  ///   - assembly: a text to use in place of `fiber_x86_64.S`.
  /// - Returns: the program's path.
  func build(
    _ sources: [String], named name: String, with compiler: Compiler, flags: [String] = [], assembly: String? = nil
  ) async throws -> String {
    let program = path(name)
    var switchFiles = [
      "fiber_x86_64.S", "registry.c", "records.c", "personality.c", "sanitizers.c", "stacks.c", "catches.c",
      "float_control.c",
    ].map { Self.switchSources.appending(path: $0).path }
    if let assembly {
      switchFiles[0] = path("\(name).S")
      try Data(assembly.utf8).write(to: URL(filePath: switchFiles[0]))
    }
    var files = sources.map { $0.hasPrefix("/") ? $0 : Self.programs.appending(path: $0).path }
    let isCPlusPlus = sources.contains { $0.hasSuffix(".cpp") }
    if isCPlusPlus {
      // The C++ driver would take .c files for C++.
      for index in switchFiles.indices.dropFirst() {
        let object = path("\(name)-\(index).o")
        try await compile(
          try Self.driver(compiler, isCPlusPlus: false), ["-c", switchFiles[index], "-o", object],
          flags: flags.filter { $0.hasPrefix("-fsanitize=") || $0.hasPrefix("-g") })
        switchFiles[index] = object
      }
    }
    files += switchFiles
    try await compile(
      try Self.driver(compiler, isCPlusPlus: isCPlusPlus), files + ["-o", program, "-pthread"], flags: flags)
    return program
  }

  /// Compiles one source that has nothing to do with the switch, for instance a tool that looks at a program.
  func buildTool(_ source: String, named name: String, libraries: [String]) async throws -> String {
    try await compile(
      "gcc", [Self.programs.appending(path: source).path, "-o", path(name)], flags: libraries.map { "-l\($0)" })
    return path(name)
  }

  /// Compiles the source at `path`, which need not be one of `Programs`, to an object. Warnings are errors.
  func compile(_ path: String, to object: String, with compiler: Compiler, flags: [String]) async throws {
    let driver = try Self.driver(compiler, isCPlusPlus: path.hasSuffix(".cpp"))
    try await compile(driver, ["-c", path, "-o", object], flags: flags)
  }

  private func compile(_ driver: String, _ arguments: [String], flags: [String]) async throws {
    let include = Self.switchSources.appending(path: "include").path
    let result = try await CommandQueue.run(
      driver, ["-O2", "-g", "-Wall", "-Wextra", "-Werror", "-I", include] + arguments + flags)
    guard result.succeeded else {
      throw BuildError(description: "\(driver) \(arguments.joined(separator: " ")): \(result.report)")
    }
  }

  /// The driver's path. clang is the one beside `swiftc`: another in PATH may be too old for preserve_none.
  private static func driver(_ compiler: Compiler, isCPlusPlus: Bool) throws -> String {
    switch compiler {
    case .gcc:
      return isCPlusPlus ? "g++" : "gcc"
    case .clang:
      return try toolchain().appending(path: "bin/clang" + (isCPlusPlus ? "++" : "")).path
    }
  }

  /// The Swift toolchain's folder, which has `bin` and `lib`.
  static func toolchain() throws -> URL {
    let directories = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    for directory in directories
    where ["swiftc", "clang"].allSatisfy({ FileManager.default.isExecutableFile(atPath: "\(directory)/\($0)") }) {
      // The directory may hold links alone.
      let compiler = URL(filePath: "\(directory)/swiftc").resolvingSymlinksInPath()
      return compiler.deletingLastPathComponent().deletingLastPathComponent()
    }
    throw BuildError(description: "no directory in PATH holds swiftc and clang: add the Swift toolchain's to PATH")
  }
}
