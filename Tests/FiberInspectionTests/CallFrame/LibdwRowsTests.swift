import CallFrameInfo
import Foundation
import TestSupport
import Testing

@Suite struct LibdwRowsTests {
  /// Regular files of /usr/bin that have call frame information, in order of their names.
  private static let programs: [String] = {
    let directory = "/usr/bin"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.lazy.map { "\(directory)/\($0)" }.filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: $0)) == nil
        && !(LibdwFile($0)?.callFrameSection(.ehFrame)?.bytes.count ?? 0 < 32)
    }.prefix(200).map { $0 }
  }()

  /// The file that is loaded here under a name, which may go on with a version.
  private static func loadedLibrary(_ name: String) throws -> String {
    // /proc tells no sizes: this reads to the end.
    let file = try #require(FileHandle(forReadingAtPath: "/proc/self/maps"))
    let maps = String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    let paths = maps.split(separator: "\n").compactMap { line in line.firstIndex(of: "/").map { String(line[$0...]) } }
    return try #require(paths.first { $0.contains("/\(name)") }, "\(name) is not loaded")
  }

  /// Compares every row of every file, several files at a time, and prints how many there were.
  private func compare(_ paths: [String], _ what: String) async throws -> RowComparison.Result {
    let total = try await withThrowingTaskGroup(of: RowComparison.Result.self) { group in
      for path in paths {
        group.addTask { try #require(RowComparison.compare(path, .ehFrame), "\(path) has no .eh_frame") }
      }
      return try await group.reduce(into: RowComparison.Result()) { $0.add($1) }
    }
    print(
      "\(what): \(total.rows) rows of \(total.fdes) FDEs and \(total.expressions) expressions compared with libdw's")
    #expect(total.differenceCount == 0, "\(total.differences.joined(separator: "\n"))")
    return total
  }

  @Test func everyRowOfLargeLibrariesEqualsLibdws() async throws {
    let total = try await compare(
      [
        Self.loadedLibrary("libc.so.6"), Self.loadedLibrary("libstdc++.so.6"),
        "/usr/lib/x86_64-linux-gnu/libcrypto.so.3", Self.loadedLibrary("libswiftCore.so"),
      ], "libc, libstdc++, libcrypto, libswiftCore")
    #expect(total.rows > 150_000)
    #expect(total.expressions > 100)
  }

  @Test func everyRowOf200ProgramsEqualsLibdws() async throws {
    try #require(Self.programs.count == 200, "/usr/bin has \(Self.programs.count) programs with call frame information")
    let total = try await compare(Self.programs, "200 programs of /usr/bin")
    #expect(total.rows > 200_000)
    // Each has a procedure linkage table.
    #expect(total.expressions >= 200)
  }

  @Test(arguments: [
    ["gcc", "-gdwarf-2"], ["gcc", "-gdwarf-3"], ["gcc", "-gdwarf-4"], ["gcc", "-gdwarf-5"],
    ["clang", "-gdwarf-3"], ["clang", "-gdwarf-4"], ["clang", "-gdwarf-5"], ["clang", "-gdwarf-5", "-gdwarf64"],
  ])
  func everyRowOfDebugFrameEqualsLibdws(_ compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let library = directory.file("frames.so")
    let source = directory.file("frames.c")
    try Data(Self.source.utf8).write(to: URL(filePath: source))
    let options = ["-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-O2", "-fPIC", "-shared", "-nostdlib"]
    let built = try run("/usr/bin/env", compiler + options + ["-o", library, source])
    try #require(built.status == 0, "\(built.report)")
    let linked = try #require(RowComparison.compare(library, .debugFrame), "\(compiler) wrote no .debug_frame")
    #expect(linked.differenceCount == 0, "\(linked.differences)")
    #expect(linked.fdes >= 4 && linked.rows >= 15)

    // In a file of its own all other sections keep their addresses but no bytes.
    let debug = directory.file("frames.debug")
    let cut = try run("/usr/bin/env", ["objcopy", "--only-keep-debug", library, debug])
    try #require(cut.status == 0, "\(cut.report)")
    let separate = try #require(RowComparison.compare(debug, .debugFrame))
    #expect(separate.differenceCount == 0, "\(separate.differences)")
    #expect(separate.rows == linked.rows)
    print("\(compiler.joined(separator: " ")): \(linked.rows) rows of .debug_frame compared with libdw's")
  }

  /// Functions with frames of several kinds.
  private static let source = """
    #include <stdarg.h>
    long outside(long *, ...);
    long plain(long a) { return a + 1; }
    long saving(long a, long b, long c) {
      long x = outside(&a), y = outside(&b), z = outside(&c);
      return outside(&x, y, z, a, b, c) + x * y + z;
    }
    long variable(long count, ...) {
      va_list list;
      va_start(list, count);
      long words[count + 1];
      words[0] = va_arg(list, long);
      long result = outside(words, count);
      va_end(list);
      return result + words[count];
    }
    long aligned(long a) {
      long buffer[64] __attribute__((aligned(64)));
      buffer[0] = a;
      return outside(buffer) + outside(buffer, a, a, a, a, a, a, a, a);
    }
    """
}
