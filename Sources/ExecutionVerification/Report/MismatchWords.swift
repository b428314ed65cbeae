internal import CallFrameInfo
internal import FrameVerification

/// Sentences about what a row says and what was so when it was executed.
struct MismatchWords {
  let mismatch: Mismatch
  /// The row in force there, if it can be read.
  let row: Row?
  /// The name of a place in code.
  let name: (Mismatch.Place) -> String?

  /// Stacks are farther apart than this, in bytes.
  private static let farthest: UInt64 = 1 << 16

  /// The rule that is broken.
  var rule: Rule {
    switch mismatch.subject {
    case .cfa: .stepCFA
    case .returnAddress, .returnAddressSlot: .stepReturnAddress
    case .register: .stepRegister
    case .walk: .stepWalk
    case .outermost: .stepOutermost
    case .failed: .stepRowFailed
    }
  }

  /// What tells two findings of one rule in one function apart: the register, by DWARF number.
  var register: UInt8? {
    if case .register(let number) = mismatch.subject { return number }
    return nil
  }

  /// What the row says: "CFA = rsp+8".
  var claim: String {
    switch mismatch.subject {
    case .cfa:
      switch row?.cfa {
      case .register(let register, let offset): return "CFA = \(RegisterNames.name(register))\(Self.signed(offset))"
      case .expression: return "CFA = what its expression computes, \(claimed)"
      case .unspecified, nil: return "CFA = \(claimed)"
      }
    case .returnAddressSlot: return "the return address lies at \(claimed)"
    case .returnAddress: return "the return address is \(claimed)\(place(mismatch.claimedPlace))"
    case .register(let number):
      let name = RegisterNames.name(UInt16(number))
      return "the caller's \(name) is \(place(row?.registers[UInt16(number)] ?? .unspecified, name))"
    case .walk(let frame):
      return "\(frame + 1) frames further out control returns to \(claimed)\(place(mismatch.claimedPlace))"
    case .outermost: return "there is no caller"
    case .failed: return "the row leads to the caller"
    }
  }

  /// What was so: "it was rsp+16".
  var reality: String {
    switch mismatch.subject {
    case .cfa:
      guard distance.magnitude <= Self.farthest else { return "the frame was elsewhere, its CFA \(actual)" }
      if case .register(let register, let offset) = row?.cfa {
        return "it was \(RegisterNames.name(register))\(Self.signed(offset &+ distance))"
      }
      return "it was \(distance.magnitude) bytes \(distance < 0 ? "lower" : "higher")"
    case .returnAddressSlot: return "it lay at \(actual)"
    case .returnAddress, .walk: return "it was \(actual)\(place(mismatch.actualPlace))"
    case .register: return "that gives \(claimed), and the caller had \(actual)"
    case .outermost: return "control returned to \(actual)\(place(mismatch.actualPlace))"
    case .failed(let reason): return reason
    }
  }

  /// Both in one, without a full stop.
  var sentence: String {
    if case .failed(let reason) = mismatch.subject { return "the row cannot be evaluated: \(reason)" }
    return "the row says \(claim); \(reality)"
  }

  /// Who goes wrong how.
  var consequence: String {
    switch mismatch.subject {
    case .cfa where distance.magnitude <= Self.farthest:
      "every unwinder looks for the return address \(distance.magnitude) bytes too \(distance < 0 ? "high" : "low")"
    case .cfa: "every unwinder takes another frame for this one"
    case .returnAddressSlot: "who changes the return address by the row changes another word"
    case .returnAddress: "every unwinder shows another caller than there is, or none"
    case .register(let number):
      "every unwinder recovers a wrong \(RegisterNames.name(UInt16(number))) for the caller"
    case .walk: "every backtrace from here goes wrong \(number) frames further out"
    case .outermost: "every unwinder stops here, and the callers are not shown"
    case .failed: "no unwinder gets any further"
    }
  }

  /// The directive that makes the row right, where it is known: its CFA goes by a register, and is off by a distance.
  var directive: String? {
    guard case .cfa = mismatch.subject, case .register(_, let offset) = row?.cfa,
      distance.magnitude <= Self.farthest, offset &+ distance >= 0
    else { return nil }
    return ".cfi_def_cfa_offset \(offset &+ distance)"
  }

  private var number: Int {
    if case .walk(let frame) = mismatch.subject { return frame + 1 }
    return 0
  }

  private var distance: Int64 { Int64(bitPattern: mismatch.actual &- mismatch.claimed) }
  private var claimed: String { hexadecimal(mismatch.claimed) }
  private var actual: String { hexadecimal(mismatch.actual) }

  /// " in main+18".
  private func place(_ place: Mismatch.Place?) -> String { place.flatMap(name).map { " in \($0)" } ?? "" }

  private func place(_ rule: RegisterRule, _ name: String) -> String {
    switch rule {
    case .unspecified, .sameValue: "still in \(name)"
    case .undefined: "lost"
    case .offset(let offset): "saved at CFA\(Self.signed(offset))"
    case .valueOffset(let offset): "CFA\(Self.signed(offset))"
    case .register(let other): "in \(RegisterNames.name(other))"
    case .expression: "saved where its expression says"
    case .valueExpression: "what its expression computes"
    }
  }

  private static func signed(_ number: Int64) -> String { number < 0 ? "\(number)" : "+\(number)" }
}
