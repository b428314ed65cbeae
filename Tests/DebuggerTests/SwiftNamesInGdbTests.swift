import Foundation
import TestSupport
import Testing

/// Swift's names, which gdb 13 shows mangled, as the script reads them.
@Suite struct SwiftNamesInGdbTests {
  /// What the script makes of names, in their order.
  private func readable(_ names: [String]) async throws -> [String] {
    let directory = try TemporaryDirectory()
    let file = directory.file("names")
    try names.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
    let session = try await GdbSession.run(
      .nothing, script: true, "python from fibertrace_gdb.swift_names import readable",
      "python for name in open('\(file)').read().split(): print(readable(name))")
    #expect(session.last.lines.count == names.count, "\(session.whole)")
    return session.last.lines
  }

  private static let examples = [
    ("$s5crowd16waitForTheConvoyyyAA4ShipC_10FiberTrace0G0V7SuspendVyytytyt_GtKF", "crowd.waitForTheConvoy"),
    (
      "$s5crowd5CrowdV5stand33_E773E2B99899C3EB814C4936B9EF948ALLys5NeverOAA7HarbourVFTf4nx_n",
      "crowd.Crowd.stand"
    ),
    (
      "$s10FiberTrace0A0V7SuspendVAAytRs_rlE14callAsFunction7waitingxs12StaticStringVSg_tAA0A5ErrorVYKF",
      "FiberTrace.Fiber.Suspend.callAsFunction"
    ),
    ("$s10FiberTrace0A5PhaseO8rawValueACSgs5UInt8V_tcfCTf4nd_n", "FiberTrace.FiberPhase.init"),
    ("$s10FiberTrace0A0VAAs5NeverORszAERs_AERs0_rlE11isCancelledSbvgZ", "FiberTrace.Fiber.isCancelled.getter"),
    (
      "$s10FiberTrace06UnsafeA5StartVyACq0_AA0A0V7SuspendVyxq_q0__G_xtKccr1_lufcyAA0cA6RecordV_SpyAA0cA3TopVGSvtcfU_TA",
      "partial apply for closure #1 in FiberTrace.UnsafeFiberStart.init"
    ),
    ("$s10Foundation11MeasurementVA2A9DimensionCRbzrlE1poiyACyxGAG_AGtFZ", "Foundation.Measurement.+"),
  ]

  @Test func namesReadAsOneWritesThem() async throws {
    let found = try await readable(Self.examples.map(\.0))
    #expect(found == Self.examples.map(\.1))
  }

  /// Other languages' names, witnesses, and names that end too early, have a substitution or a length that is none, or say more
  /// than there is room for.
  @Test func whatIsNotCertainStaysAsItIs() async throws {
    let whole = Self.examples[0].0
    let names =
      [
        "main", "_ZN5outer5innerEv", "$s", "$s5crowd", "$sA", "$sAAAAF", "$s0aF", "$s99999999crowdF",
        "$s5crowd4sailyyFZZZ_",
        "$s4crowV8observedA", "$s5crowd5CrowdV14ArgumentParser15ParsableCommandAadEP3runyyKFTW", "$s1aV2048A99999999_F",
      ] + (3..<whole.count).map { String(whole.prefix($0)) }
    let found = try await readable(names)
    #expect(found == names)
  }

  /// Each name that the script reads, swift-demangle has too.
  @Test func namesOfAWholeProgramAreThoseOfSwiftDemangle() async throws {
    let program = try Package.product("crowd")
    let symbols = try await CommandQueue.run("nm", [program]).lines.compactMap { line -> String? in
      let words = line.split(separator: " ")
      return words.count == 3 && words[2].hasPrefix("$s") && "tT".contains(words[1]) ? String(words[2]) : nil
    }
    let names = Set(symbols).sorted()
    let found = try await readable(names)
    let directory = try TemporaryDirectory()
    try names.joined(separator: "\n").write(toFile: directory.file("names"), atomically: true, encoding: .utf8)
    let demangled = try await CommandQueue.run(
      "sh", ["-c", "swift-demangle -compact < \(directory.file("names"))"]
    ).lines
    try #require(demangled.count == names.count)
    var read = 0
    for (name, (text, whole)) in zip(names, zip(found, demangled)) where text != name {
      read += 1
      // The declaration itself, and what it lies in: "sail" and "Ship" of "crowd.Ship.sail".
      let path = text.components(after: " in ").split(separator: ".").suffix(2)
      #expect(path.allSatisfy { whole.contains($0) }, "\(name): \(text), \(whole)")
    }
    // Most others are witnesses and metadata.
    #expect(read > names.count / 4, "\(read) of \(names.count)")
  }
}

extension String {
  /// What follows the last `separator`, all where there is none.
  fileprivate func components(after separator: String) -> Substring {
    ranges(of: separator).last.map { self[$0.upperBound...] } ?? self[...]
  }
}
