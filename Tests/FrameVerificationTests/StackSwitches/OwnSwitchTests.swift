import Foundation
import FrameVerification
import TestSupport
import Testing

/// Our own switch: every instruction proved, and not by leniency.
@Suite struct OwnSwitchTests {
  private static let source = "\(Package.root)/Sources/CFiberAsm"
  private static let options = ["-I", source, "-I", "\(source)/include", "-O2"]

  private func checked(_ text: String) throws -> Checked {
    let directory = try TemporaryDirectory()
    return try Checked(assembling: directory.write(text, to: "switch.S"), in: directory, Self.options)
  }

  @Test func `every instruction of the switch and of the C around it is proved`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.source)
      .filter { $0.hasSuffix(".c") || $0.hasSuffix(".S") }
      // They have code in other builds only.
      .filter { $0 != "sanitizers.c" && $0 != "stack_cache.c" }.sorted()
    #expect(files.contains("fiber_x86_64.S"))
    var instructions = 0
    for file in files {
      let directory = try TemporaryDirectory()
      let checked = try Checked(assembling: "\(Self.source)/\(file)", in: directory, Self.options)
      #expect(checked.findings.isEmpty, "\(file): \(checked.findings.map(\.explanation))")
      #expect(checked.proved == checked.instructions, "\(file): \(checked.verdicts.map(\.unknown))")
      instructions += checked.instructions
    }
    #expect(instructions > 1000)
  }

  /// What may go without making a row wrong: caller-saved registers, which nobody recovers; a restored rbp, which the word below
  /// rsp still holds; what says nothing of values; and the end of the chain, which is never executed.
  private static let harmless = [
    #"^\.cfi_undefined %r(ax|cx|dx|si|ip)\b"#, #"^\.cfi_undefined %?\\register"#, #"^\.cfi_restore "#,
    #"^\.cfi_signal_frame"#, #"^\.cfi_personality "#, #"^\.cfi_(start|end)proc"#,
  ]

  @Test func `without any one of its directives some instruction is not proved`() throws {
    let lines = try String(contentsOfFile: "\(Self.source)/fiber_x86_64.S", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var isSanitized = false
    var dropped = 0
    for (index, line) in lines.enumerated() {
      // Not in this build.
      if line.hasPrefix("#ifdef FT_SANITIZED") { isSanitized = true }
      if line.hasPrefix("#endif") { isSanitized = false }
      let directive = line.trimmingCharacters(in: .whitespaces)
      guard directive.hasPrefix(".cfi_"), !isSanitized else { continue }
      // The macro of them all has the callee-saved ones, too.
      if Self.harmless.contains(where: { directive.range(of: $0, options: .regularExpression) != nil }) { continue }
      var mutant = lines
      mutant[index] = ""
      let checked = try checked(mutant.joined(separator: "\n"))
      #expect(checked.proved < checked.instructions, "line \(index + 1) dropped: \(directive)")
      dropped += 1
    }
    #expect(dropped >= 18)
  }
}
