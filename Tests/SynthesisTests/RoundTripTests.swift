import Foundation
import TestSupport
import Testing

/// What is synthesized, pasted into a compiler's output without call frame information, is right.
struct RoundTripTests {
  private static let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "MutationTests/Programs").path

  @Test(
    arguments: [
      ["gcc", "-O2"], ["gcc", "-Os"], ["gcc", "-O0"], ["clang", "-O2", "-fomit-frame-pointer"], ["clang", "-Os"],
    ])
  func pastedDirectivesAreProvedByBothAssemblers(_ compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try PastedProgram(compiler + ["\(Self.programs)/frames.c"], in: directory)
    #expect(program.directives > 100)
    for assembler in ["gcc", "clang"] {
      let counts = try program.verdicts(by: assembler, in: directory)
      #expect(counts["refuted"] as? Int == 0)
      #expect((counts["unknown"] as? [String: Int])?.isEmpty == true, "\(assembler): \(counts)")
      #expect(counts["proved"] as? Int == counts["instructions"] as? Int)
      #expect((counts["proved"] as? Int ?? 0) > 500)
    }
  }
}
