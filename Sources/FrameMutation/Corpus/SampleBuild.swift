/// One sample program built in one way.
package struct SampleBuild: Sendable, Hashable {
  /// Path of the source.
  package let source: String
  /// What the build is called in tables: "shapes gcc -O2".
  package let name: String
  /// A compiler, looked up in PATH, and its arguments but for the output.
  package let command: [String]

  /// Its functions may leave another value in the register of errors.
  package var isSwift: Bool { source.hasSuffix(".swift") }

  /// As issue reports and papers compare them: both C compilers at four levels, Swift at two; and with frame pointers, which both
  /// leave out at -O2 anyway.
  private static let levels: [[String]] = [
    ["-O0"], ["-O2"], ["-O2", "-fomit-frame-pointer"], ["-O2", "-fno-omit-frame-pointer"], ["-Os"],
  ]

  /// All builds of these sources: of C and C++ with gcc and clang, of Swift. Others are left out.
  package static func all(of sources: [String]) -> [SampleBuild] {
    sources.sorted().flatMap { source -> [SampleBuild] in
      let file = source.split(separator: "/").last ?? ""
      let name = file.split(separator: ".").first.map(String.init) ?? source
      switch file.split(separator: ".").last {
      case "c": return builds(source, name, ["gcc", "clang"], ["-std=gnu11", "-pthread"])
      case "cpp": return builds(source, name, ["g++", "clang++"], ["-std=c++17", "-pthread"])
      case "swift":
        return [["-Onone"], ["-O"]].map { level in
          SampleBuild(
            source: source, name: "\(name) swiftc \(level[0])",
            command: ["swiftc", "-parse-as-library"] + level + [source])
        }
      default: return []
      }
    }
  }

  private static func builds(
    _ source: String, _ name: String, _ compilers: [String], _ options: [String]
  ) -> [SampleBuild] {
    compilers.flatMap { compiler in
      levels.map { level in
        SampleBuild(
          source: source, name: "\(name) \(compiler) \(level.joined(separator: " "))",
          command: [compiler] + options + level + [source, "-lm"])
      }
    }
  }
}
