import TestSupport
import Testing

/// Every command on a process whose registry, records and stacks are overwritten, one word after the other.
@Suite struct DamageTests {
  private static let registry = "ft_fiber_registry."
  private static let chunk = "((struct ft_chunk *)ft_fiber_registry.chunks)->"

  /// A place in Programs/fibers.c and what is written there.
  private static let harms: [(place: String, value: String)] =
    [
      ("magic", "1"), ("version", "99"), ("head_size", "8"), ("head_size", "0xffffffff"), ("record_size", "0"),
      ("record_size", "8"), ("record_size", "0xffffffff"), ("chunk_records_offset", "0xfffffff0"), ("chunks", "0x10"),
      ("chunks", "(unsigned long)&ft_fiber_registry"), ("chunks", "0xffffffffffffff00"), ("sp_offset", "0xfff0"),
      ("identity_shift", "200"), ("suspended_pc", "0x10"), ("end_record", "0"), ("has_link", "0"),
    ].map { (registry + $0.0, $0.1) }
    + [
      ("next", "ft_fiber_registry.chunks"), ("next", "0x1234"), ("capacity", "0xffffffffffff"), ("capacity", "0"),
    ].map { (chunk + $0.0, $0.1) }
    + [
      ("name", "0x10"), ("name", "-8"), ("wait", "-1"), ("sp", "0x4141414141414141"), ("base", "0x10"), ("base", "-16"),
      ("low", "-1"), ("identity", "below.record->identity"), ("identity", "-1"), ("identity", "0"), ("count", "1"),
      ("count", "-1"), ("creator", "1"),
    ].map { ("above.record->\($0.0)", $0.1) }
    + [
      ("above.record->sp", "0"), ("above.record->sp", "above.record->sp"), ("above.record->sp", "-1"),
      ("above.record->base", "above.record->base"), ("above.record->base", "0"), ("above.record->base", "-8"),
      ("middle.record->base", "0"), ("middle.record->base", "middle.record->base"),
      ("middle.record->base", "inner.record->base"), ("inner.record->base", "-1"),
    ].map { ("*(unsigned long *)\($0.0)", $0.1) }
    + [("inner.record->count", "0"), ("outer.record->base", "inner.record->base")]

  @Test("Whatever is overwritten, each command ends without a traceback, and what cannot be shown is refused in a line")
  func everyWord() async throws {
    let path = try await FibersForm(compiler: .clang, isRelease: false).program.path()
    let program = try RunningProgram(path, until: "ready")
    let after =
      ["info fibers", "fiber 2", "bt 20", "fiber 7", "bt 20", "fiber apply all bt 3", "fiber find $sp"]
      + ["print $_fiber()", "print $_fiber_count()", "fiber none"]
    var commands = ["info fibers"]
    for harm in Self.harms {
      commands += ["set var $kept = \(harm.place)", "set var \(harm.place) = \(harm.value)"] + after
      commands.append("set var \(harm.place) = $kept")
    }
    commands.append("info fibers")
    let session = try await GdbSession.run(.process(program.id), script: true, commands: commands)
    try #require(session.answers.count == commands.count, "\(session.whole)")
    let whole = session[0]
    #expect(whole.contains("8 fibers: "), "\(whole)")
    #expect(session.last.lines == whole.lines, "what was damaged was not written back: \(session.last)")
    let block = after.count + 3
    for (number, harm) in Self.harms.enumerated() {
      let answers = (0..<block).map { session[1 + number * block + $0] }
      #expect(answers[0].lines.isEmpty && answers[1].lines.isEmpty, "\(harm): \(answers)")
      for answer in [answers[3], answers[5]] where !answer.lines.contains(where: { $0.hasPrefix("[Switching to ") }) {
        #expect(answer.lines.count { !$0.hasPrefix("warning: ") } == 1, "\(harm): \(answer)")
      }
    }
  }
}
