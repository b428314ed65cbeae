import Foundation
import TestSupport

/// The modules that the test bundle was built with, for programs that are compiled by a test.
enum BuiltModules {
  /// Compiles a program that imports FiberTrace as far as the compiler finds errors: data races after all else.
  static func compile(_ text: String) throws -> CommandResult {
    let directory = try TemporaryDirectory()
    let source = try directory.write("import FiberTrace\n" + text, to: "main.swift")
    let products = URL(filePath: try Package.product("movement")).deletingLastPathComponent()
    var arguments = [
      "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-I", products.appending(path: "Modules").path,
    ]
    for module in ["CFiberAsm", "CUnwindShim"] {
      let map = "-fmodule-map-file=\(products.path)/\(module).build/module.modulemap"
      for option in [map, "-I\(Package.root)/Sources/\(module)/include"] { arguments += ["-Xcc", option] }
    }
    arguments += ["-module-cache-path", directory.file("cache"), source]
    return try run("/usr/bin/env", ["swiftc"] + arguments)
  }
}
