import Foundation
import TestSupport
import Testing

/// Who writes a core.
enum CoreMaker: String, CaseIterable, Sendable {
  case kernel, gcore

  /// A core of the program in this mode, in `directory`.
  ///
  /// - Parameter signal: What ends the program for the kernel's core. Swift Testing's children start with SIGABRT blocked: a
  ///   program that does not unblock it needs another, such as SIGSEGV.
  func make(
    of mode: String..., program: String? = nil, signal: Int32 = SIGABRT, in directory: TemporaryDirectory
  ) throws -> String {
    let path = try program ?? FiberProgram.path()
    switch self {
    case .gcore:
      let running = try RunningProgram(arguments: mode, path: path)
      try running.settle()
      let made = try run("/usr/bin/env", ["gcore", "-o", directory.file("made"), "\(running.id)"])
      try #require(made.status == 0, "\(made.report)")
      return directory.file("made.\(running.id)")
    case .kernel:
      let pattern = try String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8)
      try #require(
        !pattern.hasPrefix("|") && !pattern.hasPrefix("/"),
        "kernel.core_pattern must name a file in the current directory")
      let script = "cd \"$1\" && ulimit -c unlimited && shift && exec \"$@\""
      let running = try RunningProgram(arguments: ["-c", script, "sh", directory.path, path] + mode, path: "/bin/sh")
      try running.settle()
      running.send(signal)
      _ = running.finish()
      let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { $0.hasPrefix("core") }
      return directory.file(try #require(names.first, "the kernel wrote no core"))
    }
  }
}
